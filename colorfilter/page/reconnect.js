// Starts a stream that died again, for as long as the visitor wants it: from their press of Start to that of Stop.
({ start: starts, stop: stopWord }) => {
  const EVERY = 1000; // milliseconds from look to look; all that follows counts looks
  const SILENCE = 5; // without a frame, after which a stream is dead
  const PATIENCE = 10; // without the first frame, after which a start has failed
  const STEADY = 10; // with frames, after which all tries are free again
  const PAUSES = [1, 3, 8]; // before each try
  const GONE = 2; // without the server, before that is said
  const LOST = "The connection to the server is lost. The page reaches for it, and comes back by itself.";
  const AGAIN = "The video does not come. It starts again by itself";
  const GIVEN_UP = "The video does not come, after three more starts.";

  const button = ({ document }, words) =>
    [...document.querySelectorAll("button")].find(({ textContent }) => words.includes(textContent.trim()));

  // What is known of a streamer stands on its own window, and goes with it: another never starts by itself.
  const teach = (inside) => {
    if (inside.watched) return;
    const watched = { wanted: false, lived: false, tries: 0, pause: null, age: 0, quiet: 0, steady: 0, frames: 0, seen: false };
    inside.watched = watched;
    inside.RTCPeerConnection = class extends inside.RTCPeerConnection {
      constructor(...given) {
        super(...given);
        Object.assign(watched, { connection: this, age: 0, quiet: 0, steady: 0, frames: 0, seen: false });
      }
    };
    inside.document.addEventListener("click", ({ isTrusted, target }) => {
      const word = target.closest("button")?.textContent.trim();
      if (isTrusted && starts.includes(word)) want(inside);
      if (isTrusted && word === stopWord) watched.wanted = false;
    }, true);
    // The streamer itself says why a camera does not open.
    const devices = inside.navigator.mediaDevices;
    const open = devices.getUserMedia;
    devices.getUserMedia = (constraints) => open.call(devices, constraints).catch((error) => {
      if (!watched.lived) watched.wanted = false;
      throw error;
    });
  };

  const want = ({ watched }) =>
    Object.assign(watched, { wanted: true, lived: false, tries: 0, pause: null, givenUp: false, late: null, opened: false });

  // A hidden page decodes nothing that it need not show.
  const framesOf = async (connection) => {
    const stats = [...(await connection.getStats()).values()];
    const video = stats.find(({ type, kind }) => type === "inbound-rtp" && kind === "video");
    return (document.hidden ? video?.framesReceived : video?.framesDecoded) ?? 0;
  };

  const count = async (watched) => {
    const { connection } = watched;
    if (!connection?.localDescription) return; // the visitor is being asked for the camera
    const frames = await framesOf(connection);
    if (connection !== watched.connection) return;
    const moves = frames !== watched.frames && connection.connectionState === "connected";
    watched.frames = frames;
    watched.age += 1;
    watched.quiet = moves ? 0 : watched.quiet + 1;
    watched.steady = moves ? watched.steady + 1 : 0;
    if (moves) watched.seen = watched.lived = true;
    if (watched.steady >= STEADY) watched.tries = 0;
  };

  const reaches = () => fetch("_stcore/health", { cache: "no-store", signal: AbortSignal.timeout(3000) })
    .then(({ ok }) => ok, () => false);

  const startAgain = async (inside, start) => {
    const { watched } = inside;
    if (watched.tries >= PAUSES.length) return Object.assign(watched, { wanted: false, givenUp: true });
    watched.pause ??= PAUSES[watched.tries];
    if (watched.pause > 0) {
      watched.pause -= 1; // at the first look the button may still be there from the visitor's own press
      return;
    }
    watched.unreached = !(await reaches());
    // Meanwhile the same button may have become that for stopping.
    if (watched.unreached || !watched.wanted || button(inside, starts) !== start || start.disabled) return;
    watched.pause = null;
    watched.tries += 1;
    start.click();
  };

  const care = async (inside) => {
    const { watched } = inside;
    const [start, stop] = [button(inside, starts), button(inside, [stopWord])];
    if (start && !start.disabled) await startAgain(inside, start);
    else if (stop && !stop.disabled) {
      watched.pause = null;
      if (watched.quiet < (watched.seen ? SILENCE : PATIENCE)) return;
      watched.quiet = 0;
      stop.click();
    }
  };

  const sentence = (watched) => {
    if (gone >= GONE || (watched?.wanted && watched.unreached)) return [LOST];
    if (watched?.givenUp) return [GIVEN_UP, "Start again"];
    const dead = watched?.wanted && (watched.pause !== null || (watched.tries > 0 && watched.quiet > 0));
    if (dead || (watched?.wanted && watched.tries > 0 && !watched.seen)) {
      return [`${AGAIN} (${Math.min(watched.tries + (watched.pause !== null), PAUSES.length)} of ${PAUSES.length}) …`,
        "Leave it off"];
    }
    return [];
  };

  const press = (inside) => {
    const { watched } = inside;
    if (watched.givenUp) {
      want(inside);
      button(inside, starts)?.click();
    } else {
      watched.wanted = false;
      button(inside, [stopWord])?.click();
    }
    show(inside);
  };

  const bar = window.colorFilterWatch?.bar ?? document.createElement("div");
  bar.className = "watch";
  bar.setAttribute("role", "status");
  const show = (inside) => {
    const [words = "", press_ = ""] = sentence(inside?.watched);
    if (bar.dataset.says !== words + press_) {
      bar.dataset.says = words + press_;
      bar.replaceChildren(words);
      if (press_) {
        const pressed = document.createElement("button");
        pressed.textContent = press_;
        bar.append(pressed);
      }
    }
    bar.onclick = ({ target }) => target.matches("button") && press(inside);
    if (!bar.isConnected) document.querySelector(".stApp")?.append(bar);
  };

  let gone = 0;
  let looking = false;
  const look = async () => {
    if (looking) return;
    looking = true;
    try {
      const app = document.querySelector(".stApp");
      const connected = app?.dataset.testConnectionState === "CONNECTED";
      gone = connected ? 0 : gone + 1;
      const frames = [...document.querySelectorAll("iframe[title^='streamlit_webrtc']")];
      const inside = frames.map(({ contentWindow }) => contentWindow).find((it) => it?.watched);
      if (inside) {
        await count(inside.watched);
        if (!connected) inside.watched.tries = 0;
        else if (inside.watched.wanted) await care(inside);
      }
      show(inside);
      await window.colorFilterCheck.show(inside?.watched, connected);
    } finally {
      looking = false;
    }
  };

  clearInterval(window.colorFilterWatch?.timer);
  window.colorFilterWatch = { teach, bar, timer: setInterval(look, EVERY) };
}

// Starts a stream that died again, for as long as the visitor wants it: from their press of Start to that of Stop. And
// one whose source has changed, since the streamer takes another camera or size only at a start.
const LOOK_INTERVAL_MS = 1000;
const PAUSE_LOOKS = [1, 3, 8]; // before each try
const MAX_UNCONNECTED_LOOKS = 2; // without the server, before that is said

let said = {}; // see __init__.py
let unconnected = 0; // looks without the server

// What is known of a streamer is `watched` on its window: see streamer_state.js.
const streamer = () => registry.streamerDocument?.find();
const button = (inside, kind) => registry.streamerDocument?.button(inside, kind);

const serverAnswers = () => fetch("_stcore/health", { cache: "no-store", signal: AbortSignal.timeout(3000) })
  .then(({ ok }) => ok, () => false);

const startAgain = async (inside, start) => {
  const { watched } = inside;
  if (watched.tries >= PAUSE_LOOKS.length) return Object.assign(watched, { wanted: false, givenUp: true });
  watched.pause ??= PAUSE_LOOKS[watched.tries];
  if (watched.pause > 0) {
    watched.pause -= 1; // at the first look the button may still be there from the visitor's own press
    return;
  }
  watched.unreached = !(await serverAnswers());
  // Meanwhile the same button may have become that for stopping.
  if (watched.unreached || !watched.wanted || button(inside, "start") !== start || start.disabled) return;
  watched.pause = null;
  watched.tries += 1;
  start.click();
};

const restartIfDead = async (inside) => {
  const { watched } = inside;
  const [start, stop] = [button(inside, "start"), button(inside, "stop")];
  if (start && !start.disabled) await startAgain(inside, start);
  else if (stop && !stop.disabled) {
    watched.pause = null;
    if (!registry.streamHealth.isDead(watched)) return;
    watched.quiet = 0;
    stop.click();
  }
};

// The words, and the button's if there is one.
const status = (watched) => {
  if (unconnected >= MAX_UNCONNECTED_LOOKS || (watched?.wanted && watched.unreached)) return [said.lost];
  if (watched?.wanted && watched.restart) return [watched.restart.words];
  if (watched?.givenUp) return [said.givenUp, said.startAgain];
  const dead = watched?.wanted && (watched.pause !== null || (watched.tries > 0 && watched.quiet > 0));
  if (dead || (watched?.wanted && watched.tries > 0 && !watched.seen)) {
    const attempt = Math.min(watched.tries + (watched.pause !== null), PAUSE_LOOKS.length);
    return [fill(said.startingAgain, attempt, PAUSE_LOOKS.length), said.leaveOff];
  }
  return [];
};

const onPress = (inside) => {
  const { watched } = inside;
  if (watched.givenUp) {
    registry.streamerState.want(watched);
    button(inside, "start")?.click();
  } else {
    watched.wanted = false;
    button(inside, "stop")?.click();
  }
  render(inside);
};

const render = (inside) => registry.statusBar.render(status(inside?.watched), () => onPress(inside));

// Why live video cannot come, in a word.
const obstacle = (watched) => {
  if (!isSecureContext) return "insecure";
  if (document.body.dataset.camera === "none") return "camera";
  if (watched?.closed) return "closed";
  return watched?.givenUp || (watched?.failed && !watched.seen) ? "blocked" : null;
};

// A press of the streamer's button, in the visitor's name.
const toggle = () => {
  const inside = streamer();
  const [start, stop] = inside ? [button(inside, "start"), button(inside, "stop")] : [];
  if (start && !start.disabled) registry.streamerState.want(inside.watched);
  else if (stop) inside.watched.wanted = false;
  (start ?? stop)?.click();
};

const restart = (words) => {
  const inside = streamer();
  return inside && registry.restartStream(inside, words, () => render(inside));
};

// The page suggests its test card to who has no camera.
const lookForCamera = async () => {
  const devices = (await navigator.mediaDevices?.enumerateDevices()) ?? [];
  document.body.dataset.camera = devices.some(({ kind }) => kind === "videoinput") ? "found" : "none";
};

let looking = false;
const look = async () => {
  if (looking) return;
  looking = true;
  try {
    const connected = document.querySelector(".stApp")?.dataset.testConnectionState === "CONNECTED";
    unconnected = connected ? 0 : unconnected + 1;
    const inside = streamer();
    if (inside) {
      await registry.streamHealth.look(inside.watched);
      if (!connected) Object.assign(inside.watched, { tries: 0, serverLost: true });
      else if (inside.watched.wanted && !inside.watched.restart) await restartIfDead(inside);
    }
    render(inside);
    await registry.connectionCheck?.show(inside?.watched, connected);
    registry.stageShape?.obstruct(obstacle(inside?.watched));
  } finally {
    looking = false;
  }
};

export default ({ data: { words } }) => {
  said = words;
  const mounted = register("reconnecting", { toggle, restart });
  const timer = setInterval(look, LOOK_INTERVAL_MS);
  mounted.signal.addEventListener("abort", () => clearInterval(timer));
  navigator.mediaDevices?.addEventListener("devicechange", lookForCamera, { signal: mounted.signal });
  lookForCamera();
  return () => {
    if (!mounted.signal.aborted) registry.statusBar.remove();
    mounted.abort();
  };
};

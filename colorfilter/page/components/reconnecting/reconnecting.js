// Starts a stream that died again, for as long as the visitor wants it: from their press of Start to that of Stop. And
// one whose source has changed, since the streamer takes another camera or size only at a start.
const LOOK_INTERVAL_MS = 1000; // milliseconds from look to look; all that follows counts looks
const MAX_SILENT_LOOKS = 5; // without a frame or a part of one, after which a stream is dead
const MAX_AWAY_LOOKS = 14; // the same while the network is away, which the connection outlives: a new one needs it too
const MIN_UNANSWERED_LOOKS = 3; // without an answer to ICE, which asks every 2.5 s, after which the network is away
const MAX_STUCK_LOOKS = 20; // with parts of frames alone: on a line so slow a new start would be slower still
const MAX_START_LOOKS = 10; // without the first frame, after which a start has failed
const STEADY_LOOKS = 10; // with frames, after which all tries are free again
const PAUSE_LOOKS = [1, 3, 8]; // before each try
const RESTART_LOOK_INTERVAL_MS = 30;
const MAX_STOP_MS = 3000; // until the server has answered to the stop of a restart
const MAX_UNCONNECTED_LOOKS = 2; // without the server, before that is said
const SERVER_LOST = "The connection to the server is lost. The page reaches for it, and comes back by itself.";
const STARTING_AGAIN = "The video does not come. It starts again by itself";
const GIVEN_UP = "The video does not come, after three more starts.";

// What is known of a streamer is `watched` on its window: see streamer_state.js.
const streamer = () => registry.streamerDocument?.find();
const button = (inside, kind) => registry.streamerDocument?.button(inside, kind);

// Stop, and start as soon as the server has heard of it: an offer that comes before would go to the old connection.
const restart = async (inside, words) => {
  const { watched } = inside;
  if (!watched.wanted) return;
  const mine = watched.restart = { words };
  renderBar(inside);
  const ready = (kind) => {
    const found = button(inside, kind);
    return found?.disabled ? null : found;
  };
  const goesOn = () => watched.wanted && watched.restart === mine;
  const until = async (condition, ms) => {
    if (condition() || ms <= 0 || !goesOn()) return goesOn();
    await new Promise((done) => { setTimeout(done, RESTART_LOOK_INTERVAL_MS); });
    return until(condition, ms - RESTART_LOOK_INTERVAL_MS);
  };
  ready("stop")?.click();
  await until(() => ready("start"), MAX_STOP_MS);
  if (await until(() => !watched.answered, MAX_STOP_MS)) ready("start")?.click();
  registry.streamerState.forgetFrames(watched);
  await until(() => watched.seen, MAX_START_LOOKS * LOOK_INTERVAL_MS);
  if (watched.restart === mine) watched.restart = null;
  renderBar(inside);
};

// A hidden page decodes nothing that it need not show.
const received = async (connection) => {
  const stats = await connection.getStats().then((all) => [...all.values()], () => []);
  const video = stats.find(({ type, kind }) => type === "inbound-rtp" && kind === "video");
  const frames = document.hidden ? video?.framesReceived : video?.framesDecoded;
  const pairs = stats.filter(({ type }) => type === "candidate-pair");
  const answers = pairs.reduce((sum, { responsesReceived }) => sum + responsesReceived, 0); // NaN in Firefox, which tells none
  return { frames: frames ?? 0, bytes: video?.bytesReceived ?? 0, answers };
};

const countFrames = async (watched) => {
  const { connection } = watched;
  // Firefox tells nothing of a closed connection but that. One without a description: the visitor is asked for the camera.
  if (!connection || (connection.signalingState !== "closed" && !connection.localDescription)) return;
  const { frames, bytes, answers } = await received(connection);
  if (connection !== watched.connection) return;
  const connected = connection.connectionState === "connected";
  const moves = connected && frames !== watched.frames;
  const arrives = connected && bytes !== watched.bytes;
  watched.unanswered = answers === watched.answers ? watched.unanswered + 1 : 0;
  Object.assign(watched, { frames, bytes, answers });
  watched.age += 1;
  watched.stuck = moves ? 0 : watched.stuck + 1;
  watched.quiet = moves || (arrives && watched.stuck < MAX_STUCK_LOOKS) ? 0 : watched.quiet + 1;
  watched.steady = moves ? watched.steady + 1 : 0;
  if (moves) Object.assign(watched, { seen: true, lived: true, serverLost: false });
  if (watched.steady >= STEADY_LOOKS) watched.tries = 0;
};

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

const maxQuietLooks = ({ seen, unanswered, serverLost, connection }) => {
  if (!seen) return MAX_START_LOOKS;
  const ended = serverLost || ["failed", "closed"].includes(connection?.connectionState);
  return unanswered >= MIN_UNANSWERED_LOOKS && !ended ? MAX_AWAY_LOOKS : MAX_SILENT_LOOKS;
};

const restartIfDead = async (inside) => {
  const { watched } = inside;
  const [start, stop] = [button(inside, "start"), button(inside, "stop")];
  if (start && !start.disabled) await startAgain(inside, start);
  else if (stop && !stop.disabled) {
    watched.pause = null;
    if (watched.quiet < maxQuietLooks(watched)) return;
    watched.quiet = 0;
    stop.click();
  }
};

const statusText = (watched) => {
  if (gone >= MAX_UNCONNECTED_LOOKS || (watched?.wanted && watched.unreached)) return [SERVER_LOST];
  if (watched?.wanted && watched.restart) return [watched.restart.words];
  if (watched?.givenUp) return [GIVEN_UP, "Start again"];
  const dead = watched?.wanted && (watched.pause !== null || (watched.tries > 0 && watched.quiet > 0));
  if (dead || (watched?.wanted && watched.tries > 0 && !watched.seen)) {
    return [`${STARTING_AGAIN} (${Math.min(watched.tries + (watched.pause !== null), PAUSE_LOOKS.length)} of ${PAUSE_LOOKS.length}) …`,
      "Leave it off"];
  }
  return [];
};

const onPress = (inside) => {
  const { watched } = inside;
  if (watched.givenUp) {
    registry.streamerState.want(inside.watched);
    button(inside, "start")?.click();
  } else {
    watched.wanted = false;
    button(inside, "stop")?.click();
  }
  renderBar(inside);
};

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

const bar = document.createElement("div");
bar.className = "watch";
bar.setAttribute("role", "status");
const renderBar = (inside) => {
  const [words = "", buttonText = ""] = statusText(inside?.watched);
  if (bar.dataset.says !== words + buttonText) {
    bar.dataset.says = words + buttonText;
    bar.replaceChildren(words);
    if (buttonText) {
      const pressed = document.createElement("button");
      pressed.textContent = buttonText;
      bar.append(pressed);
    }
  }
  bar.onclick = ({ target }) => target.matches("button") && onPress(inside);
  if (!bar.isConnected) document.querySelector(".stApp")?.append(bar);
};

// The page suggests its test card to who has no camera.
const lookForCamera = async () => {
  const devices = (await navigator.mediaDevices?.enumerateDevices()) ?? [];
  document.body.dataset.camera = devices.some(({ kind }) => kind === "videoinput") ? "found" : "none";
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
    const inside = streamer();
    if (inside) {
      await countFrames(inside.watched);
      if (!connected) Object.assign(inside.watched, { tries: 0, serverLost: true });
      else if (inside.watched.wanted && !inside.watched.restart) await restartIfDead(inside);
    }
    renderBar(inside);
    await registry.connectionCheck?.show(inside?.watched, connected);
    registry.stageShape?.obstruct(obstacle(inside?.watched));
  } finally {
    looking = false;
  }
};

export default () => {
  const mounted = register("reconnecting", { toggle, restart: (words) => streamer() && restart(streamer(), words) });
  const timer = setInterval(look, LOOK_INTERVAL_MS);
  mounted.signal.addEventListener("abort", () => clearInterval(timer));
  navigator.mediaDevices?.addEventListener("devicechange", lookForCamera, { signal: mounted.signal });
  lookForCamera();
  return () => {
    if (!mounted.signal.aborted) bar.remove();
    mounted.abort();
  };
};

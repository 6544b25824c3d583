// The choice among several cameras, which only the browser knows. It remembers the chosen one for the next visit.
const KEY = "colorfilter.camera";
let words = {}; // see __init__.py

const remembered = () => {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
};
let chosen = remembered();

// Demanded, for as a wish it counts less than a size that another camera has. The streamer demands the camera of last
// time. Where it is gone, or has a new name in this visit, any will do.
const open = async (getUserMedia, constraints) => {
  const { deviceId, ...any } = constraints.video || {};
  const demanded = chosen ? { exact: chosen } : deviceId;
  if (!constraints.video || !demanded) return getUserMedia(constraints);
  const { facingMode: _, ...one } = any;
  return getUserMedia({ ...constraints, video: { ...one, deviceId: demanded } }).catch((error) => {
    if (error.name !== "OverconstrainedError" && error.name !== "NotFoundError") throw error;
    return getUserMedia({ ...constraints, video: any });
  });
};

const change = ({ target }) => {
  chosen = target.value;
  try {
    localStorage.setItem(KEY, chosen);
  } catch {
    // A browser may keep nothing.
  }
  registry.reconnecting?.restart(words.restart);
};

// Before the camera is allowed, browsers say neither which cameras there are nor their names.
const look = async () => {
  const place = document.querySelector(".camera-place");
  if (!place) return;
  const devices = (await navigator.mediaDevices?.enumerateDevices()) ?? [];
  const cameras = devices.filter(({ kind, deviceId, label }) => kind === "videoinput" && deviceId && label);
  if (cameras.length < 2) return place.replaceChildren();
  const known = cameras.map(({ deviceId }) => deviceId).join();
  if (place.dataset.known === known && place.firstChild) return;
  place.dataset.known = known;
  const select = document.createElement("select");
  select.append(...cameras.map(({ deviceId, label }) => new Option(label, deviceId, false, deviceId === chosen)));
  select.onchange = change;
  const label = document.createElement("label");
  label.append(words.label, select);
  place.replaceChildren(label);
};

export default ({ data }) => {
  words = data.words;
  const mounted = register("cameraChoice", { open, look });
  navigator.mediaDevices?.addEventListener("devicechange", look, { signal: mounted.signal });
  look();
  return () => mounted.abort();
};

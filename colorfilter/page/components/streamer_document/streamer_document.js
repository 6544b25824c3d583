// All that reaches into the streamer's document, which is streamlit-webrtc's. A step that finds it changed is left out.
// What is attached to a streamer goes with it, and asks the registry anew at each event.
const STREAMERS = "iframe[title^='streamlit_webrtc']";
let given = { style: "", start: [], stop: "", errors: {}, startingAgain: "" }; // see __init__.py

const isButton = (kind, button) => given[kind].includes(button?.textContent.trim());
const buttonOf = ({ document: inside }, kind) => [...inside.querySelectorAll("button")].find((one) => isButton(kind, one));

const dress = ({ document: inside }) => {
  inside.body.append(Object.assign(inside.createElement("style"), { textContent: given.style }));
  inside.documentElement.translate = false; // its buttons are known by their words
};

// The streamer shows an error of the camera as "name: message".
const explain = (error) => {
  const sentence = given.errors[error.name];
  return sentence ? Object.assign(new Error(sentence[1]), { name: sentence[0] }) : error;
};

const wrapCamera = (inside) => {
  if (!inside.navigator.mediaDevices) {
    const getUserMedia = () => Promise.reject(new TypeError());
    const enumerateDevices = () => Promise.resolve([]);
    Object.defineProperty(inside.navigator, "mediaDevices", { value: { getUserMedia, enumerateDevices } });
  }
  const devices = inside.navigator.mediaDevices;
  const open = devices.getUserMedia.bind(devices);
  devices.getUserMedia = async (constraints) => {
    try {
      const { cameraChoice } = registry;
      const stream = await (cameraChoice ? cameraChoice.open(open, constraints) : open(constraints));
      registry.cameraChoice?.look();
      return stream;
    } catch (error) {
      // The streamer itself says why a camera does not open.
      if (!inside.watched.lived) Object.assign(inside.watched, { wanted: false, closed: true });
      throw explain(error);
    }
  };
};

const watchConnections = (inside) => {
  inside.RTCPeerConnection = class extends inside.RTCPeerConnection {
    #offer = null; // that waits for the server's answer

    constructor(configuration, ...others) {
      super(configuration, ...others);
      this.credentialsFollow = configuration?.credentialsFollow;
      registry.streamerState.connect(inside.watched, this);
    }

    // TURN's credentials come with the answer, since only who has a place gets them. The browser looks for ways to the
    // server from its description on, so that waits too; the streamer sends it at once.
    async setLocalDescription(...description) {
      if (!this.credentialsFollow) return super.setLocalDescription(...description);
      this.#offer = new inside.RTCSessionDescription(...description);
    }

    get localDescription() {
      return super.localDescription ?? this.#offer;
    }

    async #takeCredentials() {
      this.credentialsFollow = false;
      this.setConfiguration({ ...this.getConfiguration(), ...inside.watched.configuration });
      await super.setLocalDescription(this.#offer);
    }

    // The streamer would close a connection whose network is away for a few seconds. It still hears of one that failed.
    addEventListener(type, listener, ...options) {
      const heard = (event) => this.connectionState !== "disconnected" && listener.call(this, event);
      super.addEventListener(type, type === "connectionstatechange" ? heard : listener, ...options);
    }

    async setRemoteDescription(...description) {
      if (this.credentialsFollow) await this.#takeCredentials();
      await super.setRemoteDescription(...description);
      registry.degradation.attach(this);
    }
  };
};

// What the page asks of the streamer. Python tells it with each run of the page.
const compareSource = ({ watched }, { media_stream_constraints: asked, sdp_answer_json: answer, rtc_configuration: configuration }) => {
  const source = JSON.stringify(asked);
  const changed = watched.source !== undefined && watched.source !== source;
  Object.assign(watched, { source, configuration, answered: Boolean(answer) });
  if (changed) registry.reconnecting?.restart(fill(given.startingAgain, asked.video.height.ideal));
};

const watchSource = (inside) =>
  inside.addEventListener("message", ({ data }) => data?.type === "streamlit:render" && compareSource(inside, data.args), true);

const watchPresses = (inside) =>
  inside.document.addEventListener("click", ({ isTrusted, target }) => {
    const button = target.closest("button");
    if (isTrusted && isButton("start", button)) registry.streamerState.want(inside.watched);
    if (isTrusted && isButton("stop", button)) inside.watched.wanted = false;
  }, true);

// With the keyboard's focus in the streamer its document has the keys.
const passKeys = ({ document: inside }) =>
  inside.addEventListener("keydown", (event) => registry.keys?.onKey(event), true);

const watchVideo = ({ document: inside }) => {
  const known = new WeakSet();
  const look = () => {
    const video = inside.querySelector("video");
    registry.stageShape?.fit(video);
    if (!video || known.has(video)) return;
    known.add(video);
    for (const event of ["loadeddata", "resize", "emptied"]) {
      video.addEventListener(event, () => registry.stageShape?.fit(video));
    }
  };
  new MutationObserver(look).observe(inside.body, { childList: true, subtree: true });
  look();
};

const STEPS = { dress, wrapCamera, watchConnections, watchSource, watchPresses, passKeys, watchVideo };

const attach = ({ contentWindow: inside, contentDocument: document }) => {
  if (!document?.body || document.URL === "about:blank" || document.body.dataset.attached) return;
  document.body.dataset.attached = "yes";
  inside.watched = registry.streamerState.create();
  const failed = Object.entries(STEPS).flatMap(([name, step]) => {
    try {
      step(inside);
      return [];
    } catch (error) {
      return [`${name}: ${error}`];
    }
  });
  if (failed.length > 0) console.debug("The streamer has changed; the page goes on without:", failed);
};

const streamers = () => [...document.querySelectorAll(STREAMERS)];

const find = () => streamers().map(({ contentWindow }) => contentWindow).find((one) => one?.watched);

// A streamer says to the page that it is ready, and only then gets what it shows: no button comes up as it was.
const onMessage = ({ source }) => streamers().filter(({ contentWindow }) => contentWindow === source).forEach(attach);

export default ({ data }) => {
  given = { ...data, stop: [data.stop] };
  const cover = (...what) => registry.cover(find()?.document, ...what);
  const mounted = register("streamerDocument", { find, button: buttonOf, cover });
  window.addEventListener("message", onMessage, { signal: mounted.signal });
  streamers().forEach(attach);
  return () => mounted.abort();
};

(sentences) => {
  // In the streamer's document: the video fills all but a row for the button, and lies on the page's still.
  const LOOKS = `
    html, body, #root, #root > div { height: 100%; margin: 0; overflow: hidden; background: transparent !important; }
    #root > div { display: grid; grid-template-rows: minmax(0, 1fr) auto; }
    #root > div > :nth-last-child(2) { grid-row: 1; min-height: 0; padding: 0; border-radius: 0.5rem; overflow: hidden; }
    #root > div > :last-child { grid-row: 2; padding-top: 0.5rem; }
    #root > div > :last-child > button { display: none; }
    #root .MuiPaper-root:not([role=alert]) { width: 100%; height: 100%; background: transparent; }
    #root .MuiPaper-root:not([role=alert]) > svg { visibility: hidden; }
    [role=alert] { position: absolute; z-index: 1; inset: 0.5rem 0.5rem auto; }
    button { min-height: 2.75rem; text-transform: none !important; font-size: 1rem !important; }
  `;

  const explain = (error) => {
    const sentence = sentences[error.name];
    return sentence ? Object.assign(new Error(sentence[1]), { name: sentence[0] }) : error;
  };

  const teach = ({ contentWindow: inside, contentDocument: document }) => {
    if (!document?.body || document.body.dataset.taught) return;
    document.body.dataset.taught = "yes";
    const style = document.createElement("style");
    style.textContent = LOOKS;
    document.body.append(style);
    if (!inside.navigator.mediaDevices) {
      const getUserMedia = () => Promise.reject(new TypeError());
      const enumerateDevices = () => Promise.resolve([]);
      Object.defineProperty(inside.navigator, "mediaDevices", { value: { getUserMedia, enumerateDevices } });
    }
    const devices = inside.navigator.mediaDevices;
    const open = devices.getUserMedia;
    devices.getUserMedia = (wanted) => window.colorFilterCamera.open(open.bind(devices), wanted).then(
      (stream) => { window.colorFilterCamera.look(); return stream; },
      (error) => { throw explain(error); });
    window.colorFilterWatch.teach(inside);
    window.colorFilterStage.teach(inside);
    window.colorFilterBooth.teach(inside);
    window.colorFilterKeys.teach(inside);
  };

  // The page suggests its test card to who has no camera.
  const lookForCamera = async () => {
    const devices = (await navigator.mediaDevices?.enumerateDevices()) ?? [];
    document.body.dataset.camera = devices.some(({ kind }) => kind === "videoinput") ? "found" : "none";
  };
  lookForCamera();
  navigator.mediaDevices?.addEventListener("devicechange", lookForCamera);

  // A streamer says to the page that it is ready, and only then gets what it shows: no button comes up untaught.
  const teachTheReady = ({ source }) => {
    const frames = [...document.querySelectorAll("iframe[title^='streamlit_webrtc']")];
    frames.filter(({ contentWindow }) => contentWindow === source).forEach(teach);
  };

  // The page may run this again.
  window.removeEventListener("message", window.colorFilterStreamer?.teachTheReady);
  window.addEventListener("message", teachTheReady);
  window.colorFilterStreamer = { teachTheReady };
}

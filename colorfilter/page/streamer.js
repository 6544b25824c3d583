(sentences) => {
  const explain = (error) => {
    const sentence = sentences[error.name];
    return sentence ? Object.assign(new Error(sentence[1]), { name: sentence[0] }) : error;
  };

  // The page's keys, such as the snapshot's, would not work with the keyboard's focus in here or on a choice.
  const passOn = ({ key, code, ctrlKey, altKey, metaKey, shiftKey, repeat }) => {
    const pressed = { key, code, ctrlKey, altKey, metaKey, shiftKey, repeat, bubbles: true };
    document.body.dispatchEvent(new KeyboardEvent("keydown", pressed));
  };
  const passOnFromChoices = (event) => {
    if (event.target.matches("input[type=radio], input[type=checkbox], input[type=range]")) passOn(event);
  };

  const teach = ({ contentWindow: inside, contentDocument: document }) => {
    if (!document?.body || document.body.dataset.taught) return;
    document.body.dataset.taught = "yes";
    const style = document.createElement("style");
    style.textContent = "button { text-transform: none !important; }";
    document.body.append(style);
    document.addEventListener("keydown", passOn);
    if (!inside.navigator.mediaDevices) {
      const getUserMedia = () => Promise.reject(new TypeError());
      const enumerateDevices = () => Promise.resolve([]);
      Object.defineProperty(inside.navigator, "mediaDevices", { value: { getUserMedia, enumerateDevices } });
    }
    const devices = inside.navigator.mediaDevices;
    const open = devices.getUserMedia;
    devices.getUserMedia = (wanted) => open.call(devices, wanted).catch((error) => { throw explain(error); });
    window.colorFilterWatch.teach(inside);
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
  const listeners = { keydown: passOnFromChoices, message: teachTheReady };
  for (const [event, listener] of Object.entries(listeners)) {
    window.removeEventListener(event, window.colorFilter?.[event]);
    window.addEventListener(event, listener);
  }
  window.colorFilter = listeners;
}

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

  const teach = (frame) => {
    const inside = frame.contentWindow;
    const document = frame.contentDocument;
    if (!document || !document.querySelector("button") || document.body.dataset.taught) return;
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
    const open = devices.getUserMedia.bind(devices);
    devices.getUserMedia = (wanted) => open(wanted).catch((error) => { throw explain(error); });
  };

  document.removeEventListener("keydown", window.colorFilterKeys);
  window.colorFilterKeys = passOnFromChoices;
  document.addEventListener("keydown", passOnFromChoices);

  // An iframe may be replaced at any time, so look again and again.
  clearInterval(window.colorFilterTeacher);
  window.colorFilterTeacher = setInterval(
    () => document.querySelectorAll("iframe[title^='streamlit_webrtc']").forEach(teach), 200);
}

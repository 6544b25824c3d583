// The system's share sheet, where the browser has one.
export default ({ data, parentElement }) => {
  const button = parentElement.querySelector("button");
  button.hidden = !navigator.share;
  // Who closes the sheet again has it reject.
  button.onclick = () => navigator.share({ title: document.title, url: data.url }).catch(() => undefined);
};

// The system's share sheet, where the browser has one: the link, and where it takes files the newest snapshot, or else what
// stands on the stage before the start.
const picture = async () => {
  const image = document.querySelector("[class*=st-key-newest_] img") ?? [...document.querySelectorAll(".st-key-still img")].at(-1);
  const data = await (await fetch(image.src)).blob();
  return new File([data], `color-filter.${data.type.split("/")[1]}`, { type: data.type });
};

export default ({ data, parentElement }) => {
  const button = parentElement.querySelector("button");
  button.hidden = !navigator.share;
  button.onclick = async () => {
    const file = await picture().catch(() => null);
    const files = file && navigator.canShare?.({ files: [file] }) ? { files: [file] } : {};
    navigator.share({ title: document.title, url: data.url, ...files }).catch(() => undefined); // who closes the sheet has it reject
  };
};

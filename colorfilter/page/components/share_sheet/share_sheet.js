// The system's share sheet, where the browser has one: the link, and where it takes files the newest snapshot, or else what
// stands on the stage. The picture is fetched before the press: Safari takes what is shared in the press alone.
const picture = async () => {
  const image = document.querySelector("[class*=st-key-newest_] img") ?? [...document.querySelectorAll(".st-key-still img")].at(-1);
  const data = await (await fetch(image.src)).blob();
  return new File([data], `color-filter.${data.type.split("/")[1]}`, { type: data.type });
};

export default ({ data, parentElement }) => {
  const button = parentElement.querySelector("button");
  const shared = { title: document.title, url: data.url };
  button.hidden = !navigator.share;
  button.onclick = () => navigator.share(shared).catch(() => undefined); // who closes the sheet has it reject
  picture().then((file) => {
    if (!navigator.canShare?.({ files: [file] })) return;
    shared.files = [file];
    button.textContent = data.both;
  }).catch(() => undefined);
};

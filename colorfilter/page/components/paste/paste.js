// A pasted picture goes the uploader's own way, as if it had been chosen: the same limits, sentences and place in memory.
const INPUT = ".st-key-file input[type=file]";
const WAIT_MS = 10_000; // for the uploader, once it is asked for

const uploader = (source) => new Promise((resolve) => {
  const found = () => document.querySelector(INPUT);
  if (found()) return resolve(found());
  const observer = new MutationObserver(() => found() && settle());
  const settle = () => {
    observer.disconnect();
    resolve(found());
  };
  observer.observe(document.body, { childList: true, subtree: true });
  setTimeout(settle, WAIT_MS);
  document.querySelectorAll(".st-key-picture_from [role=radio]")[source]?.click();
});

const hand = (input, file) => {
  const transfer = new DataTransfer();
  transfer.items.add(file);
  input.files = transfer.files;
  input.dispatchEvent(new Event("change", { bubbles: true }));
};

export default ({ data }) => {
  const mounted = register("paste", {});
  const onPaste = async (event) => {
    const [file] = event.clipboardData?.files ?? [];
    // The uploader takes what is pasted into it, and a dialog is no place for a picture.
    if (!file || event.defaultPrevented || event.target.closest?.("[role=dialog], dialog")) return;
    event.preventDefault();
    const input = await uploader(data.source);
    if (input) hand(input, file);
  };
  document.addEventListener("paste", onPaste, { signal: mounted.signal });
  return () => mounted.abort();
};

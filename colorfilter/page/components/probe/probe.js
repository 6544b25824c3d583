// The cross on the picture, and the color under it: pressed or moved by keys; a press on a color copies it.
const SEND_INTERVAL_MS = 150;
const SHOWN_MS = 1500;
const KEYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export default ({ data, parentElement, setStateValue }) => {
  const cross = parentElement.querySelector(".probe-cross");
  const said = parentElement.querySelector(".probe-said");
  const noted = parentElement.querySelector(".probe-noted"); // not in the other: its color would be read out again
  const area = cross.parentElement;
  const kept = (area.probe ??= { at: [data.x, data.y] });

  const show = () => {
    area.style.setProperty("--x", kept.at[0]);
    area.style.setProperty("--y", kept.at[1]);
  };
  // What became of a copy, on its button and in its live region, for a while.
  const note = (button, words) => {
    endNote();
    noted.textContent = button.textContent = words;
    kept.note = { button, timer: setTimeout(endNote, SHOWN_MS) };
  };
  const endNote = () => {
    if (!kept.note) return;
    clearTimeout(kept.note.timer);
    noted.textContent = "";
    kept.note.button.textContent = kept.note.button.told;
    kept.note = undefined;
  };
  const move = (x, y) => {
    endNote();
    kept.at = [x, y].map((share) => Math.round(1000 * Math.min(Math.max(share, 0), 1)) / 1000);
    show();
    kept.timer ??= setTimeout(() => {
      kept.timer = undefined;
      setStateValue("at", kept.at);
    }, SEND_INTERVAL_MS);
  };

  area.classList.add("probe-area");
  area.onpointerdown = (event) => {
    if (event.button !== 0 || event.target.closest("button")) return;
    const { left, top, width, height } = area.getBoundingClientRect();
    move((event.clientX - left) / width, (event.clientY - top) / height);
  };
  cross.onkeydown = (event) => {
    const by = KEYS[event.key];
    if (!by || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();
    move(kept.at[0] + by[0] / 100, kept.at[1] + by[1] / 100);
  };

  const tell = (button, color, copy) => {
    button.hidden = !color;
    if (!color) return;
    button.style.setProperty("--color", color.hex);
    button.told = `${color.name} ${color.hex}`;
    if (kept.note?.button !== button) button.textContent = button.told;
    button.ariaLabel = fill(copy, color.hex, color.name);
    button.onclick = async () => {
      const words = (await toClipboard(color.hex)) ? data.words.copied : data.words.notCopied;
      note(button, fill(words, color.hex));
    };
  };
  tell(parentElement.querySelector(".before"), data.before, data.words.copyBefore);
  tell(parentElement.querySelector(".after"), data.after, data.words.copyAfter);
  if (said.textContent !== data.said) said.textContent = data.said;
  show();
};

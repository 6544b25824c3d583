// The photo booth on the stage: a count-down before a snapshot, a flash with it, and the snapshot large for a moment.
const SECOND_MS = 1000;
const FLASH_MS = 400; // at most two flashes a second; more than three can harm (WCAG 2.3.1); as in inside.css
const SHOWN_MS = 1600;
const [LOOK_MS, MAX_LOOKS] = [100, 50]; // for the new snapshot, which comes from the server
const SNAPSHOT = ".st-key-snapshot button";

let words = {}; // see __init__.py

const said = document.createElement("div");
said.className = "booth-said";
said.setAttribute("aria-live", "assertive");

const cover = (...what) => registry.streamerDocument?.cover(...what);

const coverFor = (milliseconds, ...what) => {
  const made = cover(...what);
  setTimeout(() => made?.remove(), milliseconds);
};

// ---- The newest snapshot ----

const newest = () => {
  const holder = document.querySelector("[class*='st-key-newest_']");
  const number = Number(/st-key-newest_(\d+)/.exec(holder?.className)?.[1] ?? 0);
  return { number, image: holder?.querySelector("img") };
};

const showNext = async (before, looks = MAX_LOOKS) => {
  const { number, image } = newest();
  if (number <= before || !image?.src) {
    if (looks > 0) setTimeout(showNext, LOOK_MS, before, looks - 1);
    return;
  }
  const inside = registry.streamerDocument?.find()?.document;
  if (!inside) return;
  const print = inside.createElement("img"); // one of this document would load again in that one
  print.src = image.src;
  print.alt = "";
  await print.decode();
  said.textContent = fill(words.taken, number);
  coverFor(SHOWN_MS, "print", print);
};

let flashed = -Infinity;
const flash = () => {
  const now = performance.now();
  if (now - flashed < SECOND_MS / 2) return;
  flashed = now;
  coverFor(FLASH_MS, "flash");
};

// ---- The count-down ----

let counting = null;

const seconds = () =>
  Number.parseInt(document.querySelector(".st-key-count_down [aria-checked=true]")?.textContent.trim(), 10) || 0;

const cancel = (sentence) => {
  clearTimeout(counting?.timer);
  counting?.digit?.remove();
  counting = null;
  said.textContent = sentence;
};

const take = () => {
  flash();
  showNext(newest().number);
  document.querySelector(SNAPSHOT).click();
};

const tick = () => {
  if (!document.querySelector(SNAPSHOT)) return cancel(words.stopped);
  const left = Math.ceil((counting.end - performance.now()) / SECOND_MS);
  if (left <= 0) {
    cancel("");
    return take();
  }
  if (left !== counting.left) {
    counting.left = left;
    const digit = document.createElement("b");
    digit.textContent = said.textContent = String(left);
    counting.digit = cover("count-down", digit);
  }
  counting.timer = setTimeout(tick, counting.end - performance.now() - (left - 1) * SECOND_MS);
};

const escape = () => Boolean(counting) && (cancel(words.off), true);

// A press of the button or its key. Once more ends the count-down.
const press = () => {
  if (!document.querySelector(SNAPSHOT) || escape()) return;
  if (!seconds()) return take();
  counting = { end: performance.now() + seconds() * SECOND_MS };
  tick();
};

// Streamlit gets the press that the end of the count-down makes, not the visitor's own.
const onClick = (event) => {
  if (!event.isTrusted || !event.target.closest?.(SNAPSHOT)) return;
  event.stopImmediatePropagation();
  setTimeout(press); // a button that a key presses takes no second press meanwhile
};

export default ({ data }) => {
  words = data.words;
  if (!said.isConnected) document.querySelector(".stApp").append(said); // where full screen does not hide it
  const mounted = register("booth", { press, escape });
  window.addEventListener("click", onClick, { capture: true, signal: mounted.signal });
  return () => {
    if (!mounted.signal.aborted) said.remove();
    mounted.abort();
  };
};

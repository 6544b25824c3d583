// Full screen: the stage and the colors alone. They fill the window where the browser has no full screen for a page, as
// on an iPhone. The page's style does the rest, by the class.
const CLASS = "full-screen";
const BUTTONS = "[class*='full_screen'] button";

const isFull = () => document.body.classList.contains(CLASS);

const show = (full) => {
  const byKeyboard = document.activeElement?.matches(`${BUTTONS}:focus-visible`);
  document.body.classList.toggle(CLASS, full);
  // The pressed button is gone; the focus goes to the one back.
  if (byKeyboard) [...document.querySelectorAll(BUTTONS)].find((button) => button.checkVisibility())?.focus();
};

const enter = async () => {
  show(true);
  if (document.fullscreenEnabled) await document.documentElement.requestFullscreen().catch(() => undefined);
};

const leave = async () => {
  show(false);
  if (document.fullscreenElement) await document.exitFullscreen();
};

const toggle = () => (isFull() ? leave() : enter());

// The browser's own key does this where it has full screen.
const escape = () => isFull() && (leave(), true);

const onChange = () => document.fullscreenElement ?? show(false);

const onClick = (event) => {
  if (!event.target.closest?.(BUTTONS)) return;
  event.stopImmediatePropagation(); // the page need not run for that
  toggle();
};

export default () => {
  const mounted = register("fullScreen", { toggle, escape });
  document.addEventListener("fullscreenchange", onChange, { signal: mounted.signal });
  window.addEventListener("click", onClick, { capture: true, signal: mounted.signal });
  return () => mounted.abort();
};

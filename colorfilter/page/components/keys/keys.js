// The page's keys. A key is left to the browser where somebody types, with a modifier, and in an open dialog.
const STREAMER = "iframe[title^='streamlit_webrtc']";
const TYPING = "input:not([type=radio], [type=checkbox], [type=range], [type=button]), textarea, select, [contenteditable]";
const PRESSED_BY_SPACE = "button, a[href], summary, input, [role=button], [role=radio], [role=switch], [role=slider]";

// Of the group that is shown.
const chooseFilter = (place) =>
  [...document.querySelectorAll(".st-key-filter label:has(input[type=radio])")].filter((label) => label.checkVisibility())
    .at(place - 1)?.control.click(); // a press on the label would take the focus in Firefox

const compare = () => {
  const [filter, comparison] = document.querySelectorAll(".st-key-view [role=radio]"); // by place: a browser may translate
  (comparison?.ariaChecked === "true" ? filter : comparison)?.click();
};

let list; // the dialog

const toggleList = () => {
  if (list.open) list.close();
  else list.showModal();
};

const fillList = (keys) => {
  const make = (tag, ...inside) => {
    const made = document.createElement(tag);
    made.append(...inside);
    return made;
  };
  const rows = keys.flatMap(([key, words]) => [make("dt", make("kbd", key)), make("dd", words)]);
  list.querySelector("dl").replaceChildren(...rows);
  list.onclick = ({ target }) => (target === list || target.matches("button")) && list.close();
};

const ACTIONS = {
  c: compare,
  s: () => registry.booth?.press(),
  r: () => document.querySelector(".st-key-record button")?.click(),
  f: () => registry.fullScreen?.toggle(),
  "?": toggleList,
};

// Digits need Shift on some keyboards: there the place of the key counts without it.
const digitOf = ({ key, code, shiftKey }) => {
  if (/^[1-8]$/.test(key)) return Number(key);
  return shiftKey ? 0 : Number(/^Digit([1-8])$/.exec(code)?.[1] ?? 0);
};

// A choice that was pressed with the mouse keeps the focus, but Space does nothing there. A key makes it :focus-visible.
const focus = { byPointer: false };
const onPointer = () => { focus.byPointer = true; };
const leavesSpaceTo = (target) => {
  const pressed = target.closest(PRESSED_BY_SPACE);
  return pressed && !(focus.byPointer && pressed.matches("input[type=radio]:checked, [role=radio][aria-checked=true]"));
};

const actionOf = (event) => {
  const { key, shiftKey, target } = event;
  if (key === "Escape") return registry.booth?.escape() || registry.fullScreen?.escape() ? () => {} : null;
  if (key === "?") return toggleList;
  const digit = digitOf(event);
  if (digit) return () => chooseFilter(digit);
  if (shiftKey) return null;
  if (key === " ") return leavesSpaceTo(target) || !document.querySelector(STREAMER) ? null : registry.reconnecting?.toggle;
  return ACTIONS[key.toLowerCase()];
};

const onKey = (event) => {
  const { key, ctrlKey, altKey, metaKey, isComposing, repeat, target } = event;
  if (/^(Tab|Arrow)/.test(key)) focus.byPointer = false;
  if (ctrlKey || altKey || metaKey || isComposing || !target.closest || target.closest(TYPING)) return;
  if ((list.open || target.closest("[role=dialog]")) && !(list.open && key === "?")) return;
  const action = actionOf(event);
  if (!action) return;
  // Streamlit has keys of its own, such as R, which runs the page again; Space would scroll.
  event.preventDefault();
  event.stopImmediatePropagation();
  if (!repeat) action();
};

export default ({ data, parentElement }) => {
  list = parentElement.querySelector("dialog");
  fillList(data.keys);
  parentElement.querySelector(".keys-button").onclick = toggleList;
  const mounted = register("keys", { onKey });
  window.addEventListener("keydown", onKey, { capture: true, signal: mounted.signal });
  window.addEventListener("pointerdown", onPointer, { capture: true, signal: mounted.signal });
  return () => mounted.abort();
};

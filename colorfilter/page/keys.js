// The page's keys. A key is left to the browser where somebody types, with a modifier, and in an open dialog.
() => {
  const KEYS = [
    ["1 … 8", "Choose a filter"],
    ["C", "Compare with the original, and back"],
    ["S", "Snapshot; once more ends the count-down"],
    ["R", "Record, and stop recording"],
    ["F", "Full screen, and back"],
    ["Space", "Start and stop the video"],
    ["?", "This list"],
  ];
  const STREAMER = "iframe[title^='streamlit_webrtc']";
  const TYPING = "input:not([type=radio], [type=checkbox], [type=range], [type=button]), textarea, select, [contenteditable]";
  const PRESSED_BY_SPACE = "button, a[href], summary, input, [role=button], [role=radio], [role=switch], [role=slider]";

  // Of the group that is shown.
  const chooseFilter = (place) =>
    [...document.querySelectorAll(".st-key-filter label:has(input[type=radio])")].filter((label) => label.checkVisibility())
      .at(place - 1)?.control.click(); // a press on the label would take the focus in Firefox

  const compare = () => {
    const views = [...document.querySelectorAll(".st-key-view [role=radio]")];
    const [filter, comparison] = ["filter", "compare"].map((name) =>
      views.find(({ textContent }) => textContent.trim().toLowerCase() === name));
    (comparison?.ariaChecked === "true" ? filter : comparison)?.click();
  };

  const make = (tag, given = {}, ...inside) => {
    const made = Object.assign(document.createElement(tag), given);
    made.append(...inside);
    return made;
  };

  const makeList = () => {
    const rows = KEYS.flatMap(([key, words]) => [make("dt", {}, make("kbd", {}, key)), make("dd", {}, words)]);
    const close = make("button", { type: "button" }, "Close");
    const dialog = make("dialog", { className: "keys", ariaLabel: "Keys" }, make("h2", {}, "Keys"), make("dl", {}, ...rows), close);
    dialog.onclick = ({ target }) => (target === dialog || target === close) && dialog.close();
    return dialog;
  };
  const list = window.colorFilterKeys?.list ?? makeList();

  const toggleList = () => {
    if (!list.isConnected) document.querySelector(".stApp").append(list);
    if (list.open) list.close();
    else list.showModal();
  };

  const ACTIONS = {
    c: compare,
    s: () => window.colorFilterBooth.press(),
    r: () => document.querySelector(".st-key-record button")?.click(),
    f: () => window.colorFilterFullScreen.toggle(),
    "?": toggleList,
  };

  // Digits need Shift on some keyboards: there the place of the key counts without it.
  const digitOf = ({ key, code, shiftKey }) => {
    if (/^[1-8]$/.test(key)) return Number(key);
    return shiftKey ? 0 : Number(/^Digit([1-8])$/.exec(code)?.[1] ?? 0);
  };

  // A choice that was pressed with the mouse keeps the focus, but Space does nothing there. A key makes it :focus-visible.
  const focus = window.colorFilterKeys?.focus ?? { byPointer: false };
  const onPointer = () => { focus.byPointer = true; };
  const leavesSpaceTo = (target) => {
    const pressed = target.closest(PRESSED_BY_SPACE);
    return pressed && !(focus.byPointer && pressed.matches("input[type=radio]:checked, [role=radio][aria-checked=true]"));
  };

  const actionOf = (event) => {
    const { key, shiftKey, target } = event;
    if (key === "Escape") return window.colorFilterBooth.escape() || window.colorFilterFullScreen.escape() ? () => {} : null;
    if (key === "?") return toggleList;
    const digit = digitOf(event);
    if (digit) return () => chooseFilter(digit);
    if (shiftKey) return null;
    if (key === " ") return leavesSpaceTo(target) || !document.querySelector(STREAMER) ? null : window.colorFilterWatch.toggle;
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

  // With the keyboard's focus in the streamer its document has the keys.
  const teach = ({ document: inside }) =>
    inside.addEventListener("keydown", (event) => window.colorFilterKeys.onKey(event), true);

  const onClick = ({ target }) => target.closest?.(".keys-button") && toggleList();

  // The page may run this again.
  window.removeEventListener("keydown", window.colorFilterKeys?.onKey, true);
  window.removeEventListener("pointerdown", window.colorFilterKeys?.onPointer, true);
  window.removeEventListener("click", window.colorFilterKeys?.onClick);
  window.addEventListener("keydown", onKey, true);
  window.addEventListener("pointerdown", onPointer, true);
  window.addEventListener("click", onClick);
  window.colorFilterKeys = { teach, onKey, onPointer, onClick, list, focus };
}

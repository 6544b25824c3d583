// The photo booth on the stage: a count-down before a snapshot, a flash with it, and the snapshot large for a moment.
() => {
  const SECOND_MS = 1000;
  const FLASH_MS = 400; // at most two flashes a second; more than three can harm (WCAG 2.3.1)
  const SHOWN_MS = 1600;
  const [LOOK_MS, MAX_LOOKS] = [100, 50]; // for the new snapshot, which comes from the server
  const SNAPSHOT = ".st-key-snapshot button";
  // In the streamer's document, where the picture is.
  const STYLE = `
    .booth { position: absolute; container-type: size; display: grid; place-items: center; overflow: hidden;
      border-radius: 0.5rem; pointer-events: none; }
    .booth b { font: 700 min(45cqh, 30cqw)/1 system-ui, sans-serif; color: #fff;
      text-shadow: 0 0 0.06em #000, 0 0 0.2em rgb(0 0 0 / 0.7); }
    .booth.flash { background: #fff; animation: booth-flash ${FLASH_MS}ms ease-out forwards; }
    .booth img { box-sizing: border-box; width: 100%; height: 100%; object-fit: cover;
      border: min(3cqw, 1rem) solid #fff; animation: booth-print 300ms ease-out; }
    @keyframes booth-flash { to { opacity: 0; } }
    @keyframes booth-print { from { scale: 1.15; opacity: 0; } }
    @media (prefers-reduced-motion: reduce) { .booth.flash { display: none; } .booth img { animation: none; } }`;

  const teach = ({ document: inside }) =>
    inside.body.append(Object.assign(inside.createElement("style"), { textContent: STYLE }));

  const said = window.colorFilterBooth?.said ?? document.createElement("div");
  said.className = "booth-said";
  said.setAttribute("aria-live", "assertive");
  if (!said.isConnected) document.querySelector(".stApp")?.append(said);

  const streamer = () => document.querySelector("iframe[title^='streamlit_webrtc']")?.contentDocument;

  // Put something over the picture, in the place of what was there.
  const cover = (className, ...shown) => {
    const inside = streamer();
    const video = inside?.querySelector("video");
    inside?.querySelector(`.booth.${className}`)?.remove();
    if (!video?.videoWidth) return null;
    const made = inside.createElement("div");
    made.className = `booth ${className}`;
    made.append(...shown);
    const box = video.getBoundingClientRect(); // in which the picture is as large as its shape allows
    const scale = Math.min(box.width / video.videoWidth, box.height / video.videoHeight);
    const [width, height] = [video.videoWidth * scale, video.videoHeight * scale];
    const [left, top] = [box.left + (box.width - width) / 2, box.top + (box.height - height) / 2];
    Object.assign(made.style, { left: `${left}px`, top: `${top}px`, width: `${width}px`, height: `${height}px` });
    inside.body.append(made);
    return made;
  };

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
    const print = streamer()?.createElement("img"); // one of this document would load again in that one
    if (!print) return;
    print.src = image.src;
    print.alt = "";
    await print.decode();
    said.textContent = `Snapshot ${number} is taken.`;
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

  const cancel = (words) => {
    clearTimeout(counting?.timer);
    counting?.digit?.remove();
    counting = null;
    said.textContent = words;
  };

  const take = () => {
    flash();
    showNext(newest().number);
    document.querySelector(SNAPSHOT).click();
  };

  const tick = () => {
    if (!document.querySelector(SNAPSHOT)) return cancel("The count-down has ended: the video stopped.");
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

  const escape = () => Boolean(counting) && (cancel("The count-down is off."), true);

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

  window.removeEventListener("click", window.colorFilterBooth?.onClick, true);
  window.addEventListener("click", onClick, true);
  window.colorFilterBooth = { teach, said, press, escape, onClick };
}

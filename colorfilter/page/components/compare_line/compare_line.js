// The line between the original and the filtered picture: dragged on the picture, or moved by keys.
const SEND_INTERVAL_MS = 50;
const KEYS = {
  ArrowLeft: -1, ArrowDown: -1, PageDown: -10, Home: -100,
  ArrowRight: 1, ArrowUp: 1, PageUp: 10, End: 100,
};

export default ({ data, parentElement, setStateValue }) => {
  const slider = parentElement.querySelector("[role=slider]");
  const area = slider.parentElement;
  const stage = parentElement.closest(".st-key-stage");
  if (!stage) return;
  const kept = (stage.compareLine ??= { percent: data.percent });

  const show = () => {
    stage.style.setProperty("--line", kept.percent / 100);
    slider.ariaValueNow = Math.round(kept.percent);
    slider.ariaValueText = `${Math.round(kept.percent)} %`;
  };
  const move = (percent) => {
    kept.percent = Math.min(Math.max(percent, 0), 100);
    show();
    kept.timer ??= setTimeout(() => {
      kept.timer = undefined;
      setStateValue("percent", Math.round(10 * kept.percent) / 10);
    }, SEND_INTERVAL_MS);
  };
  const moveTo = ({ clientX }) => {
    const { left, width } = area.getBoundingClientRect();
    move(100 * (clientX - left) / width);
  };

  area.classList.add("compare-area");
  area.onpointerdown = (event) => {
    if (event.button !== 0) return;
    event.preventDefault();
    slider.focus({ preventScroll: true });
    area.setPointerCapture(event.pointerId);
    moveTo(event);
  };
  area.onpointermove = (event) => {
    if (area.hasPointerCapture(event.pointerId)) moveTo(event);
  };
  slider.onkeydown = (event) => {
    const by = KEYS[event.key];
    if (by === undefined || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();
    move(Math.round(kept.percent) + by);
  };
  show();
};

// The stage: the shape of the video that lies on it, and why there is none.
const UPRIGHT = "colorfilter.upright"; // where this browser remembers that its camera is held upright

const stage = () => document.querySelector(".st-key-stage");
const remember = (upright) => {
  document.body.toggleAttribute("data-upright", upright);
  try {
    if (upright) localStorage.setItem(UPRIGHT, "yes");
    else localStorage.removeItem(UPRIGHT);
  } catch {
    // A browser may keep nothing.
  }
};
const remembered = () => {
  try {
    return localStorage.getItem(UPRIGHT) === "yes";
  } catch {
    return false;
  }
};

// The video's own shape, from its first picture on; the still's before that, which is in the style sheet.
const fit = (video) => {
  const [width, height] = [video?.videoWidth, video?.videoHeight];
  const live = Boolean(width && height);
  stage()?.toggleAttribute("data-live", live);
  if (!live) return stage()?.style.removeProperty("--shape");
  stage()?.style.setProperty("--shape", width / height);
  const sheet = Boolean(document.querySelector(".st-key-sheet"));
  if (!sheet) remember(height > width);
};

// Why live video cannot come: page.css shows what is offered instead.
const obstruct = (obstacle) => {
  if (obstacle) document.body.dataset.obstacle = obstacle;
  else delete document.body.dataset.obstacle;
};

export default () => {
  document.body.toggleAttribute("data-upright", remembered() && matchMedia("(orientation: portrait)").matches);
  const mounted = register("stageShape", { fit, obstruct });
  return () => mounted.abort();
};

// What the page's components offer one another. Streamlit runs each as a module of its own, in no certain order, and a run
// of the script that was cut short may not have reached one: who calls another writes `registry.name?.`.
//
//   streamerDocument  find(): the window of the streamer; button(window, "start" or "stop"); cover(class, ...elements)
//   streamerState, degradation, cover   the helpers of streamerDocument, there for as long as the page
//   streamHealth, restartStream, statusBar   those of reconnecting
//   connectionFacts, checkPanel   those of connectionCheck
//   cameraChoice      open(getUserMedia, constraints): the chosen camera's stream; look(): which cameras are there
//   reconnecting      toggle(): start or stop; restart(words): start again, and say why
//   connectionCheck   show(watched, connected): draw what is found; lines(facts): its lines and what to do
//   stageShape        fit(video): take its shape; obstruct(word): say why there is no video
//   booth             press(): as the button does; escape(): end a count-down; true if there was one
//   fullScreen        toggle(); escape(): leave; true if it was full
//   paste, fileChooser   nothing: they only end with their component
//   keys              onKey(event): act on a key pressed in another document
const registry = (window.colorFilter ??= {});

// Offer functions from now on. Streamlit calls a component again with new data, without unmounting it: what it offered
// before ends here. The AbortController that is returned ends it too; listeners take its signal.
const register = (name, functions) => {
  registry[name]?.mounted?.abort();
  const mounted = new AbortController();
  mounted.signal.addEventListener("abort", () => {
    if (registry[name]?.mounted === mounted) delete registry[name];
  });
  registry[name] = { ...functions, mounted };
  return mounted;
};

// A sentence of Python's with its {} filled in.
const fill = (sentence, ...values) => values.reduce((filled, value) => filled.replace("{}", value), sentence);

// What the browser tells of a connection. Firefox never answers where the connection is closed after the question.
const STATS_MS = 2000;
const statsOf = (connection) => Promise.race([
  connection.getStats().then((all) => [...all.values()], () => []),
  new Promise((resolve) => AbortSignal.timeout(STATS_MS).addEventListener("abort", () => resolve([]))),
]);

// Copy the text; whether that succeeded. Without https, or where the browser refuses, there is only the old clipboard.
const toClipboard = async (text) => {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const focused = document.activeElement;
    const area = Object.assign(document.createElement("textarea"), { value: text });
    area.style.position = "fixed"; // the page does not scroll to it
    document.body.append(area);
    area.select();
    const copied = document.execCommand("copy");
    area.remove();
    focused?.focus({ preventScroll: true });
    return copied;
  }
};

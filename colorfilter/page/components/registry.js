// What the page's components offer one another. Streamlit runs each as a module of its own, in no certain order, and a run
// of the script that was cut short may not have reached one: who calls another writes `registry.name?.`.
//
//   connectionCheck   show(watched, connected): draw what is found; lines(facts): its lines and what to do
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

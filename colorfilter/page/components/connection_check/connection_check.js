// The connection check: from the page to the frames that come back, a line each, and what to do about the first cross.
// It opens by itself when no video has come some seconds after a start.
const kinds = (candidates, none) => {
  const named = candidates.map(({ candidateType, relayProtocol, protocol }) =>
    `${candidateType} (${relayProtocol ?? protocol})`);
  return [...new Set(named)].sort().join(", ").replaceAll("udp", "UDP").replaceAll("tcp", "TCP").replaceAll("tls", "TLS") || none;
};

// Each fact is true, false, or null while it is not known.
const check = ({ words, sentences, advice }, facts) => {
  const { local, remote, pair, late, started } = facts;
  const mark = (fact) => (fact === null ? "open" : fact ? "yes" : "no");
  const line = (id, fact, ...values) => ({ id, mark: mark(fact), text: fill(sentences[id], ...values) });
  const unlessLate = (fact) => fact || (late ? false : null);
  const whenStarted = (fact) => (started ? unlessLate(fact) : null);
  const path = pair && fill(words.way, kinds([pair.local]), kinds([pair.remote]));
  const lines = [
    line("secure", facts.secure),
    ...(facts.camera === null ? [] : [line("camera", facts.camera)]), // the test card needs none
    line("server", facts.server),
    line("browser", facts.waits ? null : whenStarted(local.length > 0), kinds(local, words.none)),
    line("host", facts.trouble ? false : whenStarted(remote.length > 0), kinds(remote, words.none)),
    line(facts.turn ? "turn" : "path", whenStarted(Boolean(path)), path || words.none),
    line("arriving", path ? unlessLate(facts.arriving) : null),
    line("coming", path ? unlessLate(facts.coming) : null),
  ];
  const cross = lines.find((one) => one.mark === "no");
  return { lines, todo: cross ? (cross.id === "host" && facts.trouble) || advice[cross.id] : "" };
};

// Between two tries, and until the next is late as well, what the last one came to is more use than dashes.
const keepLast = (facts, watched) => {
  if (facts.pair) watched.late = null;
  if (facts.started && facts.late && !facts.pair) watched.late = facts;
  const now = { secure: facts.secure, camera: facts.camera, server: facts.server };
  return watched.late && !facts.pair ? { ...watched.late, ...now } : facts;
};

const show = async (data, watched, connected) => {
  const place = document.querySelector(".check-place");
  if (!place || !watched) return registry.checkPanel.remove();
  const { gather, isLate } = registry.connectionFacts;
  const found = check(data, keepLast(await gather(watched, connected), watched));
  if (isLate(watched)) watched.failed = found.lines.some(({ mark }) => mark === "no");
  registry.checkPanel.draw(place, data.words, found);
  if (isLate(watched) && !watched.seen && !watched.opened) {
    watched.opened = true;
    registry.checkPanel.open();
  }
};

export default ({ data }) => {
  const mounted = register("connectionCheck", {
    show: (watched, connected) => show(data, watched, connected),
    lines: (facts) => check(data, facts),
  });
  return () => mounted.abort();
};

// The connection check: from the page to the frames that come back, a line each, and what to do about the first cross.
// It opens by itself when no video has come some seconds after a start.
const LATE = 8; // seconds without video after a start
const MARKS = { yes: "✓", no: "✗", open: "–" };
const SAID = { yes: "ok", no: "fails", open: "not yet known" };

const kinds = (candidates) => {
  const named = candidates.map(({ candidateType, relayProtocol, protocol }) =>
    `${candidateType} (${relayProtocol ?? protocol})`);
  return [...new Set(named)].sort().join(", ").replaceAll("udp", "UDP").replaceAll("tcp", "TCP").replaceAll("tls", "TLS");
};

// Each fact is true, false, or null while it is not known.
const lines = (advice, facts) => {
  const line = (id, fact, words) => ({ id, mark: fact === null ? "open" : fact ? "yes" : "no", words });
  const { local, remote, pair, late } = facts;
  const ended = (empty) => (empty && !late ? null : !empty);
  const path = pair && [pair.local, pair.remote].map((end) => kinds([end])).join(" to ");
  const made = [
    line("secure", facts.secure, "The page is served over https or from localhost"),
    line("camera", facts.camera, facts.camera === null ? "Camera" : "A camera is there and allowed"),
    line("server", facts.server, "The page is connected to the server"),
    line("browser", facts.started ? ended(!local.length) : null, `Ways out of this browser: ${kinds(local) || "none yet"}`),
    line("host", facts.trouble ? false : facts.started ? ended(!remote.length) : null,
      `Ways out of the server: ${kinds(remote) || "none yet"}`),
    line(facts.turn ? "turn" : "path", facts.started ? (path ? true : late ? false : null) : null,
      `The way between them: ${path || "none yet"}`),
    line("arriving", path ? facts.arriving || (late ? false : null) : null, "Frames arrive at the server"),
    line("coming", path ? facts.coming || (late ? false : null) : null, "Frames come back"),
  ];
  const cross = made.find(({ mark }) => mark === "no");
  return { lines: made, todo: cross ? (cross.id === "host" && facts.trouble) || advice[cross.id] : "" };
};

const asText = ({ lines: made, todo }) =>
  ["Color Filter: connection check", ...made.map(({ mark, words }) => `${MARKS[mark]} ${words}`), todo, navigator.userAgent]
    .filter(Boolean).join("\n");

const camera = async (sends) => {
  if (!sends) return null;
  const cameras = (await navigator.mediaDevices?.enumerateDevices() ?? []).filter(({ kind }) => kind === "videoinput");
  const { state } = await navigator.permissions?.query({ name: "camera" }).catch(() => ({})) ?? {};
  return cameras.length > 0 && state !== "denied";
};

const gather = async (watched, connected) => {
  // A connection that was closed, as before another try, has forgotten all its candidates; Firefox then tells nothing.
  const connection = watched.connection?.signalingState === "closed" ? undefined : watched.connection;
  const stats = connection ? await connection.getStats().then((all) => [...all.values()], () => []) : [];
  const find = (id) => stats.find((stat) => stat.id === id);
  const transport = stats.find(({ type }) => type === "transport");
  const chosen = find(transport?.selectedCandidatePairId) ?? stats.find(({ type, selected }) => type === "candidate-pair" && selected);
  const video = stats.find(({ type, kind }) => type === "inbound-rtp" && kind === "video");
  const server = JSON.parse(document.querySelector(".facts")?.dataset.facts ?? "{}");
  const up = connection?.connectionState === "connected";
  return {
    secure: isSecureContext,
    camera: await camera(server.sends),
    server: connected,
    started: Boolean(connection?.localDescription),
    late: watched.wanted && watched.age >= LATE,
    turn: Boolean(connection?.getConfiguration().iceServers?.some(({ urls }) => /turn/.test(urls))),
    local: stats.filter(({ type }) => type === "local-candidate"),
    remote: stats.filter(({ type }) => type === "remote-candidate"),
    pair: up && chosen ? { local: find(chosen.localCandidateId), remote: find(chosen.remoteCandidateId) } : null,
    arriving: server.arriving ?? null,
    trouble: server.trouble,
    coming: video?.framesReceived ? watched.quiet < 2 : null,
  };
};

// Without https there is no clipboard but the old one.
const toClipboard = async (text) => {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const area = Object.assign(document.createElement("textarea"), { value: text });
  panel.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
};

const make = (tag, given = {}, ...inside) => {
  const made = Object.assign(document.createElement(tag), given);
  made.append(...inside);
  return made;
};

const makePanel = () => {
  const copy = make("button", { textContent: "Copy as text" });
  copy.onclick = async () => {
    await toClipboard(panel.dataset.text);
    copy.textContent = "Copied";
  };
  const photo = make("button", { textContent: "Use photo mode" });
  photo.onclick = () => [...document.querySelectorAll(".st-key-mode button")]
    .find(({ textContent }) => /photo/i.test(textContent))?.click();
  const summary = make("summary", { textContent: "Connection check" });
  return make("details", { className: "check" }, summary, make("ul"), make("p", { role: "status" }), copy, photo);
};
const panel = makePanel();

const draw = (found) => {
  const text = asText(found);
  if (panel.dataset.text === text) return;
  panel.dataset.text = text;
  panel.querySelector("ul").replaceChildren(...found.lines.map(({ mark, words }) => make("li", { className: mark },
    make("span", { ariaHidden: "true", textContent: MARKS[mark] }),
    make("span", {}, words, make("span", { className: "said", textContent: ` (${SAID[mark]})` })))));
  panel.querySelector("p").textContent = found.todo && `${found.todo} Photo mode works anyway.`;
};

// Between two tries, and until the next is late as well, what the last one came to is more use than dashes.
const keepLast = (facts, watched) => {
  if (facts.pair) watched.late = null;
  if (facts.started && facts.late && !facts.pair) watched.late = facts;
  const now = { secure: facts.secure, camera: facts.camera, server: facts.server };
  return watched.late && !facts.pair ? { ...watched.late, ...now } : facts;
};

const show = async (advice, watched, connected) => {
  const place = document.querySelector(".check-place");
  if (!place || !watched) return panel.remove();
  if (!place.contains(panel)) place.replaceChildren(panel);
  if (watched.wanted && !watched.seen && watched.age >= LATE && !watched.opened) panel.open = watched.opened = true;
  const found = lines(advice, keepLast(await gather(watched, connected), watched));
  if (watched.wanted && watched.age >= LATE) watched.failed = found.lines.some(({ mark }) => mark === "no");
  draw(found);
};

export default ({ data: { advice } }) => {
  const mounted = register("connectionCheck", {
    show: (watched, connected) => show(advice, watched, connected),
    lines: (facts) => lines(advice, facts),
  });
  return () => mounted.abort();
};

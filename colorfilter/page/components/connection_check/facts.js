// What the browser knows of the way to the server and back, and what the server told the page.
registry.connectionFacts = (() => {
  const LATE_S = 8; // seconds without video after a start

  const cameraIsThere = async (sends) => {
    if (!sends) return null;
    const cameras = (await navigator.mediaDevices?.enumerateDevices() ?? []).filter(({ kind }) => kind === "videoinput");
    const { state } = await navigator.permissions?.query({ name: "camera" }).catch(() => ({})) ?? {};
    return cameras.length > 0 && state !== "denied";
  };

  const isLate = (watched) => watched.wanted && watched.age >= LATE_S;

  const gather = async (watched, connected) => {
    // A connection that was closed, as before another try, has forgotten all its candidates; Firefox then tells nothing.
    const connection = watched.connection?.signalingState === "closed" ? undefined : watched.connection;
    const stats = connection ? await statsOf(connection) : [];
    const find = (id) => stats.find((stat) => stat.id === id);
    const transport = stats.find(({ type }) => type === "transport");
    const chosen = find(transport?.selectedCandidatePairId) ?? stats.find(({ type, selected }) => type === "candidate-pair" && selected);
    const video = stats.find(({ type, kind }) => type === "inbound-rtp" && kind === "video");
    const server = JSON.parse(document.querySelector(".facts")?.dataset.facts ?? "{}");
    const up = connection?.connectionState === "connected";
    return {
      secure: isSecureContext,
      camera: await cameraIsThere(server.sends),
      server: connected,
      started: Boolean(connection?.localDescription),
      late: isLate(watched),
      waits: Boolean(connection?.credentialsFollow), // for the answer: before it no way is looked for
      turn: Boolean(connection?.credentialsFollow || connection?.getConfiguration().iceServers?.some(({ urls }) => /turn/.test(urls))),
      local: stats.filter(({ type }) => type === "local-candidate"),
      remote: stats.filter(({ type }) => type === "remote-candidate"),
      pair: up && chosen ? { local: find(chosen.localCandidateId), remote: find(chosen.remoteCandidateId) } : null,
      arriving: server.arriving ?? null,
      trouble: server.trouble,
      coming: video?.framesReceived ? watched.quiet < 2 : null,
    };
  };

  return { gather, isLate };
})();

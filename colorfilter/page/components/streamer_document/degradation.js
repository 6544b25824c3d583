// Firefox scales the camera down to what it believes of the network, and takes half a minute to climb again. It keeps the
// full size if asked to; on a thin line it then sends few frames, and has to give way.
registry.degradation = (() => {
  const LOOK_INTERVAL_MS = 1000;
  const MIN_FRAMES = 12; // a second
  const MAX_SLOW_LOOKS = 3; // with fewer, after which the size gives way
  const FIRST_RETRY_LOOKS = 15; // until the full size is tried again, twice as many each time
  const MAX_RETRY_LOOKS = 120;

  const videoSenders = (connection) => connection.getSenders().filter(({ track }) => track?.kind === "video");

  const prefer = (connection, degradationPreference) => Promise.all(videoSenders(connection).map((sender) =>
    sender.setParameters({ ...sender.getParameters(), degradationPreference }).catch(() => undefined)));

  const framesSent = async (connection) => {
    const stats = await statsOf(connection);
    return stats.find(({ type, kind }) => type === "outbound-rtp" && kind === "video")?.framesSent ?? 0;
  };

  const attach = async (connection) => {
    if (!/Firefox/.test(navigator.userAgent) || connection.keepsSize !== undefined || !videoSenders(connection).length) return;
    connection.keepsSize = true;
    await prefer(connection, "maintain-resolution");
    let [frames, slow, waited, retry] = [0, 0, 0, FIRST_RETRY_LOOKS];
    const look = async () => {
      if (connection.signalingState === "closed") return clearInterval(timer);
      const before = frames;
      frames = await framesSent(connection);
      if (!before || document.hidden) return;
      slow = frames - before < MIN_FRAMES ? slow + 1 : 0;
      waited += 1;
      const givesWay = connection.keepsSize && slow >= MAX_SLOW_LOOKS;
      if (!givesWay && (connection.keepsSize || waited < retry)) return;
      if (!givesWay) retry = Math.min(2 * retry, MAX_RETRY_LOOKS);
      [slow, waited, connection.keepsSize] = [0, 0, !givesWay];
      await prefer(connection, givesWay ? "balanced" : "maintain-resolution");
    };
    const timer = setInterval(look, LOOK_INTERVAL_MS);
  };

  return { attach };
})();

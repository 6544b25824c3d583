// Whether a stream is alive, by the frames that arrive. It is looked at once a second; all times are counted in looks.
registry.streamHealth = (() => {
  const MAX_SILENT_LOOKS = 5; // without a frame or a part of one, after which a stream is dead
  const MAX_AWAY_LOOKS = 14; // the same while the network is away, which the connection outlives: a new one needs it too
  const MIN_UNANSWERED_LOOKS = 3; // without an answer to ICE, which asks every 2.5 s, after which the network is away
  const MAX_STUCK_LOOKS = 20; // with parts of frames alone: on a line so slow a new start would be slower still
  const MAX_START_LOOKS = 10; // without the first frame, after which a start has failed
  const STEADY_LOOKS = 10; // with frames, after which all tries are free again

  // A hidden page decodes nothing that it need not show.
  const received = async (connection) => {
    const stats = await statsOf(connection);
    const video = stats.find(({ type, kind }) => type === "inbound-rtp" && kind === "video");
    const frames = document.hidden ? video?.framesReceived : video?.framesDecoded;
    const pairs = stats.filter(({ type }) => type === "candidate-pair");
    const answers = pairs.reduce((sum, { responsesReceived }) => sum + responsesReceived, 0); // NaN in Firefox, which tells none
    return { frames: frames ?? 0, bytes: video?.bytesReceived ?? 0, answers };
  };

  const look = async (watched) => {
    const { connection } = watched;
    // Firefox tells nothing of a closed connection but that. One without a description: the visitor is asked for the camera.
    if (!connection || (connection.signalingState !== "closed" && !connection.localDescription)) return;
    const { frames, bytes, answers } = await received(connection);
    if (connection !== watched.connection) return;
    const connected = connection.connectionState === "connected";
    const moves = connected && frames !== watched.frames;
    const arrives = connected && bytes !== watched.bytes;
    const isBack = watched.unanswered >= MIN_UNANSWERED_LOOKS && answers > watched.answers; // frames come a little later
    watched.unanswered = answers === watched.answers ? watched.unanswered + 1 : 0;
    Object.assign(watched, { frames, bytes, answers });
    watched.age += 1;
    watched.stuck = moves ? 0 : watched.stuck + 1;
    watched.quiet = moves || isBack || (arrives && watched.stuck < MAX_STUCK_LOOKS) ? 0 : watched.quiet + 1;
    watched.steady = moves ? watched.steady + 1 : 0;
    if (moves) Object.assign(watched, { seen: true, lived: true, serverLost: false });
    if (watched.steady >= STEADY_LOOKS) watched.tries = 0;
  };

  const maxQuietLooks = ({ seen, unanswered, serverLost, connection }) => {
    if (!seen) return MAX_START_LOOKS;
    const ended = serverLost || ["failed", "closed"].includes(connection?.connectionState);
    return unanswered >= MIN_UNANSWERED_LOOKS && !ended ? MAX_AWAY_LOOKS : MAX_SILENT_LOOKS;
  };

  return { look, isDead: (watched) => watched.quiet >= maxQuietLooks(watched) };
})();

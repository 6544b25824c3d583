// What is known of a streamer. It stands on the streamer's own window as `watched`, and goes with it: another never starts
// by itself. `wanted` is from the visitor's press of Start to that of Stop.
registry.streamerState = (() => {
  const NEW_CONNECTION = { age: 0, quiet: 0, stuck: 0, steady: 0, frames: 0, bytes: 0, answers: 0, unanswered: 0, seen: false, serverLost: false };
  const NO_TROUBLE = { lived: false, tries: 0, pause: null, givenUp: false, closed: false, failed: false, late: null, opened: false };

  const forgetFrames = (watched) => Object.assign(watched, NEW_CONNECTION);
  return {
    create: () => ({ wanted: false, lived: false, tries: 0, pause: null, ...NEW_CONNECTION }),
    want: (watched) => Object.assign(watched, NO_TROUBLE, { wanted: true }),
    forgetFrames,
    connect: (watched, connection) => forgetFrames(Object.assign(watched, { connection })),
  };
})();

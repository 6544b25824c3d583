// Stop a stream, and start it as soon as the server has heard of it: an offer that comes before would go to the old
// connection. Its words stand in `watched.restart` for as long as it takes; `onChange` is called when that has changed.
registry.restartStream = (() => {
  const LOOK_INTERVAL_MS = 30;
  const MAX_STOP_MS = 3000; // until the server has answered to the stop
  const MAX_START_MS = 10_000; // until the first frame

  return async (inside, words, onChange) => {
    const { watched } = inside;
    if (!watched.wanted) return;
    const mine = watched.restart = { words };
    onChange();
    const ready = (kind) => {
      const found = registry.streamerDocument?.button(inside, kind);
      return found?.disabled ? null : found;
    };
    const goesOn = () => watched.wanted && watched.restart === mine;
    const until = async (condition, ms) => {
      if (condition() || ms <= 0 || !goesOn()) return goesOn();
      await new Promise((done) => { setTimeout(done, LOOK_INTERVAL_MS); });
      return until(condition, ms - LOOK_INTERVAL_MS);
    };
    ready("stop")?.click();
    await until(() => ready("start"), MAX_STOP_MS);
    if (await until(() => !watched.answered, MAX_STOP_MS)) ready("start")?.click();
    registry.streamerState.forgetFrames(watched);
    await until(() => watched.seen, MAX_START_MS);
    if (watched.restart === mine) watched.restart = null;
    onChange();
  };
})();

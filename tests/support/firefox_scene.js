// In the streamer's document of a browser without a screen, which shows no frames: a camera whose landscape drifts and
// tells each picture's number, and a log of when each was drawn and when it came back through a red filter.
() => {
  const BITS = 11, SQUARES = 2 * BITS + 1, ROWS = 30; // squares outward from a white one, to read the same in a mirror
  const DRAW_INTERVAL_MS = 1000 / 30, LOOK_INTERVAL_MS = 8;
  const log = window.sceneLog = { sent: [], shown: [] };

  const landscape = (width, height) => {
    const canvas = new OffscreenCanvas(width + 400, height + 200), context = canvas.getContext("2d");
    let seed = 1;
    const random = () => (seed = seed * 16807 % 2147483647) / 2147483647;
    for (let i = 0; i < 600; i++) {
      context.fillStyle = `rgba(${[0, 1, 2].map(() => 60 + 140 * random())}, 0.5)`;
      context.beginPath();
      context.arc(canvas.width * random(), canvas.height * random(), height * (0.02 + 0.15 * random() ** 3), 0, 7);
      context.fill();
    }
    return canvas;
  };

  const draw = (context, { width, height }, scene, number) => {
    const turn = number * 2 * Math.PI / 90, side = height / ROWS;
    context.drawImage(scene, -200 - 180 * Math.sin(turn), -100 - 60 * Math.sin(2 * turn));
    for (let square = 0; square < SQUARES; square++) {
      const bit = Math.abs(square - BITS) - 1;
      context.fillStyle = bit < 0 || number >> bit & 1 ? "white" : "black";
      context.fillRect((width - SQUARES * side) / 2 + square * side, 0, side, side);
    }
  };

  navigator.mediaDevices.getUserMedia = async ({ video }) => {
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [video.width.ideal, video.height.ideal];
    const context = canvas.getContext("2d"), scene = landscape(canvas.width, canvas.height);
    let number = 0;
    const step = () => {
      draw(context, canvas, scene, number += 1);
      log.sent.push([performance.now() / 1000, number]);
    };
    step();
    setInterval(step, DRAW_INTERVAL_MS);
    return canvas.captureStream(); // each picture; with a rate Firefox leaves out some
  };

  const strip = new OffscreenCanvas(SQUARES, 1).getContext("2d", { willReadFrequently: true });
  const look = () => {
    const video = document.querySelector("video");
    if (!video?.videoWidth) return;
    const { videoWidth: width, videoHeight: height } = video, side = height / ROWS;
    strip.drawImage(video, (width - SQUARES * side) / 2, side / 4, SQUARES * side, side / 2, 0, 0, SQUARES, 1);
    const { data } = strip.getImageData(0, 0, SQUARES, 1);
    let number = 0;
    for (let bit = 0; bit < BITS; bit++) if (data[4 * (BITS + 1 + bit)] > 128) number |= 1 << bit;
    if (number !== log.shown.at(-1)?.[1]) log.shown.push([performance.now() / 1000, number, height]);
  };
  setInterval(look, LOOK_INTERVAL_MS);
}

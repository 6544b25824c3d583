// In every document of the page: keeps when the camera gave each frame and when the screen showed it, on one clock.
(() => {
  const SQUARES = 17, MIDDLE = 8, SQUARE = 15;
  const clock = (time) => performance.timeOrigin + time;
  const log = (window.bench = { sent: [], shown: [], presses: [] });

  // The frame's number, and the color of the strip's white square; see clip.py.
  const reader = () => {
    const canvas = new OffscreenCanvas(SQUARES, 1);
    const context = canvas.getContext("2d", { willReadFrequently: true });
    return (video) => {
      const side = video.videoHeight / SQUARE, left = (video.videoWidth - SQUARES * side) / 2;
      context.drawImage(video, left, side * 0.8, SQUARES * side, side * 0.4, 0, 0, SQUARES, 1);
      const { data } = context.getImageData(0, 0, SQUARES, 1);
      const color = (square) => [...data.slice(4 * square, 4 * square + 3)];
      const white = color(MIDDLE), channel = white.indexOf(Math.max(...white));
      let number = 0;
      for (let bit = 0; bit < MIDDLE; bit++)
        if (color(MIDDLE + 1 + bit)[channel] > white[channel] / 2) number |= 1 << bit;
      return [number, ...white];
    };
  };

  const follow = (video, keep) => {
    const read = reader();
    const step = (now, { rtpTimestamp }) => {
      if (video.videoWidth) keep([clock(now), ...read(video), video.videoWidth, video.videoHeight, rtpTimestamp]);
      video.requestVideoFrameCallback(step);
    };
    video.requestVideoFrameCallback(step);
  };

  window.addEventListener("click", (event) => log.presses.push(clock(event.timeStamp)), true);

  if (!navigator.mediaDevices) return;
  const open = MediaDevices.prototype.getUserMedia;
  MediaDevices.prototype.getUserMedia = function (wanted) {
    return open.call(this, wanted).then((stream) => {
      const video = document.createElement("video");
      video.muted = true;
      video.srcObject = new MediaStream([stream.getVideoTracks()[0].clone()]);
      video.play();
      follow(video, (frame) => log.sent.push(frame));
      return stream;
    });
  };

  window.RTCPeerConnection = class extends window.RTCPeerConnection {
    constructor(...args) { super(...args); window.connection = this; }
  };

  const followed = new WeakSet();
  setInterval(() => {
    const video = document.querySelector("video");
    if (!video || followed.has(video)) return;
    followed.add(video);
    follow(video, (frame) => log.shown.push(frame));
  }, 5);
})();

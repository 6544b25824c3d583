// In every document of the page: keeps when the camera gave each frame and when the screen showed it, on one clock.
(() => {
  const SQUARES = 17, MIDDLE = 8, SQUARE = 15, BLACK = 16;
  const clock = (time) => performance.timeOrigin + time;
  const log = (window.bench = { sent: [], shown: [], presses: [], connections: 0 });

  // The frame's number, and the color of the strip's white square; see clip.py. Only the strip's own samples are
  // copied: to draw the video would turn all of it to RGB, more work than to decode it.
  const read = async (frame) => {
    const { codedWidth: width, codedHeight: height } = frame, side = height / SQUARE;
    const even = (number) => 2 * Math.floor(number / 2);
    const rect = { x: even((width - SQUARES * side) / 2), y: even(side), width: even(SQUARES * side), height: 2 };
    const samples = new Uint8Array(frame.allocationSize({ rect }));
    const [luma, ...chroma] = await frame.copyTo(samples, { rect });
    const middle = (square) => Math.floor((square + 0.5) * side);
    const at = (square) => samples[luma.offset + middle(square)];
    const [u, v] = chroma.length === 2  // I420, else NV12
      ? chroma.map(({ offset }) => samples[offset + middle(MIDDLE) / 2 | 0])
      : [0, 1].map((which) => samples[chroma[0].offset + even(middle(MIDDLE)) + which]);
    let number = 0;
    for (let bit = 0; bit < MIDDLE; bit++)
      if (at(MIDDLE + 1 + bit) > (at(MIDDLE) + BLACK) / 2) number |= 1 << bit;
    return [number, ...rgb(at(MIDDLE), u, v)];
  };

  const rgb = (y, u, v) => {  // ITU-R BT.601, limited range
    const light = (255 / 219) * (y - BLACK), blue = (255 / 224) * (u - 128), red = (255 / 224) * (v - 128);
    return [light + 1.402 * red, light - 0.344136 * blue - 0.714136 * red, light + 1.772 * blue];
  };

  const follow = (video, keep) => {
    const step = async (now, { rtpTimestamp }) => {
      video.requestVideoFrameCallback(step);
      if (!video.videoWidth) return;
      const frame = new VideoFrame(video), size = [frame.codedWidth, frame.codedHeight];
      keep([clock(now), ...await read(frame), ...size, rtpTimestamp]);
      frame.close();
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
    constructor(...args) { super(...args); window.connection = this; log.connections++; }
  };

  const followed = new WeakSet();
  setInterval(() => {
    const video = document.querySelector("video");
    if (!video || followed.has(video)) return;
    followed.add(video);
    follow(video, (frame) => log.shown.push(frame));
  }, 5);
})();

// Put something over the streamer's picture, in the place of what was there. It is as large as the picture itself.
registry.cover = (inside, className, ...shown) => {
  const video = inside?.querySelector("video");
  inside?.querySelector(`.booth.${className}`)?.remove();
  if (!video?.videoWidth) return null;
  const made = inside.createElement("div");
  made.className = `booth ${className}`;
  made.append(...shown);
  const box = video.getBoundingClientRect(); // in which the picture is as large as its shape allows
  const scale = Math.min(box.width / video.videoWidth, box.height / video.videoHeight);
  const [width, height] = [video.videoWidth * scale, video.videoHeight * scale];
  const [left, top] = [box.left + (box.width - width) / 2, box.top + (box.height - height) / 2];
  Object.assign(made.style, { left: `${left}px`, top: `${top}px`, width: `${width}px`, height: `${height}px` });
  inside.body.append(made);
  return made;
};

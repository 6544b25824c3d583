#!/bin/sh
# Finds ffmpeg and ffprobe, which read back what the clips' tests wrote: installed ones, else apt's when root.
found() { command -v ffmpeg >/dev/null && command -v ffprobe >/dev/null; }

found && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  apt-get update && apt-get install -y --no-install-recommends ffmpeg
  found && exit 0
fi
echo "No ffmpeg could be found or installed; the tests of clips need one. Install the package ffmpeg and try again." >&2
exit 1

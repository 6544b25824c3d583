"""Clips made by code, and clips read back: by PyAV frame by frame, and by ffprobe, which shares no code of ours."""

import io
import json
import subprocess
from fractions import Fraction

import av
import numpy as np
from av import AudioFrame, VideoFrame
from PIL import Image

SAMPLE_RATE = 48_000
TICK = Fraction(1, 15_360)
FRAME_TICKS = 512  # of TICK: 30 frames a second
NAMES = {1: "bt709", 6: "smpte170m", 9: "bt2020nc"}


def picture(number, size, pix_fmt="yuv420p", seed=0):
    """A frame of soft colored noise that drifts: something for every channel, and cheap to encode."""
    width, height = size
    rng = np.random.default_rng(seed)
    small = rng.integers(30, 226, (height // 8 + 2, width // 8 + 2, 3)).astype(np.uint8)
    rows, columns = np.arange(height) // 8, ((np.arange(width) + number) / 8 % (small.shape[1] - 1)).astype(int)
    return VideoFrame.from_ndarray(small.take(columns, 1).take(rows, 0), "rgb24").reformat(format=pix_fmt)


def part(drawn, number, size, pix_fmt):
    """A frame of a larger picture, RGB (H, W, 3), a little further each time."""
    piece = np.ascontiguousarray(drawn[number : number + size[1], 2 * number : 2 * number + size[0]])
    return VideoFrame.from_ndarray(piece, "rgb24").reformat(format=pix_fmt)


def write_clip(
    path, size=(64, 48), frames=20, codec="libx264", pix_fmt="yuv420p", times=None, matrix=1, full=False, audio="aac",
    rotation=None, aspect=None, options=None, metadata=None, chapters=(), transfer=1, time_base=TICK, drawn=None,
    container_options=None,
):  # fmt: skip
    """Write a clip. `times` are the frames' time stamps in ticks; `drawn` is an RGB array of which they are parts."""
    times = times or [number * FRAME_TICKS for number in range(frames)]
    with av.open(str(path), "w", container_options=container_options or {}) as file:
        stream = file.add_stream(codec, rate=30, options=options or {}, width=size[0], height=size[1], pix_fmt=pix_fmt)
        context = stream.codec_context
        stream.time_base = context.time_base = time_base
        context.colorspace, context.color_range = matrix, 2 if full else 1
        context.color_primaries, context.color_trc = (9 if matrix == 9 else 1), transfer
        if aspect:
            context.sample_aspect_ratio = aspect
        if rotation:
            stream.set_display_rotation(rotation)
        sound = file.add_stream(audio, rate=SAMPLE_RATE) if audio else None
        file.metadata.update(metadata or {})
        stream.metadata["language"] = "deu"
        file.set_chapters(list(chapters))
        blocks = _sound(len(times) * FRAME_TICKS * TICK) if sound else []
        for number, time in enumerate(times):
            frame = picture(number, size, pix_fmt) if drawn is None else part(drawn, number, size, pix_fmt)
            frame.pts, frame.time_base, frame.duration = time, time_base, FRAME_TICKS
            file.mux(stream.encode(frame))
            while blocks and blocks[0].pts / SAMPLE_RATE <= float(time * time_base):
                file.mux(sound.encode(blocks.pop(0)))
        for block in blocks:
            file.mux(sound.encode(block))
        for one in (stream, *([sound] if sound else [])):
            file.mux(one.encode(None))
    return path


def _sound(seconds):
    count = max(1, int(float(seconds) * SAMPLE_RATE) // 1024)
    blocks = []
    for number in range(count):
        wave = np.sin((np.arange(1024) + 1024 * number) / 20).astype(np.float32) / 4
        block = AudioFrame.from_ndarray(np.stack([wave, wave]), "fltp", "stereo")
        block.sample_rate, block.pts, block.time_base = SAMPLE_RATE, 1024 * number, Fraction(1, SAMPLE_RATE)
        blocks.append(block)
    return blocks


def animation(kind, count=3, milliseconds=200):
    """An animated GIF or WebP of so many frames; of one, a picture."""
    file = io.BytesIO()
    first, *others = (Image.new("RGB", (30, 20), (60 * number, 100, 200)) for number in range(count))
    first.save(file, kind, save_all=True, append_images=others, duration=milliseconds)
    return file.getvalue()


def frames_of(path):
    """All decoded frames of the picture."""
    with av.open(str(path)) as file:
        return list(file.decode(video=0))


def times_of(path):
    """The time of each frame, in seconds, as fractions."""
    return [frame.pts * frame.time_base for frame in frames_of(path)]


def packets_of(path, kind):
    """Time, in seconds, and bytes of each packet of the first stream of a kind."""
    with av.open(str(path)) as file:
        stream = getattr(file.streams, kind)[0]
        return [(packet.pts * packet.time_base, bytes(packet)) for packet in file.demux(stream) if packet.size]


def probe(path):
    """What ffprobe says of a file."""
    command = ["ffprobe", "-v", "error", "-of", "json", "-show_format", "-show_streams", "-show_chapters", str(path)]
    return json.loads(subprocess.run(command, check=True, capture_output=True).stdout)


def picture_of(found):
    """ffprobe's words for the picture's stream."""
    return next(stream for stream in found["streams"] if stream["codec_type"] == "video")


class _Pipe(io.RawIOBase):
    """A file that only goes forward."""

    def __init__(self):
        self.data = bytearray()

    def writable(self):
        return True

    def seekable(self):
        return False

    def write(self, data):
        self.data += data
        return len(data)


def through_a_pipe(path):
    """The bytes of a clip's picture in Matroska, as whoever records live sends it: no length, no index."""
    pipe = _Pipe()
    with av.open(str(path)) as file, av.open(pipe, "w", format="matroska") as copy:
        stream = copy.add_stream_from_template(file.streams.video[0], opaque=True)
        for packet in file.demux(file.streams.video[0]):
            if packet.size:
                packet.stream = stream
                copy.mux(packet)
    return bytes(pipe.data)


def run_ffmpeg(*words):
    """Debian's ffmpeg."""
    subprocess.run(["ffmpeg", "-v", "error", "-y", *map(str, words)], check=True, capture_output=True)

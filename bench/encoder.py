"""What the encoders make of three scenes at full and at half rate: peak signal-to-noise ratio and CPU a frame."""

import time
from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction

import aiortc.codecs  # noqa: F401  (vpx alone would import in a circle)
import av
import numpy as np
from aiortc.codecs import vpx
from numpy.typing import NDArray

from bench.clip import FRAMES_PER_SECOND, dim_room, pictures, soft_and_detailed, yuv
from bench.table import Row
from colorfilter.live.source import RESOLUTIONS
from colorfilter.webrtc import full_rate
from colorfilter.webrtc.encoding.live_codec import open_codec

FRAMES = 90
BEGINNING = 30  # frames
Encode = Callable[[av.VideoFrame], bytes]


def our_encoder(width: int, height: int, rate: int) -> Encode:
    codec = open_codec(width, height, rate, 0.0)
    return lambda frame: codec.encode(frame, False, float(frame.time or 0))


def stock_encoder(width: int, height: int, rate: int) -> Encode:
    vpx.MAX_BITRATE = max(rate, vpx.MAX_BITRATE)  # or it would stop at 1.5 Mbit/s
    encoder = vpx.Vp8Encoder()
    encoder.target_bitrate = rate
    return lambda frame: b"".join(map(vpx.vp8_depayload, encoder.encode(frame)[0]))


def measure(encode: Encode, planes: list[NDArray[np.uint8]], rate: int) -> dict[str, float]:
    """PSNR in dB over all samples, of the beginning and of the rest; CPU a frame in ms, kbit/s and the longest wait.

    The wait is that for a picture over a line that carries `rate` bits a second, in seconds.

    In place of a picture that the encoder left out, the one before is seen.
    """
    decoder = av.CodecContext.create("libvpx", "r")
    errors, seconds, size = [], 0.0, 0
    backlog = wait = 0.0  # seconds of the line
    for number, samples in enumerate(planes):
        frame = av.VideoFrame.from_ndarray(samples, "yuv420p")
        frame.pts, frame.time_base = number * 90000 // FRAMES_PER_SECOND, Fraction(1, 90000)
        start = time.process_time()
        encoded = encode(frame)
        seconds += time.process_time() - start
        size += len(encoded)
        backlog = max(0.0, backlog - 1 / FRAMES_PER_SECOND) + 8 * len(encoded) / rate
        wait = max(wait, backlog)
        if encoded:
            [decoded] = decoder.decode(av.Packet(encoded))
            seen = decoded.to_ndarray().astype(np.int16)
        errors.append(np.mean((seen - samples) ** 2.0))
    return {
        "beginning": 10 * np.log10(255**2 / np.mean(errors[:BEGINNING])),
        "psnr": 10 * np.log10(255**2 / np.mean(errors[BEGINNING:])),
        "milliseconds": seconds / len(planes) * 1000,
        "rate": size * 8 / 1000 / (len(planes) / FRAMES_PER_SECOND),
        "wait": wait,
    }


SCENES: dict[str, Callable[[int, int], Iterable[NDArray[np.uint8]]]] = {
    "a landscape that drifts": lambda width, height: pictures(width, height, FRAMES),
    "soft and detailed": lambda width, height: soft_and_detailed(width, height, 4),
    "a dim room": lambda width, height: dim_room(width, height, FRAMES),
}


def rows() -> Iterator[Row]:
    for size, (width, height) in RESOLUTIONS.items():
        full = full_rate(width, height)
        for scene, make_pictures in SCENES.items():
            planes = [yuv(picture) for picture in make_pictures(width, height)]
            for rate in (full, full // 2):
                ours, stock = (
                    measure(make(width, height, rate), planes, rate) for make in (our_encoder, stock_encoder)
                )
                asked = f"{size} at {rate / 1e6:.1f} Mbit/s, {scene}"
                yield Row(f"{asked}: PSNR of the first {BEGINNING} frames", ours["beginning"], stock["beginning"], "dB")
                yield Row(f"{asked}: PSNR of the rest", ours["psnr"], stock["psnr"], "dB")
                yield Row(f"{asked}: CPU a frame", ours["milliseconds"], stock["milliseconds"])
                yield Row(f"{asked}: bits a second used", ours["rate"], stock["rate"], "kbit/s", 0)
                yield Row(f"{asked}: longest wait for a picture at that rate", ours["wait"], stock["wait"], "s", 2)

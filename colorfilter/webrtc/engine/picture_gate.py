"""Which of a browser's pictures are decoded: those of a size and a rate that a camera has."""

from __future__ import annotations

from dataclasses import dataclass

from colorfilter.webrtc.encoding.vp8 import is_key_frame, key_frame_size

MAX_PICTURE_PIXELS = 1920 * 1080 * 5 // 4  # a camera may give somewhat more than it was asked for
BURST_S = 1.0  # seconds of pictures that may come at once after a network stood still


@dataclass
class PictureLimit:
    """How large the pictures of one connection may be. Any thread may change `pixels`, from the next key frame on."""

    pixels: int = MAX_PICTURE_PIXELS
    refused: int = 0  # pictures that were too large


class PictureGate:
    """Decides which encoded VP8 pictures are decoded.

    A picture that is too large, or one too many in a second, is left out. The pictures after it need it, so they are
    left out too, up to the next key frame within the limits.
    """

    def __init__(self, max_rate: float, limit: PictureLimit | None = None) -> None:
        self._max_rate = max_rate  # pictures a second
        self._limit = limit or PictureLimit()
        self._open, self._too_large = True, False
        self._credit, self._last = BURST_S * max_rate, 0.0

    def admit(self, picture: bytes, now: float) -> bool:
        """Count the picture, and return whether to decode it; `now` is in seconds on any steady clock."""
        self._credit = min(BURST_S * self._max_rate, self._credit + self._max_rate * max(0.0, now - self._last))
        self._last = now
        if is_key_frame(picture):
            size = key_frame_size(picture)
            most = min(self._limit.pixels, MAX_PICTURE_PIXELS)
            self._too_large = size is not None and size[0] * size[1] > most
            self._open = size is not None and not self._too_large
        self._limit.refused += self._too_large  # a browser sends one key frame, and then what needs it
        self._open = self._open and self._credit >= 1
        if self._open:
            self._credit -= 1
        return self._open

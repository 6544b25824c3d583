"""What leaves: how much, and how much of it is the picture's."""

from __future__ import annotations

from collections import deque

WINDOW_S = 0.5
# Headers and what is sent again take their part of the rate, as libwebrtc has it (call/rtp_video_sender.cc).
MIN_MEDIA_SHARE, MEDIA_SHARE_WEIGHT = 0.6, 0.02


class SentBitrate:
    """Bits a second over the last `WINDOW_S` of sending."""

    def __init__(self) -> None:
        self._packets: deque[tuple[float, int]] = deque()  # (time, bits)
        self._bits = 0

    def add(self, size: int, now: float) -> None:
        """Take a packet of `size` bytes that leaves now, in seconds on any steady clock."""
        self._packets.append((now, 8 * size))
        self._bits += 8 * size
        self._drop_old(now)

    def bitrate(self, now: float) -> float:
        """What was sent until now."""
        self._drop_old(now)
        return self._bits / WINDOW_S

    def _drop_old(self, now: float) -> None:
        while self._packets and self._packets[0][0] < now - WINDOW_S:
            self._bits -= self._packets.popleft()[1]


class MediaShare:
    """The share of the sent bytes that the encoder may fill, from the means of the last packets."""

    def __init__(self) -> None:
        self._media_bytes = self._all_bytes = 1.0

    def add(self, size: int, media: int) -> None:
        """Take a packet of `size` bytes, of which `media` are the picture's."""
        self._media_bytes += MEDIA_SHARE_WEIGHT * (media - self._media_bytes)
        self._all_bytes += MEDIA_SHARE_WEIGHT * (size - self._all_bytes)

    @property
    def share(self) -> float:
        """`MIN_MEDIA_SHARE` to 1."""
        return max(MIN_MEDIA_SHARE, self._media_bytes / self._all_bytes)

"""What one browser may ask of the live engine: one line of video, few candidates, pictures of a size and a rate."""

from __future__ import annotations

from collections.abc import Container, Mapping
from itertools import islice
from typing import Any

from aiortc.sdp import SessionDescription

from colorfilter.webrtc.vp8 import is_key_frame, key_frame_size

MAX_OFFER_CHARACTERS = 64_000
MAX_CANDIDATE_CHARACTERS = 500
MAX_PICTURE_PIXELS = 1920 * 1080 * 5 // 4  # a camera may give somewhat more than it was asked for
BURST_S = 1.0  # seconds of pictures that may come at once after a network stood still


def check_offer(sdp: object, max_candidates: int) -> None:
    """Raise ValueError, with a sentence, for an offer (RFC 8866) that no page of ours makes."""
    if not isinstance(sdp, str) or len(sdp) > MAX_OFFER_CHARACTERS:
        raise ValueError(f"The offer is no text of at most {MAX_OFFER_CHARACTERS} characters.")
    try:
        media = SessionDescription.parse(sdp).media
    except Exception as error:  # aiortc raises nearly everything on broken text, from IndexError to AssertionError
        raise ValueError("The offer cannot be read.") from error
    # The test card's page asks for sound too, of which there is none. A browser that may send sound is refused.
    sent = [one.kind for one in media if (one.kind, one.direction) != ("audio", "recvonly")]
    if sent != ["video"] or len(media) > 2:
        raise ValueError("The offer has more, or other, than one line of video.")
    if sum(len(one.ice_candidates) for one in media) > max_candidates:
        raise ValueError(f"The offer has more than {max_candidates} candidates.")


def few_candidates(candidates: object, known: Container[str], count: int) -> dict[str, Mapping[str, Any]]:
    """The first `count` candidates that a browser sent, by their names, without the `known` and what is none."""
    if not isinstance(candidates, Mapping):
        return {}
    new = (
        (name, candidate)
        for name, candidate in candidates.items()
        if name not in known
        and isinstance(candidate, Mapping)
        and isinstance(candidate.get("candidate"), str)
        and len(candidate["candidate"]) <= MAX_CANDIDATE_CHARACTERS
    )
    return dict(islice(new, count))


class PictureGate:
    """Decides which encoded VP8 pictures are decoded.

    A picture that is too large, or one too many in a second, is left out. The pictures after it need it, so they are
    left out too, up to the next key frame within the limits.
    """

    def __init__(self, max_rate: float) -> None:
        self._max_rate = max_rate  # pictures a second
        self._open = True
        self._credit, self._last = BURST_S * max_rate, 0.0

    def admit(self, picture: bytes, now: float) -> bool:
        """Count the picture, and return whether to decode it; `now` is in seconds on any steady clock."""
        self._credit = min(BURST_S * self._max_rate, self._credit + self._max_rate * max(0.0, now - self._last))
        self._last = now
        if is_key_frame(picture):
            size = key_frame_size(picture)
            self._open = size is not None and size[0] * size[1] <= MAX_PICTURE_PIXELS
        self._open = self._open and self._credit >= 1
        if self._open:
            self._credit -= 1
        return self._open

"""What a browser may offer: one line of video, and few candidates."""

from __future__ import annotations

from collections.abc import Container, Mapping
from itertools import islice
from typing import Any

from aiortc.sdp import SessionDescription

MAX_OFFER_CHARACTERS = 64_000
MAX_CANDIDATE_CHARACTERS = 500


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

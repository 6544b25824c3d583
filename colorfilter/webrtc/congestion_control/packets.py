"""What became of one packet."""

from __future__ import annotations

from typing import NamedTuple


class PacketResult(NamedTuple):  # hundreds a second for each viewer, each made in half a dataclass's time
    """A packet that was sent: its bytes, when it left, and when it arrived (None: lost) on the receiver's clock.

    `probe` is the number of the probe cluster that it belongs to, None if it is of none.
    """

    size: int
    sent: float
    arrived: float | None
    probe: int | None = None

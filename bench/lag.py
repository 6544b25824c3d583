"""How late pictures are, from what a camera gave and what came back."""

from bisect import bisect_right
from collections.abc import Sequence
from statistics import median

CLOCK = 90_000  # ticks a second of video's RTP time stamps, RFC 7741
SURE = 15  # frames at the start, taken to be less late than the clip is long


def lags(
    sent: Sequence[tuple[float, int]], shown: Sequence[tuple[float, int, int]], period: float
) -> list[tuple[float, float]]:
    """(time shown, lag) of each picture shown, in seconds.

    `sent` is (time, frame number), `shown` is (time, frame number, RTP time stamp), both in order of time. Numbers come
    round again, after `period`. The time stamp tells in which round a picture was sent; it is not taken for the lag
    itself, because the stock way gives old pictures new ones. A picture whose number was not seen at the camera in
    that round is left out.
    """
    times: dict[int, list[float]] = {}
    for at, number in sent:
        times.setdefault(number, []).append(at)
    known = []
    for at, number, stamp in shown:
        sent_at = times.get(number, [])
        if before := sent_at[: bisect_right(sent_at, at)]:
            known.append((at, before, _seconds(stamp - shown[0][2])))
    if not known:
        return []
    origin = median(before[-1] - media for _, before, media in known[:SURE])
    nearest = [(at, min(before, key=lambda then: abs(then - origin - media)), media) for at, before, media in known]
    return [(at, at - then) for at, then, media in nearest if abs(then - origin - media) < period / 2]


def _seconds(ticks: int) -> float:
    """The time between two stamps, which are of 32 bits and wrap around."""
    return ((ticks + (1 << 31)) % (1 << 32) - (1 << 31)) / CLOCK


def percentile(values: list[float], share: float) -> float:
    """The value that `share` of all do not exceed; not a number if there is none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")

"""How late pictures are, from what a camera gave and what came back."""

from bisect import bisect_right
from collections.abc import Sequence

CLOCK = 90_000  # ticks a second of video's RTP time stamps, RFC 7741
FIRST = 60  # frames that tell how the stamps lie on the page's clock
NEAR = 0.25  # seconds between two frames' answers to that, taken for the same one


def lags(
    sent: Sequence[tuple[float, int]], shown: Sequence[tuple[float, int, int | None]], period: float
) -> list[tuple[float, float]]:
    """(time shown, lag) of each picture shown, in seconds.

    `sent` is (time, frame number), `shown` is (time, frame number, RTP time stamp), both in order of time. Numbers come
    round again, after `period`. The time stamp tells in which round a picture was sent; it is not taken for the lag
    itself, because the stock way gives old pictures new ones. A picture whose number was not seen at the camera in
    that round is left out, and one of which the browser tells no time stamp.
    """
    times: dict[int, list[float]] = {}
    for at, number in sent:
        times.setdefault(number, []).append(at)
    known = []
    stamped = [(at, number, stamp) for at, number, stamp in shown if stamp is not None]
    for at, number, stamp in stamped:
        sent_at = times.get(number, [])
        if before := sent_at[: bisect_right(sent_at, at)]:
            known.append((at, before, _seconds(stamp - stamped[0][2])))
    if not known:
        return []
    origin = _agreed([then - media for _, before, media in known[:FIRST] for then in before])
    nearest = [(at, min(before, key=lambda then: abs(then - origin - media)), media) for at, before, media in known]
    return [(at, at - then) for at, then, media in nearest if abs(then - origin - media) < period / 2]


def _agreed(values: list[float]) -> float:
    """The latest value, for it makes the least lag, that half as many others are near as are near any.

    A camera that skips frames shows a number in one round and not in the next, so that some values are rounds off.
    """
    near = {value: sum(abs(value - other) < NEAR for other in values) for value in values}
    return max(value for value, others in near.items() if others >= max(near.values()) / 2)


def _seconds(ticks: int) -> float:
    """The time between two stamps, which are of 32 bits and wrap around."""
    return ((ticks + (1 << 31)) % (1 << 32) - (1 << 31)) / CLOCK


def percentile(values: list[float], share: float) -> float:
    """The value that `share` of all do not exceed; not a number if there is none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")

"""Figures of the server for Prometheus, at GET /metrics where the setting `metrics` is on."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4 as CONTENT_TYPE

__all__ = ["CONTENT_TYPE", "PLACES", "REFUSALS", "STILLS", "VIEWERS", "counted", "text", "turn_on"]

T = TypeVar("T")

# A registry of its own: the library's holds a name for good, also when Streamlit loads this module again.
REGISTRY = CollectorRegistry()
ProcessCollector(registry=REGISTRY)
VIEWERS = Gauge("colorfilter_viewers", "Viewers who are live now.", registry=REGISTRY)
PLACES = Gauge("colorfilter_free_places", "Viewers at 720p who could still come.", registry=REGISTRY)
REFUSALS = Counter("colorfilter_refusals", "Viewers who were told that the server is full.", registry=REGISTRY)
STILLS = Counter("colorfilter_stills", "Answers of POST /filter by status.", ["status"], registry=REGISTRY)
FILTER_SECONDS = Histogram(
    "colorfilter_filter_seconds",
    "Time in the filter, one observation a live frame.",
    buckets=[0.00025, 0.0005, 0.001, 0.002, 0.004, 0.008, 0.016, 0.033, 0.066, 0.133],
    registry=REGISTRY,
)

_on = False


def turn_on() -> None:
    """Count frames from now on, which `counted` else leaves out."""
    global _on
    _on = True


def counted(show: Callable[[T], T]) -> Callable[[T], T]:
    """`show`, which makes one frame from another, with each call timed; `show` itself where metrics are off."""
    if not _on:
        return show

    def timed(frame: T) -> T:
        start = time.perf_counter()
        shown = show(frame)
        FILTER_SECONDS.observe(time.perf_counter() - start)
        return shown

    return timed


def text() -> bytes:
    """All figures in Prometheus's text format."""
    return generate_latest(REGISTRY)

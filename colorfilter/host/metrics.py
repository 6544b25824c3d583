"""The server's metrics for Prometheus, at GET /metrics if the setting `metrics` is on."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4 as CONTENT_TYPE

__all__ = ["CONTENT_TYPE", "PLACES", "REFUSALS", "STILLS", "VIEWERS", "enable", "exposition", "observe_frame"]

# Not the library's registry: it raises for a name that it has, as when Streamlit loads this module again.
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

_enabled = False


def enable() -> None:
    """Have `observe_frame` count from now on."""
    global _enabled
    _enabled = True


def observe_frame(seconds: float) -> None:
    """Count a live frame and its time in the filter, if metrics are on."""
    if _enabled:
        FILTER_SECONDS.observe(seconds)


def exposition() -> bytes:
    """All metrics in Prometheus's text format, version 0.0.4."""
    return generate_latest(REGISTRY)

"""The server's metrics for Prometheus, at GET /metrics if the setting `metrics` is on."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4 as CONTENT_TYPE

__all__ = [
    "CONNECTIONS",
    "CONTENT_TYPE",
    "HELD",
    "PACKETS_ASKED",
    "PICTURES_LEFT_OUT",
    "PLACES",
    "REFUSALS",
    "RUNS",
    "STILLS",
    "VIEWERS",
    "enable",
    "exposition",
    "observe_frame",
    "observe_picture",
]

# Not the library's registry: it raises for a name that it has, as when Streamlit loads this module again.
REGISTRY = CollectorRegistry()
ProcessCollector(registry=REGISTRY)
VIEWERS = Gauge("colorfilter_viewers", "Viewers who are live now.", registry=REGISTRY)
PLACES = Gauge("colorfilter_free_places", "Viewers at 720p who could still come.", registry=REGISTRY)
REFUSALS = Counter("colorfilter_refusals", "Viewers who were told that the server is full.", registry=REGISTRY)
STILLS = Counter("colorfilter_stills", "Answers of POST /filter by status.", ["status"], registry=REGISTRY)
HELD = Gauge("colorfilter_held_bytes", "What visitors' pictures, clips and uploads take.", registry=REGISTRY)
RUNS = Counter("colorfilter_runs", "Runs of the page's script.", registry=REGISTRY)
CONNECTIONS = Counter("colorfilter_connections", "Peer connections that were made.", registry=REGISTRY)
PACKETS_ASKED = Counter("colorfilter_packets_asked", "Lost packets that browsers were asked for.", registry=REGISTRY)
PICTURES_LEFT_OUT = Counter(
    "colorfilter_pictures_left_out", "Live pictures beyond a limit, which were not decoded.", registry=REGISTRY
)
PICTURE_PIXELS = Histogram(
    "colorfilter_picture_pixels",
    "Pixels of a live picture, one observation for each that was decoded.",
    buckets=[320 * 240, 640 * 480, 1280 * 720, 1920 * 1080, 2_592_000],  # the last is the limit of all
    registry=REGISTRY,
)
FILTER_SECONDS = Histogram(
    "colorfilter_filter_seconds",
    "Time in the filter, one observation a live frame.",
    buckets=[0.00025, 0.0005, 0.001, 0.002, 0.004, 0.008, 0.016, 0.033, 0.066, 0.133],
    registry=REGISTRY,
)

_enabled = False


def enable() -> None:
    """Have `observe_frame` and `observe_picture` count from now on."""
    global _enabled
    _enabled = True


def observe_frame(seconds: float) -> None:
    """Count a live frame and its time in the filter, if metrics are on."""
    if _enabled:
        FILTER_SECONDS.observe(seconds)


def observe_picture(pixels: int) -> None:
    """Count a decoded live picture and its size, if metrics are on."""
    if _enabled:
        PICTURE_PIXELS.observe(pixels)


def exposition() -> bytes:
    """All metrics in Prometheus's text format, version 0.0.4."""
    return generate_latest(REGISTRY)

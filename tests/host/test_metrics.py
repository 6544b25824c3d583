import pytest
from prometheus_client.parser import text_string_to_metric_families

from colorfilter.host import metrics


def sample(name):
    """The value of a figure as Prometheus would read it."""
    families = text_string_to_metric_families(metrics.exposition().decode())
    [value] = [s.value for family in families for s in family.samples if s.name == name]
    return value


@pytest.fixture
def on(monkeypatch):
    monkeypatch.setattr(metrics, "_enabled", False)  # as it is put back
    metrics.enable()


def test_while_they_are_off_a_frame_costs_nothing():
    def process(frame):
        return frame

    assert metrics.timed(process) is process


@pytest.mark.usefixtures("on")
def test_each_frame_is_counted_with_its_time(monkeypatch):
    times = iter([10.0, 10.003, 20.0, 20.05])
    monkeypatch.setattr(metrics.time, "perf_counter", lambda: next(times))
    before = {name: sample(f"colorfilter_filter_seconds_{name}") for name in ("count", "sum")}
    process = metrics.timed(str.upper)
    assert [process("a"), process("b")] == ["A", "B"]
    assert sample("colorfilter_filter_seconds_count") == before["count"] + 2
    assert sample("colorfilter_filter_seconds_sum") == pytest.approx(before["sum"] + 0.053)

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


def figures():
    return [sample(f"colorfilter_filter_seconds_{name}") for name in ("count", "sum")]


def test_while_they_are_off_no_frame_is_counted(monkeypatch):
    monkeypatch.setattr(metrics, "_enabled", False)
    before = figures()
    metrics.observe_frame(0.003)
    assert figures() == before


@pytest.mark.usefixtures("on")
def test_each_frame_is_counted_with_its_time():
    count, seconds = figures()
    metrics.observe_frame(0.003)
    metrics.observe_frame(0.05)
    assert figures() == [count + 2, pytest.approx(seconds + 0.053)]

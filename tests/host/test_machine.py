import os

import pytest

from colorfilter.host import machine


@pytest.mark.parametrize(
    ("limit", "cores"),
    [("max 100000\n", 6), ("150000 100000\n", 1.5), ("50000 100000\n", 0.5), ("900000 100000\n", 6), ("", 6)],
)
def test_a_containers_limit_counts_where_it_is_below_the_cores(limit, cores, monkeypatch, tmp_path):
    (tmp_path / "cpu.max").write_text(limit)
    monkeypatch.setattr(machine, "CPU_LIMIT", tmp_path / "cpu.max")
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: set(range(6)), raising=False)
    assert machine.available_cores() == cores


def test_without_containers_and_affinity_the_machine_counts(monkeypatch, tmp_path):
    monkeypatch.setattr(machine, "CPU_LIMIT", tmp_path / "none")
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 12)
    assert machine.available_cores() == 12

import json
import logging
import re

import pytest

from colorfilter.host import logs
from colorfilter.host.settings import settings


@pytest.fixture
def lines(monkeypatch, capfd):
    """What the package has written to stderr, each line as it is read back."""
    package = logging.getLogger("colorfilter")
    monkeypatch.setattr(package, "handlers", [])
    before = package.level
    logs.configure_logging()
    yield lambda: [json.loads(line) for line in capfd.readouterr().err.splitlines()]
    package.setLevel(before)


def test_an_event_is_one_line_with_its_fields(lines):
    logs.log_event("viewer started", viewer="9f86d081", cores=0.45, address=None)
    [line] = lines()
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00", line.pop("time"))
    assert line == {"level": "info", "event": "viewer started", "viewer": "9f86d081", "cores": 0.45}


def test_a_traceback_stays_in_its_line(lines):
    try:
        raise RuntimeError("two\nlines")
    except RuntimeError:
        logging.getLogger("colorfilter.live.picture").warning("A frame could not be filtered.", exc_info=True)
    [line] = lines()
    assert (line["level"], line["event"]) == ("warning", "A frame could not be filtered.")
    assert "RuntimeError: two\nlines" in line["error"]


def test_a_second_start_doubles_nothing(lines):
    logs.configure_logging()
    logs.log_event("once")
    assert len(lines()) == 1


def test_a_session_has_a_short_name_that_does_not_give_it_away():
    names = {logs.hash_session_id(f"session {number}") for number in range(100)}
    assert len(names) == 100
    assert all(re.fullmatch("[0-9a-f]{8}", name) for name in names)


def test_an_address_is_there_only_where_it_is_asked_for(monkeypatch):
    behind = {"X-Forwarded-For": "203.0.113.7"}
    assert logs.visitor_address(behind, "192.0.2.1") is None
    monkeypatch.setenv("COLORFILTER_LOG_ADDRESSES", "true")
    settings.cache_clear()
    assert logs.visitor_address(behind, "192.0.2.1") == "192.0.2.1"  # anybody may write such a header
    assert logs.visitor_address({}, "192.0.2.1") == "192.0.2.1"
    assert logs.visitor_address({}, None) is None
    monkeypatch.setenv("COLORFILTER_TRUSTED_PROXIES", "192.0.2.0/24, ::1")
    settings.cache_clear()
    assert logs.visitor_address(behind, "192.0.2.1") == "203.0.113.7"
    assert logs.visitor_address(behind, "::1") == "203.0.113.7"
    assert logs.visitor_address({"X-Forwarded-For": "198.51.100.1, 203.0.113.7"}, "192.0.2.1") == "203.0.113.7"
    assert logs.visitor_address({}, "192.0.2.1") == "192.0.2.1"
    assert logs.visitor_address(behind, "192.0.3.1") == "192.0.3.1"
    assert logs.visitor_address(behind, None) is None
    monkeypatch.setenv("COLORFILTER_TRUSTED_PROXIES", "127.0.0.1")
    settings.cache_clear()
    assert logs.visitor_address(behind, None) == "203.0.113.7"

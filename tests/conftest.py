import hypothesis
import pytest

from colorfilter.host.settings import settings
from tests.support.patience import PATIENCE

hypothesis.settings.register_profile("any machine", deadline=None)
hypothesis.settings.load_profile("any machine")

# A test whose mark is here may take longer than pyproject.toml says for all.
TIME_LIMIT_S = {"slow": 600, "reach": 600, "deploy": 600, "soak": 3600, "hostile": 600}


def pytest_collection_modifyitems(config, items):
    """The browser last: its event loop runs to the end of the session, and no `asyncio.run` may meet it.

    Of its files the longest, that of the networks, comes first, so that two workers end together.

    On a busy machine a browser now and then misses a deadline, so its tests have a second try, which the summary names
    (RERUN). What is broken fails twice.
    """
    limit_of_all = float(config.getini("timeout"))
    items.sort(key=lambda item: ("browser" in item.path.parts, not item.get_closest_marker("reach")))
    for item in items:
        if "browser" in item.path.parts:
            item.add_marker(pytest.mark.flaky(reruns=1))
        limits = [limit for mark, limit in TIME_LIMIT_S.items() if item.get_closest_marker(mark)]
        own = item.get_closest_marker("timeout")
        limit = own.args[0] if own else max(limits, default=limit_of_all)
        item.add_marker(pytest.mark.timeout(limit * PATIENCE), append=False)


def pytest_terminal_summary(terminalreporter):
    """What a test had failed with that has passed since."""
    for report in terminalreporter.stats.get("rerun", []):
        terminalreporter.section(f"first try of {report.nodeid}")
        terminalreporter.line(report.longreprtext)
        for title, text in report.sections:
            terminalreporter.section(title, sep="-")
            terminalreporter.line(text)


@pytest.fixture(autouse=True)
def unread_settings():
    """Each test has the settings read anew from its own environment."""
    settings.cache_clear()
    yield
    settings.cache_clear()

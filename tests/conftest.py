import pytest

from colorfilter.host.settings import settings


def pytest_collection_modifyitems(items):
    """The browser last: its event loop runs to the end of the session, and no `asyncio.run` may meet it."""
    items.sort(key=lambda item: "browser" in item.path.parts)


@pytest.fixture(autouse=True)
def unread_settings():
    """Each test has the settings read anew from its own environment."""
    settings.cache_clear()
    yield
    settings.cache_clear()

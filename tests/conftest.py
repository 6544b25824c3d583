import sys

import pytest


def pytest_collection_modifyitems(items):
    """The browser last: its event loop runs to the end of the session, and no `asyncio.run` may meet it."""
    items.sort(key=lambda item: "browser" in item.path.parts)


@pytest.fixture(autouse=True)
def main_module(monkeypatch):
    """Streamlit's AppTest puts its script in the place of `__main__`, which a new process would then import."""
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])

def pytest_collection_modifyitems(items):
    """The browser last: its event loop runs to the end of the session, and no `asyncio.run` may meet it."""
    items.sort(key=lambda item: "browser" in item.path.parts)

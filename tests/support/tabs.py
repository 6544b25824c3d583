"""Tabs that tests use one after another: to load the page there again is half the work of a browser's first visit.

Each is the only one of its context, and as a new one where the next test takes it: no cookie, nothing stored, no
permission. What the browser has of the page, compiled and cached, it keeps.
"""

import weakref

from playwright.sync_api import Error

_free = weakref.WeakKeyDictionary()  # the tabs of each browser that nobody uses


def take(browser, viewport, color_scheme):
    """A tab of that size, in that scheme; None if there is none."""
    tabs = _free.get(browser)
    if not tabs:
        return None
    page = tabs.pop()
    page.set_viewport_size(viewport)
    page.emulate_media(color_scheme=color_scheme)
    return page


def give_back(browser, page):
    """Leave the page, and keep its tab for the next test; one that crashed or is closed is closed for good."""
    context = page.context
    try:
        page.goto("about:blank")
        for other in context.pages:
            if other != page:
                other.close()
        page.mouse.move(0, 0)
        context.set_offline(False)
        context.clear_permissions()
        context.clear_cookies()
        session = context.new_cdp_session(page)
        session.send("Storage.clearDataForOrigin", {"origin": "*", "storageTypes": "local_storage,indexeddb"})
        session.detach()
    except Error:
        context.close()
    else:
        _free.setdefault(browser, []).append(page)

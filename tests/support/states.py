"""The states that the page can be in, each made as a visitor comes to it."""

import contextlib
import tempfile
from pathlib import Path

from tests.support import clips
from tests.support.page import LivePage, PhotoPage
from tests.support.server import Server

NO_CAMERA = """
MediaDevices.prototype.enumerateDevices = () => Promise.resolve([]);
MediaDevices.prototype.getUserMedia = () => Promise.reject(new DOMException("", "NotFoundError"));
"""
FULL = "1 person is watching live, as many as this server can serve well."


class StatesOf:
    """Opens pages in their states, in this browser; leave the `with` block to stop the servers."""

    def __init__(self, browser):
        self._browser, self._stack = browser, contextlib.ExitStack()

    def __enter__(self):
        self._app = self._stack.enter_context(Server("serve", COLORFILTER_MAX_LIVE="50"))
        return self

    def __exit__(self, *error):
        self._stack.close()

    @contextlib.contextmanager
    def open(self, state, **context):
        """The page in a state of STATES."""
        with contextlib.ExitStack() as stack:
            yield getattr(self, f"_{state.replace(' ', '_')}")(stack, context)

    def _live_page(self, stack, context, init_script=""):
        return stack.enter_context(LivePage(self._browser, self._app.url, init_script, **context))

    def _before_the_start(self, stack, context):
        return self._live_page(stack, context).page

    def _live(self, stack, context):
        live_page = self._live_page(stack, context)
        live_page.start()
        live_page.wait_for_figures()
        return live_page.page

    def _seen(self, stack, context, view):
        live_page = self._live_page(stack, context)
        live_page.start()
        live_page.see(view)
        live_page.wait_for_figures()
        return live_page.page

    def _compare(self, stack, context):
        return self._seen(stack, context, "compare")

    def _all(self, stack, context):
        return self._seen(stack, context, "all")

    def _clip(self, stack, context):
        photo_page = stack.enter_context(PhotoPage(self._browser, f"{self._app.url}/?mode=file", **context))
        with tempfile.TemporaryDirectory() as folder:
            clip = clips.write_clip(Path(folder) / "clip.webm", (640, 360), 30, codec="libvpx-vp9", audio=None)
            photo_page.upload("clip.webm", clip.read_bytes())
        photo_page.page.get_by_role("button", name="Make the clip").wait_for()
        return photo_page.page

    def _photo(self, stack, context):
        return stack.enter_context(PhotoPage(self._browser, f"{self._app.url}/?mode=file", **context)).page

    def _error(self, stack, context):
        photo_page = stack.enter_context(PhotoPage(self._browser, f"{self._app.url}/?mode=file", **context))
        photo_page.upload("broken.png", b"no picture")
        photo_page.page.get_by_test_id("stAlert").wait_for()
        return photo_page.page

    def _no_camera(self, stack, context):
        live_page = self._live_page(stack, context, NO_CAMERA)
        live_page.page.locator("body[data-obstacle=camera]").wait_for(state="attached")
        return live_page.page

    def _full(self, stack, context):
        server = stack.enter_context(Server("serve", COLORFILTER_MAX_LIVE="1"))
        stack.enter_context(LivePage(self._browser, server.url)).start()
        opened = stack.enter_context(contextlib.closing(self._browser.new_context(**context)))
        page = opened.new_page()
        page.goto(server.url)
        page.get_by_text(FULL).wait_for()
        return page


STATES = ("before the start", "live", "compare", "all", "photo", "clip", "error", "no camera", "full")
SCHEMES = ("light", "dark")
WIDTHS = {360: 740, 390: 844, 768: 1024, 1280: 900, 1920: 1080, 2560: 1440}  # with heights of such screens

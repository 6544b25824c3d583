"""The page as a person uses it: press, choose, look."""

import re

from playwright.sync_api import TimeoutError as PlaywrightTimeout

from colorfilter.stills.decode import read_picture
from tests.support import tabs
from tests.support.patience import PATIENCE, until

WAIT_MS = 60_000 * PATIENCE
DESK = {"width": 1280, "height": 900}
STREAMER = "iframe[title^='streamlit_webrtc']"

# In every document, iframes included: count the connections, keep the cameras opened, and read pixels of the video
# where asked.
WATCH = """
window.cameras = [];
if (window.MediaDevices) {
  const open = MediaDevices.prototype.getUserMedia;
  MediaDevices.prototype.getUserMedia = function (wanted) {
    const camera = { wanted };
    window.cameras.push(camera);
    return open.call(this, wanted).then((stream) => (camera.stream = stream));
  };
}
window.camerasOn = () => window.cameras.filter(
  ({ stream }) => stream && stream.getTracks().some((track) => track.readyState === "live")).length;
window.runs = 0;  // of the script or a part of it, that have ended
new MutationObserver(([{ target }]) => window.runs += target.dataset.testScriptState === "notRunning").observe(
  document, { subtree: true, attributes: true, attributeFilter: ["data-test-script-state"] });
window.connections = 0;
window.RTCPeerConnection = class extends window.RTCPeerConnection {
  constructor(...args) { super(...args); window.connections += 1; window.connection = this; }
};
window.pixels = (points) => {
  const video = document.querySelector("video");
  const canvas = document.createElement("canvas");
  canvas.width = video.videoWidth;
  canvas.height = video.videoHeight;
  const context = canvas.getContext("2d");
  context.drawImage(video, 0, 0);
  return points.map(([x, y]) =>
    [...context.getImageData(x * canvas.width, y * canvas.height, 1, 1).data].slice(0, 3));
};
"""

# What the page has sent to the server, for a test that asks for it.
SENT = """
window.sent = [];
const send = WebSocket.prototype.send;
WebSocket.prototype.send = function (data) {
  window.sent.push([...data]);
  return send.call(this, data);
};
"""

SCRIPT_STATE = "document.querySelector('.stApp')?.dataset.testScriptState"
SKELETONS = "document.querySelectorAll('[data-testid=stSkeleton], [data-testid=stAppSkeleton]')"
AT_REST = f"{SCRIPT_STATE} === 'notRunning' && {SKELETONS}.length === 0"
WHY_NOT_AT_REST = f"[{SCRIPT_STATE}, ...[...{SKELETONS}].map((skeleton) => skeleton.parentElement.className)]"


class LivePage:
    """A page of the app in a context that is its own while the test lasts.

    With a `clock` its timers go by that of the context, which a test may set forward. `on` has what is called for each
    of the browser's events. These two, an `init_script` and what else is told of the context are for a new one; others
    use a tab that was used before.
    """

    def __init__(
        self, browser, url, init_script="", on=None, clock=False, viewport=DESK, color_scheme="light", **context
    ):
        self._browser = None if init_script or on or clock or context else browser
        page = tabs.take(browser, viewport, color_scheme) if self._browser else None
        if page is None:
            opened = browser.new_context(viewport=viewport, color_scheme=color_scheme, **context)
            if clock:
                opened.clock.install()
            opened.set_default_timeout(WAIT_MS)
            opened.add_init_script(WATCH + init_script)
            page = opened.new_page()
        self.page, self.context = page, page.context
        for event, listener in (on or {}).items():
            page.on(event, listener)
        self.page.goto(url)
        self.streamer = self.page.frame_locator(STREAMER)
        self.wait_until_ready()

    def wait_until_ready(self):
        self.start_button.wait_for()
        self.wait_until_at_rest()

    def wait_until_at_rest(self):
        """Wait until the script has run, and everything that it drew is there."""
        try:
            self.page.wait_for_function(AT_REST)
        except PlaywrightTimeout as error:
            error.add_note(f"It does not come to rest: {self.page.evaluate(WHY_NOT_AT_REST)}")
            raise

    def pass_time(self, seconds):
        """Set the page's clock forward, and let happen what is due by then."""
        self.context.clock.run_for(round(1000 * seconds))

    def pass_looks(self, count):
        """Have the page look at the stream so often, once a second by its clock, and end what each look has begun."""
        for _ in range(count):
            self.pass_time(1)
            self.page.evaluate("fetch('_stcore/health').then(({ ok }) => ok)")

    def pass_runs(self, count):
        """Set the page's clock forward until the script, or a part that the page has run again, has run so often."""
        runs = "window.runs"
        goal = self.page.evaluate(runs) + count
        until(lambda: self.page.evaluate(runs) >= goal, pause=lambda: self.pass_time(0.2))

    @property
    def start_button(self):
        return self.streamer.get_by_role("button", name=re.compile("^Start( camera| test card)?$", re.IGNORECASE))

    @property
    def stop_button(self):
        return self.streamer.get_by_role("button", name="Stop", exact=True)

    @property
    def snapshot_button(self):
        return self.page.get_by_role("button", name=re.compile("^Snapshot( S)?$"))

    @property
    def video(self):
        return self.streamer.locator("video")

    def start(self):
        """Start the camera and wait for the first picture."""
        self.start_button.click()
        self.video.wait_for()
        self.frame().wait_for_function("document.querySelector('video')?.videoWidth")

    def choose(self, name):
        """Choose a filter, and wait until the page has it."""
        self.page.locator(".st-key-filter").get_by_text(name, exact=True).click()
        self.page.get_by_text(re.compile(f"^{name.capitalize()} (keeps|dims|removes) ")).wait_for()
        self.wait_until_at_rest()

    @property
    def settings_button(self):
        return self.page.get_by_test_id("stExpander").get_by_text("Settings", exact=True)

    def settings(self):
        """The settings of the source, unfolded."""
        panel = self.page.get_by_test_id("stExpander").filter(has_text="Settings")
        if not panel.get_by_text("Scope", exact=True).is_visible():
            self.settings_button.click()
            panel.get_by_text("Scope", exact=True).wait_for()
            # It unfolds in half a second, and what moves away under a press is not pressed.
            panel.evaluate(
                "panel => Promise.allSettled(panel.getAnimations({ subtree: true }).map((one) => one.finished))"
            )
        return panel

    def set(self, choice):
        """Press a switch or a choice of the settings."""
        self.settings().get_by_text(choice, exact=True).click()

    def wait_for_figures(self, size=""):
        """Wait for the line of figures: frames a second, the size received, and the filter's time."""
        line = re.compile(rf"^\d+ fps · {size or '[0-9]+ × [0-9]+'} · \d+\.\d ms")
        self.page.get_by_text(line).first.wait_for()

    def see(self, view):
        """Choose the view: filter, compare or all."""
        self.page.locator(".st-key-view").get_by_text(view, exact=True).click()

    def frames(self):
        """How many frames the video has shown."""
        return self.video.evaluate("video => video.getVideoPlaybackQuality().totalVideoFrames")

    def wait_for_frames(self, count):
        """Wait until so many more frames have been shown."""
        frame = self.frame()
        frame.wait_for_function(
            "goal => document.querySelector('video')?.getVideoPlaybackQuality().totalVideoFrames >= goal",
            arg=self.frames() + count,
        )

    def cover_camera(self):
        """Send black for a moment."""
        for on in (False, True):
            self.frame().evaluate(
                "on => window.connection.getSenders().forEach(({ track }) => track && (track.enabled = on))", on
            )
            self.wait_for_frames(5)

    def wait_for_another_connection(self, connections=1):
        """Wait until a connection after so many shows frames, on a page that was never loaded again."""
        self.frame().wait_for_function(
            """connections => window.connections > connections
                && document.querySelector('video')?.getVideoPlaybackQuality().totalVideoFrames > 5""",
            arg=connections,
        )

    def frame(self):
        """The streamer's own document."""
        return self.page.query_selector(STREAMER).content_frame()

    def pixels(self, points):
        """RGB 0..255 of the picture on the screen at points of 0..1 x 0..1."""
        return self.frame().evaluate("points => window.pixels(points)", points)

    def cameras(self, expression="window.cameras.length"):
        """How often the page and the frames in it have asked for a camera, or the sum of another expression."""
        return sum(frame.evaluate(expression) for frame in self.page.frames)

    def cameras_on(self):
        """How many cameras are open."""
        return self.cameras("window.camerasOn()")

    def switch_to(self, mode):
        """Choose the mode, live or file, and wait until it is there."""
        self.page.locator(".st-key-mode").get_by_text(mode, exact=True).click()
        {"live": self.start_button, "file": self.page.locator(".st-key-picture_from")}[mode].wait_for()

    def download(self, button):
        """Press the button, and return the name and the bytes of the file that comes."""
        with self.page.expect_download() as coming:
            button.click()
        return coming.value.suggested_filename, coming.value.path().read_bytes()

    def text(self):
        return self.page.locator(".stMain").inner_text()

    def __enter__(self):
        return self

    def __exit__(self, *error):
        if self._browser:
            tabs.give_back(self._browser, self.page)
        else:
            self.context.close()


class PhotoPage(LivePage):
    """A page of the app in file mode."""

    def wait_until_ready(self):
        self.download_button.wait_for()
        self.wait_until_at_rest()

    @property
    def download_button(self):
        return self.page.get_by_role("button", name="Download PNG")

    def come_from(self, source):
        """Choose where the picture comes from."""
        self.page.locator(".st-key-picture_from").get_by_text(source, exact=True).click()

    def take_photo(self):
        """Wait for the camera's picture, and take it."""
        self.page.wait_for_function("document.querySelector('video')?.readyState === 4")
        self.page.get_by_role("button", name="Take Photo").click()

    def upload(self, name, data):
        """Upload a file, in the place of the one before if there is one.

        Streamlit's uploader may lose a file that comes while the page runs for the one before.
        """
        self.wait_until_at_rest()
        if self.page.locator("input[type=file]").count() == 0:
            self.come_from("Upload")
        self.page.locator("input[type=file]").set_input_files({"name": name, "mimeType": "", "buffer": data})
        self.page.get_by_text(name).first.wait_for()

    def download_picture(self):
        """The name of the file that "Download PNG" brings, and its pixels."""
        name, data = self.download(self.download_button)
        return name, read_picture(data)

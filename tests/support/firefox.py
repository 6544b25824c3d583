"""A real Firefox, steered over Marionette, its own protocol; its camera is a canvas with the bars."""

import contextlib
import json
import shutil
import sys

from tests.support.camera import BARS
from tests.support.page import STREAMER
from tests.support.patience import until
from tests.support.server import HERE

CSS, XPATH = "css selector", "xpath"  # WebDriver's names for ways to find an element
NAMES = ["firefox-esr", "firefox"]
PREFERENCES = {
    "media.navigator.streams.fake": True,
    "media.navigator.permission.disabled": True,
    "media.autoplay.default": 0,
    # A page on a namespace's address is not secure, and would have no camera.
    "media.devices.insecure.enabled": True,
    "media.getusermedia.insecure.enabled": True,
    "browser.download.folderList": 2,
    "browser.download.always_ask_before_handling_new_types": False,
}
# In the streamer's document: a camera of bars across which something moves, so that no frame is like the one before.
CAMERA = """() => {
  const bars = BARS;
  const draw = (context, { width, height }, count) => {
    bars.forEach((color, i) => {
      context.fillStyle = `rgb(${color})`;
      context.fillRect(Math.floor(i * width / bars.length), 0, Math.ceil(width / bars.length), height);
    });
    context.fillStyle = "gray";
    context.fillRect(count * 8 % width, 0, 8, 8);
  };
  navigator.mediaDevices.getUserMedia = async ({ video }) => {
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [video.width.ideal, video.height.ideal];
    let count = 0;
    const context = canvas.getContext("2d");
    draw(context, canvas, 0);
    setInterval(() => draw(context, canvas, count += 1), 1000 / 30);
    return canvas.captureStream();
  };
}""".replace("BARS", json.dumps(BARS))
PIXELS = """(points) => {
  const video = document.querySelector("video"), canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [video.videoWidth, video.videoHeight];
  const context = canvas.getContext("2d");
  context.drawImage(video, 0, 0);
  return points.map(([x, y]) => [...context.getImageData(x * canvas.width, y * canvas.height, 1, 1).data].slice(0, 3));
}"""
# Without a screen Firefox counts no frames as shown.
FRAMES = """async () => {
  const stats = [...((await window.watched?.connection?.getStats())?.values() ?? [])];
  return stats.find(({ type, kind }) => type === "inbound-rtp" && kind === "video")?.framesDecoded ?? 0;
}"""
# What the browser keeps of its console, but for what it says of itself.
CONSOLE = """
return Services.console.getMessageArray()
  .filter((one) => one instanceof Ci.nsIScriptError && one.sourceName.startsWith("http"))
  .map(({ errorMessage, sourceName }) => [errorMessage, sourceName]);
"""
SIZES = """async () => {
  const stats = [...(await window.watched.connection.getStats()).values()].filter(({ kind }) => kind === "video");
  const size = (wanted) => {
    const { frameWidth, frameHeight } = stats.find(({ type }) => type === wanted) ?? {};
    return [frameWidth ?? 0, frameHeight ?? 0];
  };
  return { sent: size("outbound-rtp"), received: size("inbound-rtp") };
}"""


def find_firefox():
    """The path of Firefox. Fails if there is none."""
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        raise RuntimeError("There is no Firefox. On Debian and Ubuntu the package firefox-esr or firefox has it.")
    return path


class Firefox:
    """A browser that runs at a place, and the page in it. Leave the `with` block to stop it.

    Downloads and what the browser prints are in `folder`.
    """

    def __init__(self, folder, place=HERE):
        self.folder, self._place = folder, place

    def __enter__(self):
        from marionette_driver.marionette import Marionette  # it does not import on Python 3.13

        port = self._place.free_port()
        path, log = find_firefox(), str(self.folder / "firefox.log")
        preferences = {**PREFERENCES, "browser.download.dir": str(self.folder), "marionette.port": port}
        with self._place.entered():
            self._marionette = Marionette(
                port=port,
                bin=path,
                headless=True,
                prefs=preferences,
                gecko_log=log,
                app_args=["-remote-allow-system-access"],  # to read the console
            )
            self._marionette.start_session()
        self._marionette.set_window_rect(width=1280, height=1000)
        return self

    def __exit__(self, *error):
        with contextlib.suppress(Exception):  # a browser that does not answer is ended by its process
            self._marionette.quit(in_app=True)
        self._marionette.cleanup()

    def open(self, url, ours=True):
        """Load the page, and wait until it can be used; another's page, until its streamer is there."""
        self._marionette.navigate(url)
        there = f"() => !!document.querySelector({json.dumps('.st-key-mode' if ours else STREAMER)})"
        self.wait_for(there + (" && !!window.colorFilter?.fullScreen" if ours else ""))  # the last of the components

    def evaluate(self, function, *arguments, inside=False, seconds=30):
        """What a JavaScript function returns, in the page's own world, or `inside` the streamer's document."""
        told = ", ".join(map(json.dumps, arguments))
        self._enter(inside)
        self._marionette.execute_script(
            """const script = document.createElement("script");
            delete document.documentElement.dataset.answer;
            script.textContent = arguments[0];
            document.head.append(script);
            script.remove();""",
            script_args=[
                f"""(async () => {{
                    let answer;
                    try {{ answer = {{ value: await ({function})({told}) ?? null }}; }}
                    catch (error) {{ answer = {{ error: String(error) }}; }}
                    document.documentElement.dataset.answer = JSON.stringify(answer);
                }})()"""
            ],
        )
        found = self._poll(
            lambda: self._marionette.execute_script("return document.documentElement.dataset.answer ?? null"),
            function,
            seconds,
        )
        answer = json.loads(found)
        if "error" in answer:
            raise RuntimeError(answer["error"])
        return answer["value"]

    def wait_for(self, function, *arguments, inside=False, seconds=20):
        """Wait until the function returns what is true, and return it."""

        def look():
            try:
                return self.evaluate(function, *arguments, inside=inside, seconds=2)
            except RuntimeError:  # of the function itself
                raise
            except Exception:  # the streamer is not there yet, or its document was loaded anew before it answered
                return None

        return self._poll(look, function, seconds)

    def press(self, words, within="body", inside=False):
        """Press the first button or choice with these words, beside which there may be an icon."""
        has_words = f"normalize-space()='{words}' or .//p[normalize-space()='{words}']"
        xpath = f".//*[self::button or self::label or self::summary][not(@disabled)][{has_words}]"
        self._press(within, xpath, inside)

    def _press(self, within, xpath, inside):
        def pressed():
            self._enter(inside)
            with contextlib.suppress(Exception):  # it is drawn anew, or not there yet
                self._marionette.find_element(CSS, within).find_element(XPATH, xpath).click()
                return True
            return False

        self._poll(pressed, xpath)

    def drag(self, selector, *shares):
        """Drag with the mouse over the first such element of the page, from share to share of its width."""
        self._enter(False)
        box = self._poll(lambda: self._marionette.find_elements(CSS, selector), selector)[0].rect
        points = [(round(box["x"] + share * box["width"]), round(box["y"] + box["height"] / 4)) for share in shares]
        hand = self._marionette.actions.sequence("pointer", "hand", {"pointerType": "mouse"})
        hand.pointer_move(*points[0]).pointer_down()
        for point in points[1:]:
            hand.pointer_move(*point, duration=100)
        hand.pointer_up().perform()

    def press_key(self, key):
        """Press a key, with the focus where it is."""
        self._enter(False)
        self._marionette.actions.sequence("key", "keyboard").key_down(key).key_up(key).perform()

    def upload(self, path):
        """Choose a file where the page asks for one."""
        self._enter(False)
        self._poll(lambda: self._marionette.find_elements(CSS, "input[type=file]"), "upload")
        self._marionette.find_element(CSS, "input[type=file]").send_keys(str(path))

    def start(self, button="Start camera", camera=CAMERA, ours=True):
        """Press the button and wait for the first picture. The camera is one of bars, or what `camera` puts there."""
        ready = "() => !!document.querySelector('button')" + (" && !!document.body.dataset.attached" if ours else "")
        self.wait_for(f"() => !!document.querySelector({json.dumps(STREAMER)})")
        self.wait_for(ready, inside=True)
        self.evaluate(camera, inside=True)
        self.press(button, inside=True)
        self.wait_for("() => document.querySelector('video')?.videoWidth", inside=True)

    def pixels(self, points):
        """RGB 0..255 of the video at points of 0..1 x 0..1."""
        return self.evaluate(PIXELS, points, inside=True)

    def frames(self):
        """How many frames of the video have been decoded."""
        return self.evaluate(FRAMES, inside=True)

    def wait_for_frames(self, count):
        """Wait until so many more frames have been decoded."""
        goal = self.frames() + count
        self._poll(lambda: self.frames() >= goal, "frames")

    def sizes(self):
        """(width, height) of what the browser sends and of what it receives, by its own statistics."""
        return {name: tuple(size) for name, size in self.evaluate(SIZES, inside=True).items()}

    def console(self, since=0):
        """Warnings and errors of the pages' scripts, (words, address), without the first `since`."""
        with self._marionette.using_context("chrome"):
            return self._marionette.execute_script(CONSOLE)[since:]

    def _enter(self, inside):
        self._marionette.switch_to_frame()
        if inside:
            self._marionette.switch_to_frame(self._marionette.find_element(CSS, STREAMER))

    @staticmethod
    def _poll(look, what, seconds=30):
        try:
            return until(look, seconds)
        except AssertionError as late:
            raise AssertionError(f"{what}: {late}") from None


if __name__ == "__main__":
    try:
        find_firefox()
    except RuntimeError as error:
        sys.exit(str(error))

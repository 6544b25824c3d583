"""The page of one who uses it as a photo booth: keys, the count-down, what lies on the stage."""

from tests.support.page import LivePage

# In every document: a camera that is dark while the count-down lies on its picture, and bright at all other times.
DARK, BRIGHT = 40, 200
COUNT_DOWN_CAMERA = """
MediaDevices.prototype.getUserMedia = async () => {
  const canvas = Object.assign(document.createElement("canvas"), { width: 640, height: 480 });
  const context = canvas.getContext("2d");
  const draw = () => {
    const level = document.querySelector(".booth.count-down") ? DARK : BRIGHT;
    context.fillStyle = `rgb(${level}, ${level}, ${level})`;
    context.fillRect(0, 0, canvas.width, canvas.height);
  };
  draw();
  setInterval(draw, 1000 / 30);
  return canvas.captureStream();
};
""".replace("DARK", str(DARK)).replace("BRIGHT", str(BRIGHT))
# In the streamer's document: what has lain on the picture, each with its text, what is said at that time, and the time
# that the page last read, by which it decides what to show. What moves is the picture in it, if there is one.
WATCH_STAGE = """() => {
window.shownOnStage = [];
const now = parent.performance.now.bind(parent.performance);
parent.performance.now = () => (window.readLast = now());
new MutationObserver((changes) => changes.flatMap(({ addedNodes }) => [...addedNodes])
  .filter((node) => node.classList?.contains("booth"))
  .forEach((node) => window.shownOnStage.push([node.className, node.textContent,
    parent.document.querySelector(".booth-said").textContent, getComputedStyle(node).display, window.readLast,
    getComputedStyle(node.querySelector("img") ?? node).animationName])))
  .observe(document, { childList: true, subtree: true });
}"""


class BoothPage(LivePage):
    """A page whose stage is watched from the start of the camera on."""

    def start(self):
        self.frame().evaluate(WATCH_STAGE)
        super().start()

    def count_down_from(self, choice):
        """Choose the count-down: off, 3 s or 10 s."""
        button = self.page.locator(".st-key-count_down button").filter(has_text=choice)
        button.click()
        self.page.wait_for_function("button => button.ariaChecked === 'true'", arg=button.element_handle())
        self.page.wait_for_timeout(300)  # until the server knows it too

    def begin_count_down(self, choice):
        """Start the camera and press for a snapshot with that count-down, and wait for its first digit."""
        self.start()
        self.wait_for_frames(10)
        self.count_down_from(choice)
        self.snapshot_button.click()
        self.streamer.locator(".booth.count-down").wait_for()

    def on_stage(self, what=""):
        """What lies or has lain on the picture: (class, text, said then, display, milliseconds, animation) each."""
        shown = self.frame().evaluate("window.shownOnStage")
        return [tuple(one) for one in shown if what in one[0]]

    def said(self):
        """What a screen reader was last told of."""
        return self.page.locator(".booth-said").text_content()

    def press(self, *keys):
        for key in keys:
            self.page.keyboard.press(key)

    @property
    def prints(self):
        return self.page.locator(".st-key-strip img")

    def wait_for_prints(self, count):
        """Wait until so many snapshots are kept."""
        self.page.wait_for_function(
            "count => document.querySelectorAll('.st-key-strip img').length === count", arg=count
        )

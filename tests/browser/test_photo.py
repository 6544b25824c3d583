"""A picture in file mode as a person uses it: choose a picture, see it filtered, take it home."""

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import TimeoutError as PlaywrightTimeout
from playwright.sync_api import expect

from colorfilter import PRESETS
from colorfilter.page import file_mode
from colorfilter.stills import drawing
from colorfilter.stills.decode import read_picture
from tests.support.bars import assert_shows, expected
from tests.support.camera import BARS, bars_picture, write_y4m
from tests.support.chromium import launch
from tests.support.look import SIZES, assert_fits_and_reads_well
from tests.support.page import STREAMER, LivePage, PhotoPage
from tests.support.patience import until
from tests.support.pictures import HEIC, blocks, saved
from tests.support.server import Server

COLORS = {name: f.color for name, f in PRESETS.items()} | {"custom": (255, 136, 0)}


def through(pixels, color):
    """The pixels under a filter of that color, by the definition."""
    return np.rint(pixels * np.array(color) / 255).astype(np.uint8)


@pytest.fixture
def photo_page(app, browser):
    with PhotoPage(browser, f"{app.url}/?mode=file") as page:
        yield page


SHOWN_PIXELS = """async image => {
  for (let tries = 100; tries; tries -= 1) {  // a picture that is replaced meanwhile cannot be decoded
    try { await image.decode(); break; } catch { await new Promise(next => setTimeout(next, 50)); }
  }
  const canvas = new OffscreenCanvas(16, 16), context = canvas.getContext("2d");
  context.imageSmoothingEnabled = false;
  context.drawImage(image, 0, 0, 16, 16);
  return [...context.getImageData(0, 0, 16, 16).data];
}"""


def shown(page, of="The picture through"):
    """The picture on the screen, read back from the browser: RGB at 16 x 16 points of a grid."""
    try:
        pixels = page.page.get_by_alt_text(of).evaluate(SHOWN_PIXELS)
    except PlaywrightTimeout as error:
        error.add_note(f"There is no such picture. The page says: {page.page.locator('.stMain').inner_text()!r}")
        raise
    return np.array(pixels).reshape(16, 16, 4)[:, :, :3]


def wait_until_shown(page, want):
    """Wait until the picture on the screen has this color everywhere, to within 3 levels."""
    until(lambda: np.abs(shown(page) - want).max() <= 3, pause=lambda: page.page.wait_for_timeout(100))


def test_the_sample_through_every_filter(photo_page):
    sample = drawing.card(1920, 1080)
    for name, color in COLORS.items():
        photo_page.choose(name)
        photo_page.page.get_by_alt_text(f"The picture through the filter {name.capitalize()}").wait_for()
        file, picture = photo_page.download_picture()
        assert file == f"sample-{name}.png"
        assert np.array_equal(picture, through(sample, color))
    assert photo_page.cameras() == 0


def test_an_uploaded_png_comes_back_exactly(photo_page):
    pixels = np.random.default_rng(5).integers(0, 256, (300, 401, 3), np.uint8)
    photo_page.upload("my holiday.png", saved(pixels))
    photo_page.page.get_by_text("401 × 300 pixels").wait_for()
    photo_page.choose("custom")
    file, picture = photo_page.download_picture()
    assert file == "my holiday-custom.png"
    assert np.array_equal(picture, through(pixels, (255, 136, 0)))


def test_an_uploaded_jpeg_and_a_picture_with_transparency(photo_page):
    jpeg = saved(blocks(), "JPEG")
    photo_page.upload("photo.jpg", jpeg)
    photo_page.choose("red")
    photo_page.page.get_by_text("48 × 32 pixels").wait_for()
    assert np.array_equal(photo_page.download_picture()[1], through(read_picture(jpeg), (255, 0, 0)))
    turned = Image.Exif()
    turned[0x0112] = 6
    photo_page.upload("photo.jfif", saved(blocks(), "JPEG", exif=turned))
    photo_page.page.get_by_text("32 × 48 pixels").wait_for()
    clear = np.dstack([blocks((64, 64)), np.full((64, 64), 100, np.uint8)])
    photo_page.upload("clear.png", saved(clear))
    photo_page.page.get_by_text("64 × 64 pixels").wait_for()
    assert np.array_equal(photo_page.download_picture()[1], through(clear, (255, 0, 0, 255)))


# As Ctrl+V of a picture file does; a page cannot put a file on the system's clipboard.
PASTE_FILE = """(target, { name, bytes }) => {
  const transfer = new DataTransfer();
  transfer.items.add(new File([new Uint8Array(bytes)], name));
  const pasted = new ClipboardEvent("paste", { clipboardData: transfer, bubbles: true, cancelable: true });
  target.dispatchEvent(pasted);
  return pasted.defaultPrevented;
}"""
COPY_PICTURE = """async ([width, height, color]) => {
  const canvas = new OffscreenCanvas(width, height), context = canvas.getContext("2d");
  context.fillStyle = color;
  context.fillRect(0, 0, width, height);
  await navigator.clipboard.write([new ClipboardItem({ "image/png": canvas.convertToBlob({ type: "image/png" }) })]);
}"""


def paste_file(page, name, data, into="body"):
    return page.page.locator(into).first.evaluate(PASTE_FILE, {"name": name, "bytes": list(data)})


@pytest.mark.slow
def test_a_copied_picture_is_pasted_anywhere(app, browser):
    """On the sample, where there is no uploader yet; on the page beside the uploader; and in the uploader itself."""
    clipboard = ["clipboard-read", "clipboard-write"]
    with PhotoPage(browser, f"{app.url}/?mode=file&filter=yellow", permissions=clipboard) as page:
        for width, focus in ((40, None), (50, None), (60, "[data-testid=stFileUploaderDropzone]")):
            page.page.evaluate(COPY_PICTURE, [width, 30, "rgb(10, 20, 30)"])
            page.page.evaluate("document.activeElement.blur()")
            if focus:
                page.page.locator(focus).focus()
            page.page.keyboard.press("ControlOrMeta+v")
            page.page.get_by_text(f"{width} × 30 pixels").wait_for()
            file, picture = page.download_picture()
            assert file == "image-yellow.png"
            assert np.array_equal(picture, np.full((30, width, 3), (10, 20, 0)))


def test_a_copied_file_is_pasted_and_has_the_sentences_of_an_upload(photo_page):
    page = photo_page.page
    assert paste_file(photo_page, "my holiday.jpg", saved(blocks(), "JPEG"))
    page.get_by_text("48 × 32 pixels").wait_for()
    assert photo_page.download_picture()[0] == "my holiday-yellow.png"
    assert paste_file(photo_page, "IMG_1.HEIC", HEIC)
    page.get_by_text("This is a HEIC picture, which cannot be read. Save it as JPEG").wait_for()
    assert paste_file(photo_page, "notes.txt", b"words")
    page.get_by_text("files are not allowed").wait_for()
    paste_file(photo_page, "good.png", saved(np.zeros((40, 50, 3), np.uint8)))
    page.get_by_text("50 × 40 pixels").wait_for()


# As a file dragged from the desktop does, which no page can begin.
DROP_FILE = """(target, { name, bytes }) => {
  const dataTransfer = new DataTransfer();
  dataTransfer.items.add(new File([new Uint8Array(bytes)], name));
  for (const type of ["dragenter", "dragover", "drop"])
    target.dispatchEvent(new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true }));
}"""


@pytest.mark.slow
def test_a_picture_is_dropped_on_the_uploader(photo_page):
    photo_page.come_from("Upload")
    uploader = photo_page.page.get_by_test_id("stFileUploaderDropzone")
    for width, color in ((40, (10, 20, 30)), (50, (200, 150, 100))):  # the second in the place of the first
        picture = saved(np.full((30, width, 3), color, np.uint8))
        uploader.evaluate(DROP_FILE, {"name": f"dragged {width}.png", "bytes": list(picture)})
        photo_page.page.get_by_text(f"{width} × 30 pixels").wait_for()
        wait_until_shown(photo_page, through(np.array(color), (255, 255, 0)))
        assert photo_page.download_picture()[0] == f"dragged {width}-yellow.png"


@pytest.mark.slow
def test_what_is_pasted_elsewhere_is_left_alone(app, browser):
    with PhotoPage(browser, f"{app.url}/?mode=file") as page:
        page.switch_to("live")
        page.page.wait_for_url(f"{app.url}/")
        page.page.locator(".st-key-paste").wait_for(state="detached")
        assert not paste_file(page, "a.png", saved(blocks()))


@pytest.mark.slow
def test_the_file_chooser_offers_no_heic_and_the_uploader_takes_it(photo_page):
    """Safari then converts a HEIC photo; what comes all the same gets a sentence."""
    photo_page.come_from("Upload")
    chosen = photo_page.page.locator("input[type=file]")
    with photo_page.page.expect_file_chooser() as chooser:
        photo_page.page.locator("[data-testid=stFileUploaderDropzone] button").click()
    assert chosen.get_attribute("accept").split(",") == [*file_mode.SUFFIXES, *file_mode.CLIP_SUFFIXES]
    chooser.value.set_files({"name": "a.heic", "mimeType": "image/heic", "buffer": HEIC})
    photo_page.page.get_by_text("Most Compatible").wait_for()


BROKEN = {
    b"": "The picture is empty: it has zero bytes.",
    b"no picture at all": "This is not a picture that can be read: PNG, JPEG, WebP, BMP, TIFF or GIF.",
    saved(blocks())[:-40]: "The PNG picture is truncated or damaged.",
}


def test_a_broken_file_gets_one_sentence_and_the_page_lives_on(photo_page):
    alert = photo_page.page.locator("[data-testid=stAlert]")
    for data, sentence in BROKEN.items():
        photo_page.upload("broken.png", data)
        photo_page.page.get_by_text(sentence, exact=True).wait_for()
        expect(alert).to_have_count(1)
    photo_page.upload("good.png", saved(np.full((40, 50, 3), (10, 20, 30), np.uint8)))
    photo_page.page.get_by_text("50 × 40 pixels").wait_for()
    expect(alert).to_have_count(0)
    wait_until_shown(photo_page, (10, 20, 0))


@pytest.mark.slow
def test_pictures_that_take_too_long_or_too_much_memory_get_a_sentence(browser):
    """On a server with little of both; its room is for one photo of a few kilobytes."""
    limits = {"COLORFILTER_WORK_SECONDS": "0.1", "COLORFILTER_MAX_HELD_MB": "7"}
    with Server(**limits) as server, PhotoPage(browser, f"{server.url}/?mode=file") as page:
        page.upload("long.png", saved(np.zeros((6000, 8000, 3), np.uint8)))
        page.page.get_by_text("This file takes too long to read. Take a smaller one.").wait_for()
        page.upload("large.png", saved(np.random.default_rng(1).integers(0, 256, (500, 700, 3), np.uint8)))
        page.page.get_by_text("This server holds as many files as it may").wait_for()
        page.upload("small.png", saved(np.zeros((40, 50, 3), np.uint8)))
        page.page.get_by_text("50 × 40 pixels").wait_for()
        assert "Traceback" not in server.log()


@pytest.mark.slow
def test_the_color_changes_at_once(photo_page):
    photo_page.upload("white.png", saved(np.full((1080, 1920, 3), 255, np.uint8)))
    photo_page.page.get_by_text("1920 × 1080 pixels").wait_for()
    for name, color in COLORS.items():
        photo_page.choose(name)
        wait_until_shown(photo_page, color)
    photo_page.see("compare")
    photo_page.page.get_by_alt_text("The picture as it came").wait_for()
    assert np.all(shown(photo_page, "The picture as it came") == 255)


def test_a_photo_from_the_camera_at_1080p_and_another(app, playwright, tmp_path):
    write_y4m(tmp_path / "bars.y4m", [bars_picture(1920, 1080)] * 2)
    browser = launch(playwright, camera=tmp_path / "bars.y4m")
    with PhotoPage(browser, f"{app.url}/?mode=file&filter=pink") as page:
        assert page.cameras() == 0
        for taken in (1, 2):
            if taken == 1:
                page.come_from("Take a photo")
            else:
                page.page.get_by_role("button", name="Retake").click()
            page.take_photo()
            page.page.get_by_text("1920 × 1080 pixels").wait_for()
            page.page.get_by_role("button", name="Retake").wait_for()
            assert page.cameras() == taken
            assert page.cameras_on() == 0  # it is closed as soon as there is a photo
        file, picture = page.download_picture()
        centers = picture[540, 120::240].astype(int)
        assert file == "photo-pink.png"
        assert np.abs(centers - through(np.array(BARS), (255, 0, 255))).max() <= 4
    browser.close()


def test_the_camera_is_never_opened_unasked(app, browser):
    """In file mode, in live mode, and on the way from one to the other and back."""
    with PhotoPage(browser, f"{app.url}/?mode=file", clock=True) as page:
        page.come_from("Upload")
        page.come_from("Sample")
        page.switch_to("live")
        page.page.wait_for_url(f"{app.url}/")
        page.page.wait_for_function("document.body.dataset.camera === 'found'")
        page.pass_looks(2)
        assert page.cameras() == 0  # while the streamer's document is there
        page.switch_to("file")
        page.page.wait_for_url(f"{app.url}/?mode=file")
        page.wait_until_at_rest()
        page.pass_looks(2)
        assert page.cameras() == 0


def test_from_live_to_photo_and_back(app, browser):
    """The live camera and its connection end with the mode, and begin anew when asked; so does the photo's."""
    with LivePage(browser, f"{app.url}/?filter=red&mirror=false&resolution=480p") as page:
        for _ in range(2):
            page.start()
            page.wait_for_frames(5)
            assert page.cameras_on() == 1
            page.page.evaluate(f'window.left = document.querySelector("{STREAMER}").contentWindow.cameras')
            page.switch_to("file")
            page.page.locator(STREAMER).wait_for(state="detached")
            page.page.wait_for_function(
                "left.flatMap(({ stream }) => stream?.getTracks() ?? []).every((track) => track.readyState === 'ended')"
            )
            page.page.locator(".st-key-picture_from").get_by_text("Take a photo", exact=True).click()
            page.page.get_by_role("button", name="Take Photo").wait_for()
            page.page.wait_for_function("window.camerasOn() === 1")
            page.switch_to("live")
            page.page.wait_for_function("window.camerasOn() === 0")
        page.start()
        assert_shows(page, expected((255, 0, 0), mirrored=False))  # the mirror is as it was before


@pytest.mark.slow
def test_back_and_forth_in_haste(app, browser):
    with LivePage(browser, app.url) as page:
        page.start()
        for mode in ("file", "live", "file", "live"):
            page.page.locator(".st-key-mode").get_by_text(mode, exact=True).click()
        page.start_button.wait_for()
        page.start()
        page.wait_for_frames(5)


@pytest.mark.slow
def test_two_visitors_at_once_each_get_their_own_picture(app, browser):
    rng = np.random.default_rng(7)
    with (
        PhotoPage(browser, f"{app.url}/?mode=file&filter=yellow") as first,
        PhotoPage(browser, f"{app.url}/?mode=file&filter=yellow") as second,
    ):
        for i in range(20):
            pictures = [np.full((90, 160, 3), rng.integers(0, 256, 3), np.uint8) for _ in range(2)]
            for page, picture in zip((first, second), pictures, strict=True):
                page.upload(f"round-{i}.png", saved(picture))
            for page, picture in zip((first, second), pictures, strict=True):
                wait_until_shown(page, through(picture[0, 0], (255, 255, 0)))
            with first.page.expect_download() as one, second.page.expect_download() as two:
                first.download_button.click()
                second.download_button.click()
            for coming, picture in zip((one, two), pictures, strict=True):
                assert coming.value.suggested_filename == f"round-{i}-yellow.png"
                data = read_picture(coming.value.path().read_bytes())
                assert np.array_equal(data, through(picture, (255, 255, 0)))


@pytest.mark.slow
@pytest.mark.parametrize(("size", "scheme"), [("desk", "light"), ("phone", "dark")])
def test_file_mode_fits_and_reads_well(app, browser, size, scheme):
    with PhotoPage(browser, f"{app.url}/?mode=file", viewport=SIZES[size], color_scheme=scheme) as page:
        for source, there in (
            ("Sample", "1920 × 1080 pixels"),
            ("Upload", "25MB per file"),
            ("Take a photo", "Take Photo"),
        ):
            page.come_from(source)
            page.page.get_by_text(there).first.wait_for()
            assert_fits_and_reads_well(page.page, SIZES[size]["width"])
        page.take_photo()
        page.page.get_by_text("Retake").wait_for()
        assert_fits_and_reads_well(page.page, SIZES[size]["width"])

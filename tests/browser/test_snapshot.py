"""Snapshots of the live picture: taken with a button or a key, kept in a strip, taken home."""

import io
import zipfile

import numpy as np
import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg

from colorfilter.stills import drawing
from colorfilter.stills.decode import read_picture
from tests.support.bars import CENTERS, assert_shows, expected
from tests.support.look import SIZES, assert_fits_and_reads_well
from tests.support.page import SENT, LivePage


def page_runs(live_page):
    """How many runs the page has asked for that are not a fragment's."""
    sent = [BackMsg.FromString(bytes(data)) for data in live_page.page.evaluate("window.sent")]
    return sum(message.HasField("rerun_script") and not message.rerun_script.fragment_id for message in sent)


def take(page, count, press="button"):
    """Take a snapshot, and wait until the strip holds `count`."""
    if press == "button":
        page.snapshot_button.click()
    else:
        page.page.keyboard.press(press)
    wait_for_snapshots(page, count)


def wait_for_snapshots(page, count):
    """Wait until the strip holds `count`."""
    page.page.wait_for_function("count => document.querySelectorAll('.st-key-strip img').length === count", arg=count)


def bars_of(picture, centers):
    """The bars of a snapshot, at their centers: RGB (8, 3)."""
    height, width, _ = picture.shape
    return np.array([picture[int(y * height), int(x * width)] for x, y in centers]).astype(int)


def test_a_snapshot_is_what_was_seen_at_the_size_received(app, browser):
    with LivePage(browser, f"{app.url}/?filter=yellow&resolution=480p") as page:
        page.start()
        page.wait_for_figures("640 × 480")
        for number, mirror in ((1, True), (2, False)):
            assert_shows(page, expected((255, 255, 0), mirror))
            take(page, number)
            file, data = page.download(page.page.locator(f".st-key-download_{number} button"))
            assert file == f"snapshot-{number}.png"
            picture = read_picture(data)
            assert picture.shape == (480, 640, 3)
            assert np.abs(bars_of(picture, CENTERS) - expected((255, 255, 0), mirror)).max() <= 6
            page.set("Mirror")


@pytest.mark.slow
def test_the_stream_does_not_notice(app, browser):
    with LivePage(browser, app.url, SENT) as live_page:
        live_page.start()
        live_page.wait_for_figures()
        live_page.page.wait_for_timeout(2000)  # the page runs again when the camera has started
        before = page_runs(live_page)
        live_page.choose("cyan")
        chosen = page_runs(live_page)
        assert chosen > before
        for count in range(1, 11):
            take(live_page, min(count, 6))
            live_page.wait_for_frames(5)
        assert live_page.frame().evaluate("window.connections") == 1
        assert live_page.frame().evaluate("window.connection.connectionState") == "connected"
        assert page_runs(live_page) == chosen


# The test card's bars, in pink's light. No browser's encoder has changed them: what is shown has come from the server.
CARD_CENTERS = [[(i + 0.5) / len(drawing.BARS), 0.05] for i in range(len(drawing.BARS))]
PINK_CARD = drawing.BARS.astype(int) * (1, 0, 1)


@pytest.mark.slow
def test_the_last_six_delete_and_all_in_a_zip(app, browser):
    with LivePage(browser, f"{app.url}/?input=test+card&filter=pink") as live_page:
        live_page.start()
        assert_shows(live_page, PINK_CARD, CARD_CENTERS)
        for count in range(1, 8):
            take(live_page, min(count, 6))
            live_page.page.get_by_alt_text(f"Snapshot {count},").wait_for()
            live_page.choose("red")  # the strip stays where it is while the page runs again
            live_page.choose("pink")
            assert_shows(live_page, PINK_CARD, CARD_CENTERS)
        live_page.page.locator(".st-key-delete_4 button").click()
        live_page.page.get_by_alt_text("Snapshot 4,").wait_for(state="detached")
        file, data = live_page.download(live_page.page.get_by_role("button", name="Download all"))
        assert file == "snapshots.zip"
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            assert archive.namelist() == [f"snapshot-{i}.png" for i in (7, 6, 5, 3, 2)]
            for name in archive.namelist():
                bars = bars_of(read_picture(archive.read(name)), CARD_CENTERS)
                assert np.abs(bars - PINK_CARD).max() <= 3
        live_page.stop_button.click()
        live_page.start_button.wait_for()
        live_page.snapshot_button.wait_for(state="detached")
        wait_for_snapshots(live_page, 5)  # they outlive the stream


@pytest.mark.slow
def test_the_key_works_with_the_focus_in_the_page_and_in_the_picture(live_page):
    live_page.start()
    live_page.snapshot_button.wait_for()
    take(live_page, 1, "s")  # the focus is where the camera was started
    live_page.choose("green")
    take(live_page, 2, "s")
    live_page.page.get_by_role("slider", name="Strength").focus()
    take(live_page, 3, "s")
    live_page.page.locator("h1").click()
    take(live_page, 4, "s")
    live_page.choose("custom")  # and only once for each press
    take(live_page, 5, "s")


def test_snapshots_belong_to_one_visitor(app, browser):
    with LivePage(browser, app.url) as first, LivePage(browser, app.url) as second:
        first.start()
        first.snapshot_button.wait_for()
        take(first, 1)
        second.start()
        second.snapshot_button.wait_for()
        assert second.page.locator(".st-key-strip img").count() == 0
        take(second, 1)
        assert first.page.locator(".st-key-strip img").count() == 1


@pytest.mark.slow
def test_the_strip_fits_and_reads_well(app, browser):
    for size, scheme in (("desk", "light"), ("phone", "dark")):
        with LivePage(browser, app.url, viewport=SIZES[size], color_scheme=scheme) as page:
            page.start()
            page.snapshot_button.wait_for()
            for count in (1, 2, 3):
                take(page, count)
            assert_fits_and_reads_well(page.page, SIZES[size]["width"])

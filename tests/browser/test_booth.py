"""The photo booth: the count-down on the stage, the flash, and the snapshot large for a moment."""

import pytest

from colorfilter.stills.decode import read_picture
from tests.support.booth import BRIGHT, COUNT_DOWN_CAMERA, BoothPage
from tests.support.patience import until


def test_the_count_down_is_shown_and_said_and_the_snapshot_is_of_the_time_after_it(app, browser):
    with BoothPage(browser, f"{app.url}/?filter=original&resolution=480p", COUNT_DOWN_CAMERA) as page:
        page.start()
        page.wait_for_frames(10)
        page.count_down_from("3 s")
        page.snapshot_button.click()
        page.wait_for_prints(1)
        digits = page.on_stage("count-down")
        assert [(text, said) for _, text, said, *_ in digits] == [("3", "3"), ("2", "2"), ("1", "1")]
        (flash,) = page.on_stage("flash")
        assert flash[4] - digits[0][4] >= 2950  # not before its three seconds are over
        name, data = page.download(page.page.locator(".st-key-download_1 button"))
        assert name == "snapshot-1.png"
        assert read_picture(data).mean() >= BRIGHT - 10  # it was dark until then
        page.page.wait_for_function("document.querySelector('.booth-said').textContent === 'Snapshot 1 is taken.'")


@pytest.mark.slow
def test_the_newest_is_large_for_a_moment_in_the_place_of_the_picture(app, browser):
    with BoothPage(browser, f"{app.url}/?filter=cyan&resolution=480p") as page:
        page.start()
        page.wait_for_frames(10)
        page.snapshot_button.click()
        large = page.streamer.locator(".booth.print img")
        large.wait_for()
        assert large.evaluate("image => [image.naturalWidth, image.naturalHeight]") == [640, 480]
        box, video = page.streamer.locator(".booth.print").bounding_box(), page.video.bounding_box()
        assert box["height"] == pytest.approx(video["height"], abs=1)
        assert box["width"] == pytest.approx(video["height"] * 4 / 3, abs=1)
        assert box["x"] + box["width"] / 2 == pytest.approx(video["x"] + video["width"] / 2, abs=1)
        large.wait_for(state="detached")
        page.page.get_by_role("button", name="Delete", exact=True).click()
        page.wait_for_prints(0)
        assert len(page.on_stage("print")) == 1


@pytest.mark.slow
@pytest.mark.parametrize("end", ["a second press", "Escape", "the end of the video"])
def test_a_count_down_ends_without_a_snapshot_with(app, browser, end):
    with BoothPage(browser, app.url, clock=True) as page:
        page.begin_count_down("3 s")
        if end == "a second press":
            page.snapshot_button.click()
        elif end == "Escape":
            page.press("Escape")
        else:
            page.stop_button.click()
        page.streamer.locator(".booth.count-down").wait_for(state="detached")
        words = "The count-down has ended: the video stopped." if "video" in end else "The count-down is off."
        page.page.wait_for_function("words => document.querySelector('.booth-said').textContent === words", arg=words)
        page.pass_time(3.5)
        page.wait_until_at_rest()
        assert page.on_stage("flash") == []
        assert page.prints.count() == 0


@pytest.mark.slow
def test_ten_seconds_begin_with_a_ten(app, browser):
    with BoothPage(browser, app.url) as page:
        page.begin_count_down("10 s")
        page.press("Escape")
        page.streamer.locator(".booth.count-down").wait_for(state="detached")
        assert page.on_stage("count-down")[0][1:3] == ("10", "10")
        assert page.on_stage("flash") == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("motion", "flash", "large", "mark"),
    [("no-preference", "grid", "booth-print", "blink"), ("reduce", "none", "none", "none")],
)
def test_who_wants_no_motion_gets_no_flash_and_nothing_moves(app, browser, motion, flash, large, mark):
    with BoothPage(browser, app.url, reduced_motion=motion) as page:
        page.start()
        page.wait_for_frames(10)
        page.snapshot_button.click()
        page.streamer.locator(".booth.print").wait_for()
        assert [one[3] for one in page.on_stage("flash")] == [flash]
        assert [one[5] for one in page.on_stage("print")] == [large]
        page.press("r")
        recording = page.page.locator(".recording")
        assert recording.evaluate("mark => getComputedStyle(mark, '::before').animationName") == mark


@pytest.mark.slow
def test_presses_in_quick_succession_never_flash_four_times_in_a_second(app, browser):
    """WCAG 2.3.1: more than three flashes in a second can harm."""
    with BoothPage(browser, app.url) as page:
        page.start()
        page.wait_for_frames(10)

        def press_again():
            page.press("s")
            page.page.wait_for_timeout(100)

        until(lambda: page.prints.count() == 6, pause=press_again)
        times = [flash[4] for flash in page.on_stage("flash")]
        assert len(times) >= 2
        assert all(fourth - first > 1000 for first, fourth in zip(times, times[3:], strict=False))

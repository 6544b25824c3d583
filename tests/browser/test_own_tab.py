"""The app in a page of another site: what works there, and what is said where the browser withholds what it needs."""

import json
from functools import partial
from urllib.parse import urlsplit

import pytest

from tests.support.chromium import QUIET, chromium
from tests.support.page import WAIT_MS
from tests.support.pictures import photo, saved
from tests.support.server import Server

WORDS = "Inside another site's page the browser blocks this app's cookie"


@pytest.fixture
def framed(browser):
    """A function that opens the app at that address in a frame of another site's page, and returns the frame."""
    with browser.new_context(viewport={"width": 1280, "height": 1000}) as context:
        yield partial(open_in_frame, context)


def open_in_frame(context, url):
    context.set_default_timeout(WAIT_MS)
    page = context.new_page()
    page.goto(f"http://localhost:{urlsplit(url).port}/_stcore/health")  # another site, on this machine as the app is
    page.set_content(f'<iframe src="{url}" style="width: 100%; height: 950px"></iframe>')
    return page.frame_locator("iframe").first


@pytest.fixture
def allowing(playwright, tmp_path):
    """A browser that takes cookies of third parties, which no longer is the default."""
    profile = tmp_path / "Default"
    profile.mkdir()
    (profile / "Preferences").write_text(json.dumps({"profile": {"cookie_controls_mode": 0}}), encoding="utf-8")
    path = chromium(playwright)
    with playwright.chromium.launch_persistent_context(tmp_path, executable_path=path, args=QUIET) as context:
        yield context


def choose_upload(frame):
    frame.locator(".st-key-picture_from").get_by_text("Upload", exact=True).click()
    frame.locator("input[type=file]").wait_for(state="attached")


def test_where_an_upload_would_be_refused_the_page_offers_its_own_tab(app, framed, browser):
    frame = framed(app.url + "/?mode=file&filter=red")
    choose_upload(frame)
    frame.get_by_text(WORDS).wait_for()
    link = frame.get_by_role("link", name="Open Color Filter in its own tab")
    assert link.get_attribute("target") == "_blank"
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(link.get_attribute("href"))
        choose_upload(page)
        assert page.locator(".own-tab").is_hidden()


@pytest.mark.slow
def test_with_the_setting_that_the_docs_name_an_upload_works_there(allowing):
    with Server(STREAMLIT_SERVER_XSRF_COOKIE_SAME_SITE="none") as server:
        frame = open_in_frame(allowing, server.url + "/?mode=file")
        choose_upload(frame)
        picture = {"name": "p.png", "mimeType": "image/png", "buffer": saved(photo(40, 60))}
        frame.locator("input[type=file]").set_input_files(picture)
        frame.get_by_text("60 × 40 pixels").wait_for()
        assert frame.locator(".own-tab").is_hidden()


@pytest.mark.slow
def test_a_frame_that_may_not_use_the_camera_says_so(app, framed):
    frame = framed(app.url)
    frame.get_by_text("The site around this page does not let it use the camera.").wait_for()

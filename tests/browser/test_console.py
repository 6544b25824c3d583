"""What the page's own JavaScript says in the browser's console: nothing."""

import pytest

from tests.support.page import LivePage


@pytest.mark.slow
def test_no_warning_and_no_error_of_ours_while_the_page_is_used(app, browser):
    said = []
    on = {
        "console": lambda one: said.append((one.type, one.text, one.location["url"])),
        "pageerror": lambda error: said.append(("error", str(error), "")),
    }
    with LivePage(browser, app.url, on=on) as page:
        page.start()
        page.wait_for_frames(10)
        for view in ("compare", "all", "filter"):
            page.see(view)
            page.wait_for_frames(5)
        page.choose("red")
        page.snapshot_button.click()
        page.page.get_by_alt_text("Snapshot 1,").wait_for()
        page.set("480p")
        page.wait_for_another_connection()
        page.stop_button.click()
        page.start_button.wait_for()
        page.switch_to("file")
        page.switch_to("live")
    # Streamlit's own files, and those of its component, are under /static and /component. A picture that the next run
    # of the script replaces before the browser has asked for it is gone from /media.
    others = ("/static/", "/component/", "/media/")
    words = [" ".join(one[1:]) for one in said if one[0] in ("warning", "error")]
    ours = [one for one in words if not any(place in one for place in others)]
    assert ours == []

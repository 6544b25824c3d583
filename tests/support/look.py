"""What every page of ours keeps to: it fits on a phone, and everybody can read it."""

import time

from axe_core_python.sync_playwright import Axe

from tests.support.page import DESK
from tests.support.patience import PATIENCE

SIZES = {"desk": DESK, "phone": {"width": 360, "height": 740}}
# Of what is right axe then tells the first of each kind, in less time; for a frame that has no axe it would wait.
VIOLATIONS = {"resultTypes": ["violations"], "iframes": False}
AA = VIOLATIONS | {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa"]}}


def assert_fits_and_reads_well(page, width):
    """No horizontal scrolling, and nothing that axe holds against WCAG 2 A and AA, contrast among it.

    The page is looked at until it is at rest: what Streamlit is about to draw anew is faint for a moment.
    """

    def faults():
        wide = page.evaluate("document.documentElement.scrollWidth")
        found = [(v["id"], [node["failureSummary"] for node in v["nodes"]]) for v in axe_violations(page, AA)]
        return found if wide <= width else [*found, f"{wide} pixels wide"]

    assert seen_at_rest(page, faults) == []


def axe_violations(page, options):
    """What axe finds in the page, but for the frames in it."""
    if not page.evaluate("!!window.axe"):
        page.evaluate(Axe().axe_script)
    return page.evaluate("options => axe.run(options).then(({ violations }) => violations)", options)


def seen_at_rest(page, faults, seconds=15):
    """What `faults()` finds once that is nothing, or after so many seconds times the patience."""
    end = time.monotonic() + seconds * PATIENCE
    while (found := faults()) and time.monotonic() < end:
        page.wait_for_timeout(300)
    return found

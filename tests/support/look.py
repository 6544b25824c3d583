"""What every page of ours keeps to: it fits on a phone, and everybody can read it."""

from axe_core_python.sync_playwright import Axe

SIZES = {"desk": {"width": 1280, "height": 900}, "phone": {"width": 360, "height": 740}}
AA = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa"]}}


def assert_fits_and_reads_well(page, width):
    """No horizontal scrolling, and nothing that axe holds against WCAG 2 A and AA, contrast among it."""
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    violations = Axe().run(page, options=AA)["violations"]
    assert [(v["id"], [node["failureSummary"] for node in v["nodes"]]) for v in violations] == []

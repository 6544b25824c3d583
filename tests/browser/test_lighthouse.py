"""What Lighthouse says of the page, but for its times (`python -m bench loading`)."""

from urllib.request import Request, urlopen

import pytest

from tests.support.lighthouse import faults, lighthouse
from tests.support.patience import until
from tests.support.server import Server

pytestmark = [pytest.mark.lighthouse, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def report(playwright, tmp_path_factory):
    """Of a server that has compressed everything that the page loads: it begins a file when it is first asked for."""
    with Server("serve") as served:
        first = lighthouse(playwright, served.url, tmp_path_factory.mktemp("first"))
        loaded = [request["url"] for request in first["audits"]["network-requests"]["details"]["items"]]
        files = [url for url in loaded if url.startswith(served.url) and url.endswith((".js", ".css"))]
        assert files
        for url in files:
            until(lambda: coding_of(url) == "br", seconds=120, told=lambda: url)  # noqa: B023 (it is called here)
        yield lighthouse(playwright, served.url, tmp_path_factory.mktemp("second"))


def coding_of(url):
    with urlopen(Request(url, headers={"Accept-Encoding": "br"})) as response:
        return response.headers["Content-Encoding"]


def test_loading(report):
    audits = report["audits"]
    assert audits["total-byte-weight"]["numericValue"] <= 1_300_000
    assert audits["cumulative-layout-shift"]["numericValue"] < 0.05


def test_accessibility_and_best_practices(report):
    assert faults(report, "accessibility") == []
    assert report["categories"]["accessibility"]["score"] == 1
    assert faults(report, "best-practices") == []
    assert report["categories"]["best-practices"]["score"] >= 0.95

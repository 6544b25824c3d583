"""What puts the page on a phone's home screen."""

import io

import httpx
import numpy as np
import pytest
from PIL import Image

from colorfilter.server import web_app
from tests.support.server import Server


@pytest.fixture(scope="module")
def client():
    with Server("serve") as server, httpx.Client(base_url=server.url, timeout=30) as client:
        yield client


def test_the_page_names_its_manifest_and_its_icon(client):
    html = client.get("/").text
    assert '<link rel="manifest" href="./app.webmanifest" />' in html
    assert '<link rel="apple-touch-icon" href="./icon-180.png" />' in html


def test_the_manifest_has_what_an_installation_takes(client):
    """By w3.org/TR/appmanifest: a name, where it starts, how it is shown, and icons of 192 and 512 pixels."""
    answer = client.get("/app.webmanifest")
    assert answer.headers["content-type"] == "application/manifest+json"
    told = answer.json()
    assert (told["name"], told["start_url"], told["scope"], told["display"]) == ("Color Filter", ".", ".", "standalone")
    assert {"192x192", "512x512"} <= {icon["sizes"] for icon in told["icons"]}
    assert "serviceworker" not in told
    for icon in told["icons"]:
        picture = Image.open(io.BytesIO(client.get(f"/{icon['src']}").content))
        assert f"{picture.width}x{picture.height}" == icon["sizes"]


@pytest.mark.parametrize("size", web_app.SIZES)
def test_the_lights_lie_in_the_circle_that_stays_whole(size):
    pixels = np.asarray(Image.open(io.BytesIO(web_app.icon(size))))
    down, right = np.mgrid[:size, :size] - (size - 1) / 2
    outside = np.hypot(down, right) > 0.4 * size + 1  # the mask's circle has 80 % of the side
    assert pixels[outside].max() == 0
    middle = pixels[size // 2 - 2 : size // 2 + 2, size // 2 - 2 : size // 2 + 2]
    assert middle.min() == 255  # where all three overlap

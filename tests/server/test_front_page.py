"""The page's HTML: what link previews read, its frame, its hints, and Streamlit's own where that has changed."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import httpx
import numpy as np
import pytest
import streamlit
from starlette.datastructures import Headers

from colorfilter import PRESETS
from colorfilter.server.front_page import FrontPage, origin_of
from colorfilter.stills.decode import read_picture
from tests.support.server import Server

STATIC = Path(streamlit.__file__).parent / "static"


class Tags(HTMLParser):
    """The attributes of each tag, by the tag's name."""

    def __init__(self, html):
        super().__init__()
        self.found = []
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.found.append((tag, dict(attributes)))

    def of(self, of_tag, **wanted):
        return [found for tag, found in self.found if tag == of_tag and wanted.items() <= found.items()]


def page(headers=None, folder=STATIC, components=()):
    """The HTML that a client without codings gets."""
    response = FrontPage(folder).response(Headers(headers or {"host": "example.org"}), [], components)
    return response.body.decode()


@pytest.fixture
def changed_streamlit(tmp_path):
    """A folder with another release's index.html; give it the change."""

    def make(old, new):
        html = (STATIC / "index.html").read_text(encoding="utf-8")
        assert old in html
        (tmp_path / "index.html").write_text(html.replace(old, new))
        (tmp_path / "manifest.json").write_text((STATIC / "manifest.json").read_text(encoding="utf-8"))
        return tmp_path

    return make


def test_a_chat_finds_title_description_and_picture():
    tags = Tags(page())
    told = {meta["property"]: meta["content"] for meta in tags.of("meta") if "property" in meta}
    assert told["og:title"] == "Color Filter"
    assert "webcam" in told["og:description"]
    assert told["og:image"] == "http://example.org/preview.jpg"
    assert (told["og:image:width"], told["og:image:height"]) == ("1200", "630")
    assert len(tags.of("meta", name="description")) == 1
    assert "<title>Color Filter</title>" in page()


@pytest.mark.parametrize(
    ("headers", "origin"),
    [
        ({"host": "colors.example.org"}, "http://colors.example.org"),
        ({"host": "colors.example.org", "x-forwarded-proto": "https"}, "https://colors.example.org"),
        ({"host": "localhost:8501", "x-forwarded-proto": "javascript"}, "http://localhost:8501"),
        ({"host": "[::1]:8501"}, "http://[::1]:8501"),
        ({"host": '"><script>alert(1)</script>'}, ""),
        ({"host": "a" * 1000}, ""),
        ({"host": "example.org/elsewhere"}, ""),
        ({}, ""),
    ],
)
def test_the_pictures_address_is_the_one_that_was_asked_and_nothing_else(headers, origin):
    assert origin_of(Headers(headers)) == origin
    assert "alert(1)" not in page(headers or {"x": "y"})


def test_the_frame_has_the_colors_and_everything_of_streamlits_page_is_still_there():
    tags = Tags(page())
    swatches = [swatch["style"].removeprefix("background: ") for swatch in tags.of("i")]
    assert swatches[:-1] == [preset.hex for preset in PRESETS.values()]
    assert swatches[-1].startswith("conic-gradient")
    original = Tags((STATIC / "index.html").read_text(encoding="utf-8"))
    for tag, attributes in original.found:
        assert (tag, attributes) in tags.found


def test_scripts_of_the_pages_elements_are_asked_for_ahead_and_each_is_there_once():
    front = FrontPage(STATIC)
    hints = [link["href"] for link in Tags(page()).of("link", rel="modulepreload")]
    assert len(hints) == len(set(hints))
    assert any("/Slider." in hint for hint in hints)
    assert all((STATIC / hint).is_file() for hint in hints)
    assert {hint.removeprefix(".") for hint in hints} < set(front.needed)
    assert all((STATIC / path.removeprefix("/")).is_file() for path in front.needed)
    [component] = Tags(page(components=("/component/x/assets/index.js",))).of("link", rel="prefetch")
    assert component["href"] == "./component/x/assets/index.js"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('<div id="root"></div>', '<div id="app"></div>'),
        ("<title>Streamlit</title>", "<title>Streamlit app</title>"),
        ('<link rel="stylesheet"', '<link rel="stylesheet" href="x.css"><link rel="stylesheet"'),
    ],
)
def test_a_page_that_looks_other_than_expected_goes_out_as_it_is(changed_streamlit, caplog, old, new):
    folder = changed_streamlit(old, new)
    assert page(folder=folder) == (folder / "index.html").read_text(encoding="utf-8")
    [line] = caplog.messages
    assert "Streamlit's index.html has changed" in line


@pytest.mark.parametrize("manifest", ["{", "[]", "{}", json.dumps({"x": {"isDynamicEntry": True, "name": "Html"}})])
def test_without_the_manifest_that_it_knows_the_page_has_all_but_the_hints(changed_streamlit, manifest):
    folder = changed_streamlit("<", "<")
    (folder / "manifest.json").write_text(manifest)
    html = page(folder=folder)
    assert 'id="frame"' in html
    assert "/Slider." not in html


def test_a_running_server_gives_it_out_compressed_with_its_picture():
    with Server("serve") as server, httpx.Client(base_url=server.url) as client:
        answer = client.get("/?filter=red", headers={"Accept-Encoding": "br, gzip"})
        assert (answer.headers["content-encoding"], answer.headers["cache-control"]) == ("gzip", "no-cache")
        assert client.get("/", headers={"If-None-Match": answer.headers["etag"]}).status_code == 304
        [image] = re.findall('og:image" content="([^"]+)"', answer.text)
        assert image == f"{server.url}/preview.jpg"
        picture = client.get(image)
        assert picture.headers["content-type"] == "image/jpeg"
        pixels = read_picture(picture.content)
    assert pixels.shape == (630, 1200, 3)
    red, green, blue = np.mean(pixels[40:300, 20:380], axis=(0, 1))  # the first tile keeps red alone
    assert red > 50
    assert max(green, blue) < 30

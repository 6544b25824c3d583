"""What README and docs name is there: files, sections, settings."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from colorfilter.filters import PRESETS
from colorfilter.host.capacity import CORES_PER_VIEWER
from colorfilter.host.settings import ACCOUNT_NAMES, Settings
from colorfilter.page.admission import FRAME_RATE, MAX_OVERRUN, MAX_OVERRUN_S
from colorfilter.stills.decode import MAX_BYTES, MAX_PIXELS, MEGA
from colorfilter.webrtc.engine.decoder import PictureQueue
from colorfilter.webrtc.engine.nack import MAX_GAP_PACKETS
from colorfilter.webrtc.engine.picture_gate import MAX_PICTURE_PIXELS
from colorfilter.webrtc.engine.streams import MAX_STREAMS
from colorfilter.webrtc.ice.servers import LIFETIME_S
from colorfilter.webrtc.offers import MAX_CANDIDATE_CHARACTERS, MAX_OFFER_CHARACTERS

ROOT = Path(__file__).parents[1]
PAGES = ["README.md", "CONTRIBUTING.md", "docs/architecture.md", "docs/configuration.md", "docs/networks.md"]
PAGES += ["docs/browsers.md", "docs/clips.md", "docs/limits.md", "docs/vision.md", "SECURITY.md"]
PAGES += ["bench/README.md", "deploy/README.md"]


def text(page):
    return (ROOT / page).read_text(encoding="utf-8")


def anchors(page):
    """The addresses of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", text(page), re.M)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def links(page):
    """Those of a page to files of the project: path from the root, and anchor."""
    targets = re.findall(r"\]\((?!https?:)([^)#]*)(?:#([^)]+))?\)", text(page))
    folder = (ROOT / page).parent
    return [((folder / path).resolve() if path else ROOT / page, anchor) for path, anchor in targets]


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page):
    assert links(page)
    for path, anchor in links(page):
        assert path.exists(), f"{page} links {path}"
        assert not anchor or anchor in anchors(path.relative_to(ROOT)), f"{page} links #{anchor}"


@pytest.mark.parametrize("page", PAGES)
def test_modules_and_folders_are_there(page):
    for name in re.findall(r"`([\w./-]+(?:\.py|\.js|/))`", text(page)):
        places = [ROOT, (ROOT / page).parent, ROOT / "colorfilter", ROOT / "colorfilter" / "webrtc"]
        assert any((place / name).exists() for place in places), f"{page} names {name}"


def test_the_readme_is_short():
    assert len(text("README.md").splitlines()) <= 150


def test_the_readme_has_each_filter():
    rows = re.findall(r"^\| (\w+) \| (\d+), (\d+), (\d+) \|", text("README.md"), re.M)
    in_code = [(name, preset.color) for name, preset in PRESETS.items()]
    assert [(name, tuple(map(int, color))) for name, *color in rows] == in_code


# ---- Settings --------------------------------------------------------------------------------------------------

ROWS = re.findall(r"^\| `(\w+)` \| ([^|]+) \| ([^|]+) \| [^|]+ \|$", text("docs/configuration.md"), re.M)


def test_each_setting_is_there_once_and_no_other():
    known = [setting.name for setting in fields(Settings) if "parse" in setting.metadata]
    assert sorted(name for name, *_ in ROWS) == sorted([*known, *ACCOUNT_NAMES])


@pytest.mark.parametrize(("name", "default"), [(name, default) for name, _, default in ROWS])
def test_its_default_is_the_codes(name, default):
    if name in ACCOUNT_NAMES:
        assert (default, Settings().accounts.get(name)) == ("none", None)
        return
    value = getattr(Settings(), name)
    match default:
        case "worked out":
            assert value is None
        case "none":
            assert not value
        case "`false`":
            assert value is False
        case _:
            assert value == float(default.strip("`"))


@pytest.mark.parametrize(("name", "kind"), [(name, kind) for name, kind, _ in ROWS if name not in ACCOUNT_NAMES])
def test_its_type_is_the_codes(name, kind):
    (setting,) = [setting for setting in fields(Settings) if setting.name == name]
    words = {
        "whole number from 1": "whole_number",
        "number above 0": "positive",
        "number from 0": "seconds",
        "true or false": "boolean",
        "list of strings": "strings",
        "list of networks": "networks",
        "string": "text",
        "list of tables": "tables",
    }
    assert setting.metadata["parse"].__name__ == words[kind]


def test_the_limits_are_the_settings_own():
    """Each setting with a limit is in the table, with its default where that is a number."""
    page = text("docs/limits.md")
    named, given = set(re.findall(r"`([a-z_]+)`", page)), re.findall(r"`([a-z_]+)`, ([\d,.]*\d)", page)
    known = {setting.name for setting in fields(Settings) if "parse" in setting.metadata}
    assert named <= known
    for name, value in given:
        assert float(value.replace(",", "")) == getattr(Settings(), name)
    limits = {name for name in known if name.startswith(("max_", "work_", "body_", "connect_", "clip_", "forbid_"))}
    assert limits <= named
    assert limits - {name for name, _ in given} == {"max_live", "forbid_private_peers"}  # which have no such default


def test_the_settings_lead_to_their_limits_and_back():
    pages = [ROOT / "docs" / name for name in ("configuration.md", "limits.md")]
    for page, other in (pages, pages[::-1]):
        assert (other, "") in links(page.relative_to(ROOT))


def test_the_machines_are_counted_with_the_cores_that_places_reserve():
    row = "| of a core | " + " | ".join(f"{CORES_PER_VIEWER[size]:g}" for size in ("480p", "720p", "1080p")) + " |"
    assert row in text("deploy/README.md")


def test_the_limits_without_a_setting_are_the_codes():
    page = text("docs/limits.md")
    assert f"{MAX_OFFER_CHARACTERS:,} characters" in page
    assert f"of {MAX_CANDIDATE_CHARACTERS} characters each" in page
    assert 4 * MAX_PICTURE_PIXELS == 5 * 1920 * 1080
    assert "at most 1920 x 1080 and a quarter more |" in page
    assert (MAX_OVERRUN, FRAME_RATE) == (4, 30)
    assert f"four times those of the chosen resolution at 30 frames a second, for {MAX_OVERRUN_S} s |" in page
    assert f"after {MAX_OVERRUN_S} s of such pictures" in page
    assert f"| RTP streams of one connection | {MAX_STREAMS} |" in page
    assert f"| a photo | {MAX_BYTES // MEGA} MB, {MAX_PIXELS // MEGA} megapixels |" in page
    assert f"| packets missing in a row | what the buffer holds, {MAX_GAP_PACKETS} |" in page
    assert PictureQueue.MAX_WAITING == 30 / 2
    assert "| waiting pictures of one viewer | half a second |" in page
    assert f"; {LIFETIME_S // 60} minutes |" in page

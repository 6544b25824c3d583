"""The page's logic: what the link asks for, what the page says. Streamlit's AppTest, no browser."""

import functools
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from streamlit import config
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest

from colorfilter import PRESETS, VISION
from colorfilter.live.recorder import Recorder
from colorfilter.page import file_mode, selector
from colorfilter.webrtc.ice import servers

SCRIPT = Path(__file__).parents[1] / "streamlit_app.py"
COMPONENTS_OF_PACKAGES = functools.cache(manifest_scanner.scan_component_manifests)

WORDS = {
    "original": "Original keeps every color as it is.",
    "red": "Red keeps red and removes green and blue.",
    "green": "Green keeps green and removes red and blue.",
    "blue": "Blue keeps blue and removes red and green.",
    "yellow": "Yellow keeps red and green and removes blue.",
    "pink": "Pink keeps red and blue and removes green.",
    "cyan": "Cyan keeps green and blue and removes red.",
    "custom": "Custom keeps red, dims green to 53 % and removes blue.",
}


@pytest.fixture(autouse=True)
def no_session(monkeypatch):
    """AppTest has no session for streamlit-webrtc to look up, nor a browser to connect to."""
    monkeypatch.setattr("streamlit_webrtc.component.get_this_session_info", lambda: None)


@pytest.fixture(autouse=True)
def packages_are_searched_once(monkeypatch):
    """A server does so at its start, AppTest for each page."""
    monkeypatch.setattr(manifest_scanner, "scan_component_manifests", COMPONENTS_OF_PACKAGES)


def open_page(**link):
    app = AppTest.from_file(SCRIPT, default_timeout=20)
    for key, value in link.items():
        app.query_params[key] = value
    app.run()
    assert not app.exception
    return app


def captions(app):
    return [caption.value for caption in app.caption]


def test_without_a_link_the_picture_is_yellow_at_720p_and_mirrored():
    app = open_page()
    assert app.radio(key="filter").value == "yellow"
    assert app.radio(key="resolution").value == "720p"
    assert app.slider(key="strength").value == 100
    assert app.toggle(key="mirror").value is True
    assert app.session_state.page.picture.options.color_filter.color == (255, 255, 0)
    assert app.session_state.page.picture.options.mirror is True
    assert [image.proto.imgs[0].alt for image in app.get("image")] == ["The picture through the filter Yellow"]
    assert any("kept nowhere" in caption for caption in captions(app))


@pytest.mark.parametrize("name", WORDS)
def test_each_filter_opens_from_its_link_and_says_what_it_does(name):
    app = open_page(filter=name)
    assert app.radio(key="filter").value == name
    assert WORDS[name] in captions(app)
    assert not app.info


@pytest.mark.parametrize("name", WORDS)
def test_choosing_changes_the_words_and_the_picture(name):
    """The link follows too, but in the browser: tests/browser/test_look.py."""
    app = open_page(filter="yellow" if name != "yellow" else "pink")
    app.radio(key="filter").set_value(name).run()
    assert WORDS[name] in captions(app)
    color = PRESETS[name].color if name in PRESETS else (255, 136, 0)
    assert app.session_state.page.picture.options.color_filter.color == color


def test_the_resolution_opens_from_its_link():
    app = open_page(resolution="480p")
    assert app.radio(key="resolution").value == "480p"


def test_custom_color_strength_and_mirror_reach_the_picture():
    app = open_page(filter="custom", color="#102030", strength="50", mirror="false")
    settings = app.session_state.page.picture.options
    assert settings.color_filter.color == (136, 144, 152)  # halfway from (16, 32, 48) to white, rounded half to even
    assert settings.mirror is False


@pytest.mark.parametrize(
    "link",
    [
        {"filter": "teal"},
        {"filter": ""},
        {"filter": "Cyan"},
        {"filter": "<script>alert(1)</script>"},
        {"resolution": "4k"},
        {"mode": "video"},
        {"mode": ""},
        {"filter": "teal", "resolution": "0"},
        {"view": "each"},
        {"input": "window"},
    ],
    ids=str,
)
def test_an_unknown_value_gets_a_sentence_and_the_default(link):
    app = open_page(**link)
    assert app.radio(key="filter").value == "yellow"
    assert app.radio(key="resolution").value == "720p"
    assert app.session_state.page.picture.options.mirror is True  # live
    assert len(app.info) == len(link)
    for notice, (key, value) in zip(app.info, link.items(), strict=True):
        shown = re.sub(r"[<>()/.]", "·", value)
        assert notice.value.startswith(f"There is no {key} called “{shown}”; the choices are ")
    app.run()
    assert len(app.info) == len(link)  # still there when the page runs again by itself
    app.radio(key="filter").set_value("red").run()
    assert not app.info


@pytest.mark.parametrize(
    ("key", "value", "sentence"),
    [
        ("strength", "900", "“900” is no strength, which is a number from 0 to 100."),
        ("strength", "-1", "“-1” is no strength, which is a number from 0 to 100."),
        ("strength", "nan", "“nan” is no strength, which is a number from 0 to 100."),
        ("strength", "many", "“many” is no strength, which is a number from 0 to 100."),
        ("strength", "", "“” is no strength, which is a number from 0 to 100."),
        ("mirror", "perhaps", "“perhaps” is no value of mirror, which is true or false."),
        ("scope", "1", "“1” is no value of scope, which is true or false."),
        ("probe", "", "“” is no value of probe, which is true or false."),
    ],
)
def test_a_wrong_strength_or_switch_gets_a_sentence_and_the_default(key, value, sentence):
    app = open_page(**{key: value})
    assert app.slider(key="strength").value == 100
    assert [app.toggle(key=switch).value for switch in ("mirror", "scope", "probe")] == [True, True, False]
    assert [notice.value for notice in app.info] == [sentence]
    app.run()
    assert len(app.info) == 1
    if key == "strength":
        app.slider(key=key).set_value(50).run()
    else:
        app.toggle(key=key).set_value(key == "probe").run()
    assert not app.info


@pytest.mark.parametrize(
    ("link", "strength", "mirror"),
    [({"strength": "47.5"}, 47, True), ({"strength": "0", "mirror": "FALSE"}, 0, False)],
    ids=str,
)
def test_what_the_page_takes_from_a_link_gets_no_sentence(link, strength, mirror):
    app = open_page(**link)
    assert (app.slider(key="strength").value, app.toggle(key="mirror").value) == (strength, mirror)
    assert not app.info


@pytest.mark.parametrize(
    "value",
    [
        *["[text](https://example.org)", "![](https://example.org/a.png)", "<img src=x onerror=alert(1)>", "`x` **x**"],
        *[
            ":material/home: :red[x]",
            "$x$",
            "#fff",
            "#gggggg",
            "x" * 5000,
            "\u202e\u0000\n",
            "💥",
            "../../etc",
            "-1e999",
        ],
    ],
)
def test_no_value_of_a_link_breaks_the_page_or_is_more_than_words(value):
    keys = ["mode", "view", "filter", "input", "resolution", "color", "strength", "mirror", "scope", "probe", "other"]
    app = open_page(**dict.fromkeys(keys, value))
    assert len(app.info) >= 4
    for notice in app.info:
        shown = notice.value[notice.value.index("“") + 1 : notice.value.index("”")]
        assert len(shown) <= 40
        assert not set(shown) & set("[]()<>`*_:$!/\n\u202e")


@pytest.mark.parametrize("color", ["#fff", "fff", "#12345", "#FFFFFFFF", "", "#"])
def test_a_color_that_is_none_is_the_usual_one_and_said(color):
    app = open_page(filter="custom", color=color)
    assert app.session_state.page.picture.options.color_filter.color == (255, 136, 0)
    [notice] = app.info
    assert "is no color such as" in notice.value


@pytest.mark.parametrize(
    "link", [{"strength": "many"}, {"strength": "900"}, {"color": "red"}, {"mirror": "perhaps"}, {"other": "1"}]
)
def test_other_odd_links_open_all_the_same(link):
    app = open_page(filter="custom", **link)
    assert app.session_state.page.picture.options.color_filter.color == (255, 136, 0)


LINK_KEYS = [*selector.USUAL, "input", "resolution", "other"]
HOSTILE_VALUES = {
    "long": "x" * 50_000,
    "Unicode": "\N{RAINBOW}\u202ecba\u0301\0\ufffd",
    "HTML": "<img src=x onerror=alert(1)>",
    "Markdown": "[red](https://a.example) **1** ![a](b) $x$ :red[a]",
    "numbers": "1e400",
}


@pytest.mark.parametrize("value", HOSTILE_VALUES.values(), ids=HOSTILE_VALUES)
@pytest.mark.parametrize("key", LINK_KEYS)
def test_a_value_of_a_link_is_never_shown_as_it_came(key, value):
    """Nothing of the page has it whole, nor more of it than a few words."""
    app = open_page(**{"filter": "custom", key: value})
    shown = [element.value for kind in ("info", "warning", "error", "caption", "markdown") for element in app.get(kind)]
    assert shown
    for text in shown:
        assert value not in text or value == HOSTILE_VALUES["numbers"]
        assert "x" * (selector.MAX_SHOWN_CHARACTERS + 1) not in text
        assert not re.search(r"<img|\]\(|:red\[|\*\*1|\u202e", text)


def test_file_mode_opens_from_its_link_with_the_sample_and_no_camera():
    app = open_page(mode="file", filter="yellow")
    assert WORDS["yellow"] in captions(app)
    assert [radio.key for radio in app.radio] == ["filter"]  # the resolution and the mirror belong to live
    assert [toggle.key for toggle in app.toggle] == ["probe", "scope"]
    assert [image.proto.imgs[0].alt for image in app.get("image")] == ["The picture through the filter Yellow"]
    assert app.button_group(key="picture_from").value == "Sample"
    assert not app.get("camera_input")
    assert "live" not in app.session_state


def test_links_with_the_modes_old_word_open_it():
    app = open_page(mode="photo", filter="red")
    assert app.button_group(key="mode").value == "file"
    assert app.button_group(key="picture_from").value == "Sample"
    assert not app.info


def test_the_source_is_the_page_and_the_whole_package():
    shown = [code.value.strip() for code in open_page(source="").code]
    modules = [SCRIPT, *sorted((SCRIPT.parent / "colorfilter").rglob("*.py"))]
    assert shown == [module.read_text(encoding="utf-8").strip() for module in modules]


def test_own_files_are_read_as_utf_8_whatever_the_locale():
    """In a locale of ASCII alone, as strict as any; with CP1252, Windows' own, the page showed wrong letters."""
    locale = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    tests = [f"{__file__}::{test.__name__}" for test in (test_the_source_is_the_page_and_the_whole_package,)]
    tests += [str(SCRIPT.parent / "tests/page"), str(SCRIPT.parent / "tests/server/test_front_page.py")]
    waits_and_reads_nothing = f"--ignore={SCRIPT.parent / 'tests/page/test_offers.py'}"
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", waits_and_reads_nothing, *tests]
    done = subprocess.run(command, cwd=SCRIPT.parent, env=os.environ | locale, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-2000:]


def test_the_camera_is_there_only_when_a_photo_is_to_be_taken():
    app = open_page(mode="file")
    for source, cameras, uploaders in (("Upload", 0, 1), ("Take a photo", 1, 0), ("Sample", 0, 0)):
        app.button_group(key="picture_from").set_value(source).run()
        assert not app.exception
        assert (len(app.get("camera_input")), len(app.get("file_uploader"))) == (cameras, uploaders)


def test_a_recording_that_no_picture_came_to_says_so_without_a_camera():
    app = open_page()
    app.session_state.page.recorder = Recorder()
    app.run()
    assert not app.exception
    assert [info.value for info in app.info] == ["Nothing was recorded: no picture came."]
    assert not app.get("video")
    assert not app.session_state.page.recorder.running


def test_a_visitor_without_memory_gets_a_sentence(monkeypatch):
    def too_large():
        raise MemoryError

    monkeypatch.setitem(file_mode.SOURCES, "Sample", too_large)
    [error] = open_page(mode="file").error
    assert error.value == "This server has no memory for such a file at the moment. Take a smaller one."


@pytest.fixture
def own_turn(monkeypatch):
    monkeypatch.setenv("COLORFILTER_TURN_URLS", "turn:relay.example")
    monkeypatch.setenv("COLORFILTER_TURN_SECRET", "north sea")


def test_the_turn_credentials_stay_while_the_video_runs_and_are_new_before_they_are_old(own_turn, monkeypatch):
    clock = [1000.0]
    monkeypatch.setattr("time.time", lambda: clock[0])
    app = open_page()
    first = app.session_state.page.ice
    assert first.servers[-1]["username"].startswith(f"{1000 + servers.LIFETIME_S}:")
    app.run()
    assert app.session_state.page.ice is first
    clock[0] = first.renew_at
    monkeypatch.setattr("colorfilter.webrtc.Viewer.wants_live", True)
    app.run()
    assert app.session_state.page.ice is first
    monkeypatch.setattr("colorfilter.webrtc.Viewer.wants_live", False)
    app.run()
    assert app.session_state.page.ice.servers[-1]["username"].startswith(f"{int(first.renew_at) + servers.LIFETIME_S}:")


def test_a_wrong_turn_setting_is_a_sentence_on_the_page(monkeypatch):
    monkeypatch.setenv("COLORFILTER_TURN_SECRET", "north sea")
    app = open_page()
    [warning] = app.warning
    assert warning.value == "turn_secret is set but turn_urls is not; both are needed for a TURN server."
    assert app.session_state.page.ice.servers == servers.PUBLIC_STUN


@pytest.mark.parametrize("mode", ["live", "file"])
def test_a_wrong_setting_is_a_sentence_on_the_page_in_every_mode(mode, monkeypatch):
    monkeypatch.setenv("COLORFILTER_MAX_LIVE", "many")
    [warning] = open_page(mode=mode).warning
    assert warning.value == "max_live is a whole number from 1 on, not 'many'; it counts as not set."


def test_the_settings_may_stand_in_the_secrets():
    """The example's own lines."""
    example = (SCRIPT.parent / ".streamlit" / "secrets.toml.example").read_text(encoding="utf-8")
    listed = re.search(r"^# ice_servers = \[\n.*?^# \]", example, re.MULTILINE | re.DOTALL).group()
    app = AppTest.from_file(SCRIPT, default_timeout=20)
    app.secrets = tomllib.loads(re.sub("^# ", "", listed, flags=re.MULTILINE) + "\nrelay_only = true")
    app.run()
    assert not app.exception
    assert not app.warning
    assert app.session_state.page.ice.configuration == {
        "iceServers": [
            {"urls": ["stun:stun.example.org:3478"]},
            {"urls": ["turn:turn.example.org:3478"], "username": "name", "credential": "password"},
        ],
        "iceTransportPolicy": "relay",
    }


def test_secrets_that_cannot_be_read_are_a_sentence_on_the_page(monkeypatch, tmp_path):
    file = tmp_path / "secrets.toml"
    file.write_text('turn_urls = [\n"turn:relay.example"\nturn_secret = "north sea"\n')
    monkeypatch.setattr("streamlit.secrets._secrets", None)
    option = config.get_option("secrets.files")
    config.set_option("secrets.files", [str(file)])
    try:
        [warning] = open_page().warning
    finally:
        config.set_option("secrets.files", option)
    assert warning.value == "The secrets cannot be read: Unclosed array (at line 3, column 1)."


def test_a_link_opens_each_vision_filter_with_its_severity_and_its_sheet():
    for name, one in VISION.items():
        app = open_page(filter=name, strength="40", view="all")
        options = app.session_state.page.picture.options
        assert options.color_filter == one.at_strength(0.4)
        assert one.at_strength(0.4).describe() in captions(app)
        assert [tile.name for tile in options.sheet] == ["normal", "protan", "deutan", "tritan"]
        assert options.sheet[1] == VISION["protan"].at_strength(0.4)


def test_another_group_shows_its_filter_at_once_and_remembers_the_last():
    app = open_page(filter="cyan")
    assert app.segmented_control(key="group").value == "Color"
    app.segmented_control(key="group").set_value("Vision").run()
    assert app.radio(key="filter").value == "protan"
    app.radio(key="filter").set_value("achromat").run()
    app.segmented_control(key="group").set_value("Color").run()
    assert app.radio(key="filter").value == "cyan"
    app.segmented_control(key="group").set_value("Vision").run()
    assert app.radio(key="filter").value == "achromat"


def test_a_press_on_a_group_stays_though_what_follows_at_once_still_names_the_filter_before():
    app = open_page(filter="cyan")
    for group, before, after in (("Vision", "cyan", "protan"), ("Color", "protan", "cyan")):
        app.segmented_control(key="group").set_value(group).run()
        for percent in (60, 40):  # as a browser sends it that has not heard from the server yet
            app.radio(key="filter").set_value(before)
            app.slider(key="strength").set_value(percent).run()
            assert app.radio(key="filter").value == after
            assert app.segmented_control(key="group").value == group
            assert app.slider(key="strength").value == percent
    app.radio(key="filter").set_value("red").run()
    assert app.radio(key="filter").value == "red"


def test_a_link_of_version_1_shows_the_sheet():
    app = open_page(filter="red", view="all six")
    assert app.session_state.page.picture.options.view == "all"
    assert not app.info


def test_the_shared_link_says_that_the_cross_is_there():
    app = open_page(probe="true", filter="red")
    app.button(key="share").click().run()
    assert [code.value for code in app.code] == ["?filter=red&probe=true"]

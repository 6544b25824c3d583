import re
from dataclasses import fields
from pathlib import Path

import pytest
import streamlit as st

from colorfilter.host.settings import ACCOUNT_NAMES, Settings, load_settings, settings

ROOT = Path(__file__).parents[2]


@pytest.fixture
def secrets(tmp_path):
    """A secrets.toml, empty until it is written."""
    file = tmp_path / "secrets.toml"
    file.touch()
    before = st.config.get_option("secrets.files")
    st.config.set_option("secrets.files", [str(file)])
    st.secrets._reset()
    yield file
    st.config.set_option("secrets.files", before)
    st.secrets._reset()


def test_the_secrets_come_before_the_environment(secrets, monkeypatch):
    assert settings().max_live is None
    settings.cache_clear()
    monkeypatch.setenv("COLORFILTER_MAX_LIVE", "3")
    assert settings().max_live == 3
    settings.cache_clear()
    secrets.write_text("max_live = 8\n")
    st.secrets._reset()
    assert settings().max_live == 8


def test_they_are_read_once(secrets, monkeypatch):
    assert settings().metrics is False
    monkeypatch.setenv("COLORFILTER_METRICS", "on")
    assert settings().metrics is False


def test_without_a_file_nothing_is_said(secrets, caplog, capfd):
    secrets.unlink()
    assert settings() == Settings(accounts=settings().accounts)
    assert settings().problems == ()
    assert capfd.readouterr() == ("", "")
    assert not caplog.records


def test_a_file_that_cannot_be_read_is_one_sentence_and_the_environment_counts(secrets, monkeypatch, caplog, capfd):
    secrets.write_text("max_live = [\n")
    st.secrets._reset()
    monkeypatch.setenv("COLORFILTER_MAX_LIVE", "3")
    assert settings().max_live == 3
    [sentence] = settings().problems
    assert sentence.startswith("The secrets cannot be read: ")
    assert caplog.messages == [sentence]


def folder(path):
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda path: path.write_bytes(b"max_live = 3 # \xe9\n"), "the file is not UTF-8"),
        (folder, "Is a directory"),
        (lambda path: path.write_text("turn_secret = north-sea"), "Invalid value (at line 1, column 15)"),
        (lambda path: path.write_text('turn_secret = "north-sea\n'), "Illegal character '\\n' (at line 1, column 25)"),
    ],
)
def test_whatever_the_file_is_there_is_one_sentence_without_its_path_or_content(make, reason, secrets):
    make(secrets)
    assert settings().problems == (f"The secrets cannot be read: {reason}.",)


def test_a_place_for_secrets_that_is_none_is_one_sentence(tmp_path, secrets):
    (tmp_path / "loose").write_text("x")
    for place in (tmp_path, tmp_path / "loose"):
        st.config.set_option("secrets.files", [str(place)])
        st.secrets._reset()
        settings.cache_clear()
        [sentence] = settings().problems
        assert (
            sentence == "The secrets cannot be read: secrets.files names neither a .toml file nor a folder of folders."
        )


SWITCHES = [("", False), ("0", False), ("off", False), ("True", True), (" yes ", True), (True, True), (False, False)]


@pytest.mark.parametrize(
    ("name", "given", "value"),
    [
        *(("metrics", given, value) for given, value in SWITCHES),
        *(("max_live", given, value) for given, value in [(None, None), ("", None), ("3", 3), (5, 5)]),
        *(("drain_seconds", given, value) for given, value in [("", 0), ("0", 0), ("1.5", 1.5), (600, 600)]),
        *(("max_body_mb", given, value) for given, value in [(None, 5), ("0.5", 0.5), (7, 7)]),
        ("turn_urls", " turn:a , turns:b,", ("turn:a", "turns:b")),
        ("turn_urls", ["turn:a", "turns:b"], ("turn:a", "turns:b")),
        ("ice_servers", '[{"urls": "stun:a"}]', ({"urls": "stun:a"},)),
        ("ice_servers", [{"urls": "stun:a"}], ({"urls": "stun:a"},)),
        ("ice_servers", "[]", ()),
        ("turn_secret", 1234, "1234"),
    ],
)
def test_a_value_from_either_place(name, given, value):
    assert getattr(load_settings({name: given}, {}), name) == value
    if given is None or isinstance(given, str):
        environ = {f"COLORFILTER_{name.upper()}": given} if given is not None else {}
        loaded = load_settings({}, environ)
        assert (getattr(loaded, name), loaded.problems) == (value, ())


BAD_TIMES, BAD_SIZES = ("-1", "x", "nan", "inf"), ("0", "-1", "a", "nan", "1e99")


@pytest.mark.parametrize(
    ("name", "given", "sentence"),
    [
        *(("metrics", word, "metrics is true or false") for word in ("perhaps", "2", "-")),
        *(("max_live", word, "max_live is a whole number from 1 on") for word in ("many", "0", "-1", "2.5")),
        *(("drain_seconds", word, "drain_seconds is a number of seconds from 0 on") for word in BAD_TIMES),
        *(("max_body_mb", word, "max_body_mb is a number of megabytes above 0") for word in BAD_SIZES),
        ("relay_only", "always", "relay_only is true or false"),
        ("ice_servers", "[{", "ice_servers is a list of servers such as"),
        ("ice_servers", '["stun:a"]', "ice_servers is a list of servers such as"),
        ("ice_servers", {"urls": "stun:a"}, "ice_servers is a list of servers such as"),
        ("turn_urls", 3478, "turn_urls is a list of addresses such as turn:host:3478"),
        ("turn_secret", ["north sea"], "turn_secret is a string"),
        ("max_live", [1], "max_live is a whole number from 1 on"),
        ("ice_servers", "[" * 100_000, "ice_servers is a list of servers such as"),
    ],
)
def test_what_is_wrong_gets_one_sentence_and_counts_as_not_set(name, given, sentence):
    loaded = load_settings({name: given}, {})
    assert getattr(loaded, name) == getattr(Settings(), name)
    [problem] = loaded.problems
    assert problem.startswith(sentence)
    assert problem.endswith("; it counts as not set.")
    assert "\n" not in problem
    assert len(problem) < 300


def test_what_is_wrong_is_logged_at_the_start_and_once(secrets, monkeypatch, caplog):
    monkeypatch.setenv("COLORFILTER_MAX_LIVE", "many")
    for _ in range(3):
        settings()
    assert caplog.messages == ["max_live is a whole number from 1 on, not 'many'; it counts as not set."]


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("COLORFILTER_MAX_LIV", "There is no setting COLORFILTER_MAX_LIV; the nearest is COLORFILTER_MAX_LIVE."),
        ("COLORFILTER_HF_TOKEN", "There is no setting COLORFILTER_HF_TOKEN; the nearest is HF_TOKEN."),
        ("COLORFILTER_COLOUR", "There is no setting COLORFILTER_COLOUR."),
        (f"COLORFILTER_{'X' * 500}", f"There is no setting COLORFILTER_{'X' * 48}."),
    ],
)
def test_a_mistyped_name_in_the_environment_is_one_sentence(name, sentence):
    assert load_settings({}, {name: "8"}) == Settings(accounts=load_settings({}, {}).accounts, problems=(sentence,))


@pytest.mark.parametrize(
    ("name", "nearest"),
    [("max_lives", "max_live"), ("MAX_LIVE", "max_live"), ("ice_server", "ice_servers"), ("hf_token", "HF_TOKEN")],
)
def test_so_is_one_in_the_secrets_that_is_like_a_settings(name, nearest):
    assert load_settings({name: "8"}, {}).problems == (f"There is no setting {name}; the nearest is {nearest}.",)


def test_one_that_streamlit_has_copied_from_the_secrets_is_said_once():
    assert len(load_settings({"COLORFILTER_MAX_LIV": "8"}, {"COLORFILTER_MAX_LIV": "8"}).problems) == 1


def test_what_is_others_is_left_alone():
    """Connections of Streamlit's, and what Kubernetes and Docker set for a service of the name colorfilter."""
    service = ["SERVICE_HOST", "SERVICE_PORT_HTTP", "PORT", "PORT_8501_TCP_ADDR", "NAME", "ENV_PATH"]
    environ = {f"COLORFILTER_{name}": "x" for name in service} | {"PATH": "/bin", "MAX_LIVES": "1"}
    secrets = {"connections": {"db": {"url": "x"}}, "password": "x", "metrics_db": "x"}
    assert load_settings(secrets, environ).problems == ()


def test_accounts_keep_the_names_that_their_providers_gave_them():
    loaded = load_settings({"TWILIO_ACCOUNT_SID": "sid"}, {"HF_TOKEN": "hf", "TWILIO_ACCOUNT_SID": "other"})
    assert {name: value for name, value in loaded.accounts.items() if value} == {
        "TWILIO_ACCOUNT_SID": "sid",
        "HF_TOKEN": "hf",
    }


@pytest.mark.parametrize("given", ['{"urls": "turn:a", "username": "u", "credential": "north sea"}', "north sea", '["'])
def test_what_may_hold_a_password_is_never_shown(given):
    loaded = load_settings({"ice_servers": given, "turn_secret": [given]}, {})
    assert len(loaded.problems) == 2
    assert given not in "".join(loaded.problems)
    kept = load_settings({"turn_secret": "north sea", "HF_TOKEN": "south sea"}, {})
    assert (kept.turn_secret, kept.accounts["HF_TOKEN"]) == ("north sea", "south sea")
    assert "sea" not in repr(kept)


def test_the_example_has_every_setting_and_no_other():
    example = (ROOT / ".streamlit" / "secrets.toml.example").read_text(encoding="utf-8")
    named = set(re.findall(r"^# (\w+) = ", example, re.MULTILINE))
    assert named == {setting.name for setting in fields(Settings) if "parse" in setting.metadata} | set(ACCOUNT_NAMES)


def test_every_setting_says_in_one_sentence_what_it_does():
    helps = [setting.metadata["help"] for setting in fields(Settings) if "parse" in setting.metadata]
    assert all(re.fullmatch(r"[A-Z][^.\n]*\.", help) for help in helps)
    assert len(set(helps)) == len(helps)

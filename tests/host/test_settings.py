import pytest
import streamlit as st

from colorfilter.host.settings import seconds, setting, switch


@pytest.fixture
def secrets(monkeypatch, tmp_path):
    """A secrets.toml, empty until it is written, and no environment."""
    file = tmp_path / "secrets.toml"
    file.touch()
    before = st.config.get_option("secrets.files")
    st.config.set_option("secrets.files", [str(file)])
    st.secrets._reset()
    yield file
    st.config.set_option("secrets.files", before)
    st.secrets._reset()


def test_the_secrets_come_before_the_environment(secrets, monkeypatch):
    assert setting("max_live") is None
    monkeypatch.setenv("COLORFILTER_MAX_LIVE", "3")
    assert setting("max_live") == "3"
    secrets.write_text("max_live = 8\n")
    st.secrets._reset()
    assert setting("max_live") == 8


def test_without_a_file_nothing_is_said(secrets, monkeypatch, caplog, capfd):
    secrets.unlink()
    assert setting("max_live") is None
    assert capfd.readouterr() == ("", "")
    assert not caplog.records


@pytest.mark.parametrize(
    ("text", "on"), [(None, False), ("", False), ("0", False), ("off", False), ("True", True), (" yes ", True)]
)
def test_a_switch(text, on, monkeypatch):
    if text is not None:
        monkeypatch.setenv("COLORFILTER_METRICS", text)
    assert switch("metrics") is on


@pytest.mark.parametrize("text", ["perhaps", "2", "-"])
def test_what_is_no_switch_gets_one_sentence(text, monkeypatch):
    monkeypatch.setenv("COLORFILTER_METRICS", text)
    with pytest.raises(ValueError, match=f"metrics is on or off .*, not '{text}'"):
        switch("metrics")


@pytest.mark.parametrize(("text", "number"), [(None, 0), ("", 0), ("0", 0), ("1.5", 1.5), ("600", 600)])
def test_a_time(text, number, monkeypatch):
    if text is not None:
        monkeypatch.setenv("COLORFILTER_DRAIN_SECONDS", text)
    assert seconds("drain_seconds") == number


@pytest.mark.parametrize("text", ["-1", "long", "nan", "inf"])
def test_what_is_no_time_gets_one_sentence(text, monkeypatch):
    monkeypatch.setenv("COLORFILTER_DRAIN_SECONDS", text)
    with pytest.raises(ValueError, match="drain_seconds is a number of seconds from 0 on"):
        seconds("drain_seconds")

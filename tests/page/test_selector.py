"""Values of a link, shown as words whatever they are."""

import re
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colorfilter.page import selector
from colorfilter.page.session import PageSession

KEYS = [*selector.CHOICES, "color", "strength", *selector.SWITCHES]
# What Markdown, or Streamlit, makes of plain characters: links, pictures, HTML, emphasis, formulas, icons, colors.
MARKUP = re.compile(r"[\[\]<>()`*_~$:!/\\\\@|]|www\.|\n|[\u202a-\u202e]")
PARTS = [
    "[",
    "](",
    ")",
    "!",
    "<",
    ">",
    "www.",
    "https://",
    "a.example",
    "@",
    "`",
    "**",
    "__",
    "$",
    ":red[",
    "\n",
    "# ",
    "é",
]
VALUES = st.text(max_size=200) | st.lists(st.sampled_from(PARTS), max_size=12).map("".join)


def said(monkeypatch, link):
    """The sentences about a link."""
    shown = []
    page = SimpleNamespace(
        query_params=dict(link), session_state=SimpleNamespace(), info=lambda text, icon: shown.append(text)
    )
    session = PageSession()
    monkeypatch.setattr(selector, "st", page)
    monkeypatch.setattr(selector, "page_session", lambda: session)
    selector.warn_unknown_query_params()
    return shown


@given(value=VALUES)
def test_no_value_is_more_than_words(value):
    with pytest.MonkeyPatch.context() as monkeypatch:
        for sentence in said(monkeypatch, dict.fromkeys(KEYS, value)):
            shown = sentence[sentence.index("“") + 1 : sentence.index("”")]
            assert len(shown) <= selector.MAX_SHOWN_CHARACTERS
            assert not MARKUP.search(shown)


@pytest.mark.parametrize("key", KEYS)
def test_an_address_is_no_link(monkeypatch, key):
    [sentence] = said(monkeypatch, {key: "x www.example.org"})
    assert "“x www·example·org”" in sentence


@pytest.mark.parametrize(
    "link",
    [
        {"filter": "red", "mode": "file", "color": "#102030"},
        {"strength": "0", "mirror": "true", "scope": "FALSE", "probe": "True"},
        {"strength": "100"},
        {"strength": "47.5"},
    ],
    ids=str,
)
def test_what_is_known_gets_no_sentence(monkeypatch, link):
    assert said(monkeypatch, link) == []

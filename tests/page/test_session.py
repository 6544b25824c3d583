"""What the page remembers of a visitor, and the words that links say."""

from colorfilter.page.session import Mode, PageSession
from colorfilter.views.options import VIEWS, View


def test_two_visitors_share_nothing():
    first, second = PageSession(), PageSession()
    first.last_filters["Color"] = "red"
    first.line.share = 0.25
    first.probe.move(0.1, 0.2)
    assert (second.last_filters, second.line.share, second.probe.at) == ({}, 0.5, (0.5, 0.5))


def test_the_words_of_links_and_of_the_command_line():
    assert [str(mode) for mode in Mode] == ["live", "file"]
    assert VIEWS == [str(view) for view in View] == ["filter", "compare", "all"]
    assert View("compare") is View.COMPARE

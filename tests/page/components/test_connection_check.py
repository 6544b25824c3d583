import html
import json
import re

import pytest

from colorfilter.page.components import connection_check


@pytest.mark.parametrize(
    ("silent_for", "arriving"), [(float("inf"), None), (0.03, True), (1.99, True), (2.0, False), (60.0, False)]
)
def test_frames_arrive_if_one_came_within_two_seconds(silent_for, arriving):
    assert connection_check.facts(True, silent_for, None) == {"sends": True, "arriving": arriving, "trouble": None}


def test_the_facts_pass_through_html_whole():
    known = connection_check.facts(False, 0.1, """The server "a" & <b>'s</b> refused.""")
    [attribute] = re.findall(r'data-facts="([^"]*)"', connection_check.element(known))
    assert "<" not in attribute
    assert json.loads(html.unescape(attribute)) == known

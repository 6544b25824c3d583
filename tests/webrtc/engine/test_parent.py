"""What our subclasses take from aiortc: looked for when one is made, by name and by arguments."""

import pytest

from colorfilter.webrtc.engine.parent import ParentMovedError, Private, check_parent, overrides


class Parent:
    def __init__(self):
        self.__kept = 1

    def kept(self):
        return self.__kept

    def called(self, packet):
        return packet


def child(kept="kept", name="called", arguments="packet"):
    """An instance of a subclass that takes those from its parent."""
    namespace = {"_own": Private(Parent, kept)}
    scope = {}
    exec(f"def {name}(self, {arguments}):\n    return 2", scope)
    namespace[name] = overrides(scope[name])
    return type("Child", (Parent,), namespace)()


def test_what_is_there_is_read_and_written():
    one = child()
    check_parent(one)
    assert one._own == 1
    one._own = 3
    assert one.kept() == 3


@pytest.mark.parametrize(
    ("moved", "words"),
    [
        ({"kept": "gone"}, "_Parent__gone is gone"),
        ({"name": "never_called"}, "Parent.never_called is gone"),
        ({"arguments": "packet, time"}, "Parent.called takes other arguments"),
        ({"arguments": "data"}, "Parent.called takes other arguments"),
    ],
)
def test_what_has_moved_is_said(moved, words):
    with pytest.raises(ParentMovedError, match=words):
        check_parent(child(**moved))

"""References that a page can follow, against a page that forgets as Streamlit 1.67's does (ForwardMessageCache)."""

import random

import pytest
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from colorfilter.host.page_cache import PageCache

MAX_AGE = 2  # global.maxCachedMessageAge


def element(name, fragment=""):
    message = ForwardMsg(hash=name)
    message.metadata.cacheable = True
    message.delta.new_element.text.body = name
    message.delta.fragment_id = fragment
    return message


def begun():
    message = ForwardMsg()
    message.new_session.SetInParent()
    return message


def ended(*fragments, early=False):
    finished = ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY if fragments else ForwardMsg.FINISHED_SUCCESSFULLY
    message = ForwardMsg(script_finished=ForwardMsg.FINISHED_EARLY_FOR_RERUN if early else finished)
    message.metadata.run.fragment_ids.extend(fragments)
    return message


def kept_after(*messages, listed="abcd"):
    cache = PageCache()
    for message in messages:
        cache.sent(message)
    request = ClientState(cached_message_hashes=list(listed))
    cache.strike_forgotten(request)
    return "".join(request.cached_message_hashes)


@pytest.mark.parametrize(
    ("messages", "kept"),
    [
        ([], "abcd"),  # it comes from another process, and this one has sent nothing that makes it forget
        ([begun(), element("a"), element("b"), ended()], "ab"),
        ([begun(), element("x"), ended()], ""),  # the page does not list it
        ([begun(), element("a")], ""),
        ([begun(), element("a"), ended(), begun(), element("b"), ended()], "b"),
        ([begun(), element("a"), ended(), begun(), ForwardMsg(ref_hash="a"), ended()], "a"),
        ([begun(), element("a"), ended(), begun(), element("b"), ended(early=True)], "a"),
        ([begun(), element("a"), ended(), begun(), element("b"), begun(), element("c"), ended()], "c"),
        ([begun(), element("a"), element("b", "f"), ended(), begun(), element("c", "f"), ended("f")], "ac"),
        ([begun(), element("a"), element("b", "f"), ended(), begun(), element("c", "g"), ended("g")], "abc"),
    ],
)
def test_what_the_last_complete_run_drew_is_kept(messages, kept):
    assert kept_after(*messages) == kept


def test_what_is_below_streamlits_limit_is_never_referred_to():
    small = element("a")
    small.metadata.cacheable = False
    assert kept_after(begun(), small, ended()) == ""


class Page:
    """What Streamlit's page keeps: of each message, how many runs had ended when it was last drawn."""

    def __init__(self):
        self.runs, self.kept, self.missed = 0, {}, 0

    def receive(self, message):
        kind = message.WhichOneof("type")
        if kind == "ref_hash":
            self.missed += message.ref_hash not in self.kept
            if message.ref_hash in self.kept:
                self.kept[message.ref_hash][0] = self.runs
        elif kind == "delta":
            self.kept.setdefault(message.hash, [self.runs, message.delta.fragment_id])[0] = self.runs
        elif kind == "script_finished" and message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
            self.runs += 1
            of = set(message.metadata.run.fragment_ids)
            old = {
                name
                for name, (drawn, fragment) in self.kept.items()
                if self.runs - drawn > MAX_AGE and (not of or fragment in of)
            }
            self.kept = {name: kept for name, kept in self.kept.items() if name not in old}


def missed_references(cache, seed, requests=2000):
    """How many references a page could not follow, whose requests and messages are a few events under way."""
    chance = random.Random(seed)
    page, under_way, listed = Page(), [], []
    for _ in range(requests):
        fragment = chance.choice(["", "f", "g"])
        request = ClientState(fragment_id=fragment, cached_message_hashes=list(page.kept))
        listed.append(request)
        for message in under_way[: (got := chance.randint(0, len(under_way)))]:
            page.receive(message)
        del under_way[:got]
        while listed and chance.random() < 0.6:
            under_way += answer(listed.pop(0), cache, chance)
    return page.missed


def answer(request, cache, chance):
    """The messages of that request's run: each place on the page shows one of three things."""
    if cache:
        cache.strike_forgotten(request)
    fragments = [request.fragment_id] if request.fragment_id else []
    messages = [begun()]
    for place, fragment in [("1", ""), ("2", ""), ("3", "f"), ("4", "f"), ("5", "g")]:
        message = element(place + chance.choice("abc"), fragment)
        if fragments in ([], [fragment]) and chance.random() < 0.9:
            known = message.hash in request.cached_message_hashes
            messages.append(ForwardMsg(ref_hash=message.hash) if known else message)
    messages.append(ended(*fragments, early=chance.random() < 0.2))
    if cache:
        for message in messages:
            cache.sent(message)
    return messages


@pytest.mark.parametrize("seed", range(5))
def test_no_reference_is_missed_however_late_messages_are(seed):
    assert missed_references(None, seed) > 0  # as Streamlit has it
    assert missed_references(PageCache(), seed) == 0

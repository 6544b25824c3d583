from colorfilter.host.sessions import SessionReaper


def test_a_session_is_closed_once_its_page_has_been_left_for_long_enough():
    pages, closed = {"a", "b"}, []
    sessions = SessionReaper(10, pages.__contains__, closed.append)
    sessions.touch("a", 0)
    sessions.touch("b", 0)
    pages.remove("a")
    sessions.reap(5)
    pages.add("a")  # back in time
    sessions.reap(9)
    pages.remove("a")
    sessions.reap(18)
    assert closed == []
    sessions.reap(19)
    assert closed == ["a"]
    sessions.reap(100)  # closed once, and the one that is there stays
    assert closed == ["a"]
    pages.remove("b")
    sessions.reap(109)
    sessions.reap(110)
    assert closed == ["a", "b"]

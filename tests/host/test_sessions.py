from colorfilter.host.sessions import Sessions


def test_a_session_is_closed_once_its_page_has_been_left_for_long_enough():
    pages, closed = {"a", "b"}, []
    sessions = Sessions(10, pages.__contains__, closed.append)
    sessions.see("a", 0)
    sessions.see("b", 0)
    pages.remove("a")
    sessions.look(5)
    pages.add("a")  # back in time
    sessions.look(9)
    pages.remove("a")
    sessions.look(18)
    assert closed == []
    sessions.look(19)
    assert closed == ["a"]
    sessions.look(100)  # closed once, and the one that is there stays
    assert closed == ["a"]
    pages.remove("b")
    sessions.look(109)
    sessions.look(110)
    assert closed == ["a", "b"]

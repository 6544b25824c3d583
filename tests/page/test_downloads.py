"""Streamlit's own store of files, and what it does with a file that a visitor has asked for."""

from types import SimpleNamespace

import pytest
from streamlit.runtime.media_file_manager import MediaFileManager
from streamlit.runtime.media_file_storage import MediaFileStorageError
from streamlit.runtime.memory_media_file_storage import MemoryMediaFileStorage

from colorfilter.host.visitors_memory import VisitorsMemory
from colorfilter.page import downloads


@pytest.fixture
def files(monkeypatch):
    files = MediaFileManager(MemoryMediaFileStorage("/media"))
    monkeypatch.setattr("streamlit.runtime.get_instance", lambda: SimpleNamespace(media_file_mgr=files))
    page = SimpleNamespace(download=None)
    monkeypatch.setattr(downloads, "page_session", lambda: page)
    monkeypatch.setattr(downloads, "current_run_context", lambda: SimpleNamespace(session_id="visitor"))
    monkeypatch.setattr("streamlit.runtime.media_file_manager._get_session_id", lambda: "visitor")
    return files


def press(files, make):
    """Press a download button, and return the stored file's id."""
    return files.execute_deferred(files.add_deferred(make, "image/png", "button", "a.png")).split("/")[-1].split(".")[0]


def test_what_is_kept_counts_as_held_and_is_none_where_there_is_no_room(files, monkeypatch):
    memory = VisitorsMemory(30)
    monkeypatch.setattr(downloads, "visitors_memory", lambda: memory)
    for size in (20, 25):  # the next one takes the place of the one before
        press(files, downloads._kept(lambda size=size: bytes(size), "a.png", "image/png"))
        assert memory.held() == size
    with pytest.raises(MediaFileStorageError, match="as many files as it may"):
        press(files, downloads._kept(lambda: bytes(31), "a.png", "image/png"))
    assert memory.held() == 0


def test_a_file_stays_while_others_run_their_scripts(files):
    file = press(files, downloads._kept(lambda: b"picture", "a.png", "image/png"))
    for _ in range(10):
        files.remove_orphaned_files()
    assert files.read_file(file).content == b"picture"


def test_the_next_file_takes_its_place_and_nothing_stays_when_the_visitor_is_gone(files):
    first, second = (press(files, downloads._kept(lambda i=i: b"picture %d" % i, "a.png", "image/png")) for i in (1, 2))
    for _ in range(2):
        files.remove_orphaned_files()
    assert files.read_file(first) is None
    assert files.read_file(second).content == b"picture 2"
    files.clear_session_refs("visitor")
    for _ in range(2):
        files.remove_orphaned_files()
    assert files.read_file(second) is None

import subprocess
import sys

import pytest

from colorfilter.host.memory_file import MemoryFile


def test_another_process_reads_and_writes_it_by_its_path():
    file = MemoryFile(b"hello")
    assert (file.read(), file.held_bytes) == (b"hello", 5)
    code = "import sys, pathlib; p = pathlib.Path(sys.argv[1]); p.write_bytes(p.read_bytes() * 2)"
    subprocess.run([sys.executable, "-c", code, str(file.path)], check=True)
    assert file.read() == b"hellohello"


def test_it_is_gone_when_closed_or_let_go():
    file = MemoryFile(b"hello")
    path = file.path
    file.close()
    assert file.held_bytes == 0
    with pytest.raises(OSError, match="No such file"):
        path.read_bytes()
    path = MemoryFile(b"x").path
    with pytest.raises(OSError, match="No such file"):
        path.read_bytes()


def test_a_system_without_such_files(monkeypatch):
    monkeypatch.delattr("os.memfd_create")
    with pytest.raises(OSError, match="no files in memory"):
        MemoryFile()

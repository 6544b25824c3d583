"""The processes of this machine, by what started them."""

import os
from pathlib import Path


def processes_of(mark):
    """The process that was started with that argument, and all that it has started."""
    processes = {}
    for path in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((path / "stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()[1])
            processes[int(path.name)] = (parent, (path / "cmdline").read_bytes())
        except OSError:
            continue  # it has ended in the meantime
    found = [pid for pid, (_, arguments) in processes.items() if mark.encode() in arguments]
    for pid in found:
        found += [child for child, (parent, _) in processes.items() if parent == pid and child not in found]
    assert found
    return found


def files_on_disk(mark):
    """What those processes have open that is on a disk and can be written, deleted or not."""
    found = set()
    for process in processes_of(mark):
        for descriptor in Path(f"/proc/{process}/fd").glob("*"):
            try:
                name = os.readlink(descriptor)
                flags = (Path(f"/proc/{process}/fdinfo") / descriptor.name).read_text(encoding="utf-8")
            except OSError:
                continue  # it was closed meanwhile
            mode = int(next(line for line in flags.splitlines() if line.startswith("flags")).split()[1], 8)
            if name.startswith("/") and not name.startswith("/dev/") and mode & (os.O_WRONLY | os.O_RDWR):
                found.add(name)
    return found


def written(output):
    """What a process has written to that file so far. It writes on where it was, which a seek would change."""
    return os.pread(output.fileno(), os.fstat(output.fileno()).st_size, 0).decode()

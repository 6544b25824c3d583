"""Clips with bytes changed at random: each is filtered or refused with a sentence, and crashes nothing but a worker."""

import multiprocessing
import signal
from pathlib import Path

import numpy as np
import pytest

from colorfilter import PRESETS
from colorfilter.clips.options import ClipError, ClipOptions
from colorfilter.clips.pipeline import filter_clip
from colorfilter.views.options import ViewOptions
from tests.support import clips

COUNT, BATCH = 5000, 250
OPTIONS = ClipOptions(ViewOptions(PRESETS["red"], mirror=False), preset="ultrafast", salvage=True)
KINDS = [
    *(("a.mp4", "libx264", "aac"), ("b.mkv", "libx264", "aac"), ("c.webm", "libvpx", "libopus")),
    *(("d.avi", "mpeg4", "mp3"), ("e.ts", "libx264", "aac"), ("f.mov", "libx264", "aac")),
]


def mutated(data, rng):
    """A few bytes changed, a piece cut out or the end cut off."""
    data = bytearray(data)
    for place in rng.integers(0, len(data), rng.integers(1, 12)):
        data[place] = rng.integers(256)
    if rng.random() < 0.2:
        start = int(rng.integers(len(data)))
        del data[start : start + int(rng.integers(1, 400))]
    return bytes(data[: int(rng.integers(1, len(data)))] if rng.random() < 0.2 else data)


def work(folder, seeds, first, count, pipe):
    """Filter so many mutated clips, and tell what became of each as soon as it is known."""
    signal.alarm(240)
    for number in range(first, first + count):
        rng = np.random.default_rng(number)
        name, data = seeds[number % len(seeds)]
        source, target = Path(folder, f"{first}-{name}"), Path(folder, f"{first}-out.mkv")
        source.write_bytes(mutated(data, rng))
        try:
            filter_clip(source, target, "matroska", OPTIONS)
            pipe.send("filtered")
        except ClipError as error:
            pipe.send("refused" if str(error).endswith((".", "-o.")) else f"no sentence: {error}")
        except MemoryError:  # a header that claims far too much; jobs and command line have a sentence for it
            pipe.send("refused")
        except BaseException as error:  # whatever a visitor would get a traceback for
            pipe.send(f"{number}: {type(error).__name__}: {error}")


@pytest.mark.slow
def test_fuzzed_clips_crash_nothing_but_a_worker(tmp_path):
    seeds = []
    for name, codec, audio in KINDS:
        path = clips.write_clip(tmp_path / name, size=(32, 32), frames=5, codec=codec, audio=audio)
        seeds.append((name, path.read_bytes()))
    said, crashes = [], 0
    context = multiprocessing.get_context("fork")
    first = 0
    while first < COUNT:
        ours, theirs = context.Pipe(duplex=False)
        process = context.Process(target=work, args=(tmp_path, seeds, first, min(BATCH, COUNT - first), theirs))
        process.start()
        theirs.close()
        done = 0
        try:
            while True:
                said.append(ours.recv())
                done += 1
        except EOFError:
            pass
        process.join()
        crashes += process.exitcode != 0
        first += done + (process.exitcode != 0)
    others = [word for word in said if word not in ("filtered", "refused")]
    print(f"{said.count('filtered')} filtered, {said.count('refused')} refused, {crashes} workers crashed")
    assert not others
    assert len(said) + crashes == COUNT
    assert said.count("filtered") > COUNT // 10
    assert said.count("refused") > COUNT // 20

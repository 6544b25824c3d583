"""Clips on the command line, as a user types it."""

import os
import pty
import signal
import subprocess
import termios

import pytest

from tests.support import clips
from tests.support.command_line import ENVIRONMENT, MODULE, colorfilter
from tests.support.patience import until
from tests.support.pictures import blocks, saved

FAST = ("--preset", "ultrafast")


@pytest.fixture
def folder(tmp_path):
    clips.write_clip(tmp_path / "clip.mp4", frames=30, container_options={"movflags": "faststart"})
    return tmp_path


def test_a_clip_is_written_beside_its_original(folder):
    before = (folder / "clip.mp4").read_bytes()
    done = colorfilter(folder, "red", "clip.mp4", *FAST)
    assert (done.stdout, done.stderr) == (b"", b"")
    assert clips.times_of(folder / "clip-red.mp4") == clips.times_of(folder / "clip.mp4")
    assert (folder / "clip.mp4").read_bytes() == before
    done = colorfilter(folder, "red", "clip.mp4", code=1)
    assert b"clip-red.mp4: The file exists; --force overwrites it." in done.stderr
    colorfilter(folder, "red", "clip.mp4", "--force", *FAST)


def test_a_folder_of_both_twice(folder):
    (folder / "photo.png").write_bytes(saved(blocks()))
    clips.write_clip(folder / "other.avi", codec="mpeg4", audio="mp3", frames=5)
    colorfilter(folder, "#ff8800", ".", *FAST)
    made = {"clip-ff8800.mp4", "other-ff8800.mp4", "photo-ff8800.png"}
    assert made < {file.name for file in folder.iterdir()}
    done = colorfilter(folder, "#ff8800", ".", *FAST, code=1)  # what was made is not filtered again
    assert done.stderr.count(b"--force overwrites it") == 3


def test_a_trim_a_view_and_a_container(folder):
    colorfilter(folder, "red", "clip.mp4", "--from", "0:00.5", "--to", "0.8", "--view", "all", "-o", "six.mkv", *FAST)
    frames = clips.frames_of(folder / "six.mkv")
    assert (len(frames), frames[0].width) == (9, 60)
    colorfilter(folder, "red", "clip.mp4", "--view", "all", *FAST)
    assert (folder / "clip-all.mp4").exists()


@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_through_pipes(folder, suffix):
    if suffix == ".mkv":
        clips.run_ffmpeg("-i", folder / "clip.mp4", "-c", "copy", folder / "clip.mkv")
    done = colorfilter(folder, "red", "-", *FAST, data=(folder / f"clip{suffix}").read_bytes(), apart=True)
    (folder / f"out{suffix}").write_bytes(done.stdout)
    assert clips.times_of(folder / f"out{suffix}") == clips.times_of(folder / f"clip{suffix}")
    assert clips.packets_of(folder / f"out{suffix}", "audio") == clips.packets_of(folder / f"clip{suffix}", "audio")


def test_what_a_pipe_cannot_carry_is_a_sentence(folder):
    at_the_end = clips.write_clip(folder / "end.mp4", frames=200, size=(160, 120))
    done = colorfilter(folder, "red", "-", "-o", "out.mp4", data=at_the_end.read_bytes(), code=1, apart=True)
    assert b"out of a pipe's reach" in done.stderr
    clips.write_clip(folder / "clip.ts", audio=None, frames=3)
    done = colorfilter(folder, "red", "clip.ts", "-o", "-", code=2)
    assert b"Only MP4, MOV, MKV and WebM go through a pipe" in done.stderr


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["clip.mp4", "-o", "out.png"], "is a clip, which is written as .mp4"),
        (["clip.mp4", "--from", "soon"], "a time is written as 90, 1:30"),
        (["clip.mp4", "--from", "2", "--to", "1"], "to a later one"),
        (["clip.mp4", "--crf", "99"], "between 0 and 63"),
        (["clip.mp4", "--preset", "placebo"], "invalid choice: 'placebo'"),
        (["clip.mp4", "--view", "upside-down"], "invalid choice: 'upside-down'"),
    ],
)
def test_wrong_use_ends_with_2(folder, words, sentence):
    assert sentence in colorfilter(folder, "red", *words, code=2).stderr.decode()
    assert {file.name for file in folder.iterdir()} == {"clip.mp4"}


def test_a_broken_clip_says_where_and_is_salvaged_if_one_asks(folder):
    whole = clips.write_clip(folder / "whole.mp4", frames=90, container_options={"movflags": "faststart"})
    data = whole.read_bytes()
    (folder / "cut.mp4").write_bytes(data[: len(data) // 2])
    done = colorfilter(folder, "red", "cut.mp4", *FAST, code=1)
    assert b"cut.mp4: The clip" in done.stderr
    assert b"--salvage keeps what can be read." in done.stderr
    assert not (folder / "cut-red.mp4").exists()
    done = colorfilter(folder, "red", "cut.mp4", "--salvage", *FAST)
    assert b"what could be read is kept" in done.stderr
    assert clips.frames_of(folder / "cut-red.mp4")


def test_ctrl_c_leaves_nothing(folder):
    clips.write_clip(folder / "long.mp4", frames=300, size=(640, 480), options={"preset": "ultrafast"}, audio=None)
    command = [*MODULE, "red", "long.mp4", "--preset", "veryslow"]

    def hear_ctrl_c():  # which a shell has its background commands ignore
        signal.signal(signal.SIGINT, signal.SIG_DFL)

    process = subprocess.Popen(command, cwd=folder, env=ENVIRONMENT, stderr=subprocess.PIPE, preexec_fn=hear_ctrl_c)
    until(lambda: list(folder.glob(".*.part")))
    assert process.poll() is None
    process.send_signal(signal.SIGINT)
    _, said = process.communicate()
    assert process.returncode == 130
    assert b"Traceback" not in said
    assert {file.name for file in folder.iterdir()} == {"clip.mp4", "long.mp4"}


def test_a_progress_bar_on_a_terminal_only(folder):
    terminal, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 80))
    command = [*MODULE, "red", "clip.mp4", *FAST]
    subprocess.run(command, cwd=folder, env=ENVIRONMENT, stderr=theirs, check=True, timeout=60)
    os.close(theirs)
    said = os.read(terminal, 10_000).decode()
    os.close(terminal)
    assert "clip.mp4" in said
    assert "30/30" in said
    assert "frame/s" in said

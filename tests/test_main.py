"""Pictures on the command line."""

import os
import pty
import subprocess
import sys
import termios

import numpy as np
import pytest
from PIL import Image

from colorfilter import PRESETS, VISION, ColorFilter, filter_image
from tests.support.command_line import ENVIRONMENT, MODULE, colorfilter
from tests.support.pictures import HEIC, blocks, saved
from tests.support.server import ROOT

RED = filter_image(blocks(), PRESETS["red"])


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "photo.png").write_bytes(saved(blocks()))
    return tmp_path


def pixels(path):
    with Image.open(path) as image:
        assert image.format == "PNG"
        return np.asarray(image)


def test_a_picture_is_written_beside_its_original(folder):
    before = (folder / "photo.png").read_bytes()
    done = colorfilter(folder, "red", "photo.png", apart=True)
    assert (done.stdout, done.stderr) == (b"", b"")
    assert np.array_equal(pixels(folder / "photo-red.png"), RED)
    assert (folder / "photo.png").read_bytes() == before


def test_a_color_and_a_strength(folder):
    colorfilter(folder, "#FF8800", "--strength", "0.5", "photo.png")
    half = filter_image(blocks(), ColorFilter("half", (255, round(255 - 119 / 2), round(255 / 2))))
    assert np.array_equal(pixels(folder / "photo-ff8800.png"), half)


def test_output_to_a_file(folder):
    colorfilter(folder, "red", "photo.png", "-o", "other.png")
    assert np.array_equal(pixels(folder / "other.png"), RED)


def test_output_to_a_folder_that_is_made(folder):
    (folder / "second.jpg").write_bytes(saved(blocks(), "JPEG"))
    colorfilter(folder, "red", "photo.png", "second.jpg", "--output", "new/results")
    assert sorted(path.name for path in (folder / "new/results").iterdir()) == ["photo-red.png", "second-red.png"]


@pytest.mark.parametrize("name", ["protan", "daltonize-protan"])
def test_a_vision_filter_by_name_twice(folder, name):
    """The name of one filter ends as another's does; the second run knows what the first one made all the same."""
    for _ in range(2):
        colorfilter(folder, name, "--strength", "0.5", "--force", ".")
    assert {path.name for path in folder.glob("photo*")} == {"photo.png", f"photo-{name}.png"}
    want = filter_image(blocks(), VISION[name].at_strength(0.5))
    assert np.array_equal(pixels(folder / f"photo-{name}.png"), want)


def test_a_folder_of_pictures_twice(folder):
    """The second run takes neither the text nor what the first run made for pictures to filter."""
    (folder / "in").mkdir()
    for name in ("a.png", "b.PNG", "lonely-red.png"):
        (folder / "in" / name).write_bytes(saved(blocks()))
    (folder / "in/notes.txt").write_text("no picture")
    want = ["a-red.png", "b-red.png", "lonely-red-red.png"]
    colorfilter(folder, "red", "in")
    colorfilter(folder, "red", "in", "--force")
    made = {path.name for path in (folder / "in").iterdir()}
    assert made == {"a.png", "b.PNG", "lonely-red.png", "notes.txt", *want}


def test_a_folder_with_companions_that_macos_hides_and_another_ending_of_jpeg(folder):
    (folder / "in").mkdir()
    (folder / "in/photo.jfif").write_bytes(saved(blocks(), "JPEG"))
    (folder / "in/._photo.jfif").write_bytes(b"\0\5\x16\7 no pixels")
    assert colorfilter(folder, "red", "in").stderr == b""
    assert sorted(path.name for path in (folder / "in").iterdir()) == ["._photo.jfif", "photo-red.png", "photo.jfif"]


def test_the_exit_code_of_a_folder_is_that_of_its_pictures(folder):
    (folder / "in").mkdir()
    (folder / "in/good.png").write_bytes(saved(blocks()))
    (folder / "in/bad.jfif").write_bytes(b"no picture")
    done = colorfilter(folder, "red", "in", code=1, apart=True)
    assert b"bad.jfif: This is not a picture" in done.stderr
    assert np.array_equal(pixels(folder / "in/good-red.png"), RED)


def test_heic_is_told_what_to_do(folder):
    (folder / "in").mkdir()
    (folder / "in/IMG_1.HEIC").write_bytes(HEIC)
    assert b"IMG_1.HEIC: This is a HEIC picture" in colorfilter(folder, "red", "in", code=1).stderr
    assert b"Save it as JPEG" in colorfilter(folder, "red", "-", data=HEIC, code=1).stderr


def test_an_empty_folder_is_a_failure(folder):
    (folder / "empty").mkdir()
    assert b"no pictures" in colorfilter(folder, "red", "empty", code=1).stderr


def test_stdin_to_stdout(folder):
    done = colorfilter(folder, "red", "-", data=saved(blocks()), apart=True)
    (folder / "out").write_bytes(done.stdout)
    assert np.array_equal(pixels(folder / "out"), RED)
    assert done.stderr == b""
    assert sorted(path.name for path in folder.iterdir()) == ["out", "photo.png"]


def test_stdin_to_a_file_and_a_file_to_stdout(folder):
    colorfilter(folder, "red", "-", "-o", "out.png", data=saved(blocks()))
    assert np.array_equal(pixels(folder / "out.png"), RED)
    assert colorfilter(folder, "red", "photo.png", "-o", "-").stdout == (folder / "out.png").read_bytes()


def test_the_list_of_filters(folder):
    lines = colorfilter(folder, "--list").stdout.decode().splitlines()
    assert [line.split()[0] for line in lines] == [*PRESETS, *VISION]
    assert [line.split()[1] for line in lines[:7]] == [preset.hex for preset in PRESETS.values()]
    assert lines[7].endswith("Protan shows what people without red (L) cones see (Viénot 1999).")
    assert lines[4].endswith("Yellow keeps red and green and removes blue.")


def test_existing_files_are_overwritten_only_by_force(folder):
    (folder / "photo-red.png").write_text("precious")
    done = colorfilter(folder, "red", "photo.png", code=1)
    assert b"photo-red.png: The file exists; --force overwrites it." in done.stderr
    assert (folder / "photo-red.png").read_text(encoding="utf-8") == "precious"
    colorfilter(folder, "red", "--force", "photo.png")
    assert np.array_equal(pixels(folder / "photo-red.png"), RED)


def test_one_bad_file_is_reported_and_the_rest_go_on(folder):
    (folder / "bad.png").write_bytes(saved(blocks())[:-40])
    (folder / "z.png").write_bytes(saved(blocks()))
    done = colorfilter(folder, "red", "photo.png", "bad.png", "missing.png", "z.png", code=1)
    assert sorted(done.stderr.decode().splitlines()) == [
        "colorfilter: bad.png: The PNG picture is truncated or damaged.",
        "colorfilter: missing.png: No such file or directory.",
    ]
    for name in ("photo-red.png", "z-red.png"):
        assert np.array_equal(pixels(folder / name), RED)
    assert not (folder / "bad-red.png").exists()


def test_two_pictures_never_become_one_file(folder):
    (folder / "photo.bmp").write_bytes(saved(blocks()[::-1], "BMP"))
    done = colorfilter(folder, "red", "photo.png", "photo.bmp", "photo.png", code=1)
    assert done.stderr.decode() == "colorfilter: photo.bmp: It would become photo-red.png, and so does photo.png.\n"
    assert np.array_equal(pixels(folder / "photo-red.png"), RED)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ([], "name a filter and at least one picture"),
        (["red"], "name a filter and at least one picture"),
        (["purple", "photo.png"], "There is no filter 'purple'"),
        (["#12345", "photo.png"], "six hex digits"),
        (["red", "photo.png", "--strength", "2"], "between 0 and 1, not at 2.0"),
        (["red", "photo.png", "--strength", "much"], "invalid float value: 'much'"),
        (["red", "photo.png", "photo.png", "-o", "one.png"], "Several files need a folder"),
        (["red", ".", "-o", "-"], "Several files need a folder"),
        (["red", "photo.png", "-o", "out.jpg"], "name the output out.png"),
        (["red", "photo.png", "-o", "photo.png/x"], "photo.png"),
        (["red", "-", "-"], "only one stdin"),
        (["--unknown"], "unrecognized arguments"),
        (["serve", "--port", "many"], "invalid int value"),
    ],
)
def test_wrong_use_ends_with_2_and_writes_nothing(folder, words, sentence):
    assert sentence in colorfilter(folder, *words, code=2).stderr.decode()
    assert [path.name for path in folder.iterdir()] == ["photo.png"]


def test_a_picture_named_like_the_command(folder):
    (folder / "serve").write_bytes(saved(blocks()))
    colorfilter(folder, "red", "serve")
    assert np.array_equal(pixels(folder / "serve-red.png"), RED)


def test_no_picture_on_a_terminal(folder):
    ours, theirs = pty.openpty()
    done = subprocess.run(
        [*MODULE, "red", "-"],
        cwd=ROOT, stdin=subprocess.DEVNULL, stdout=theirs, stderr=subprocess.PIPE, timeout=60,
    )  # fmt: skip
    os.close(theirs)
    os.close(ours)
    assert done.returncode == 2
    assert b"a terminal cannot show a picture" in done.stderr


def test_a_progress_bar_on_a_terminal_only(folder):
    (folder / "second.png").write_bytes(saved(blocks()))
    words = ["red", "photo.png", "second.png", "--force"]
    assert colorfilter(folder, *words).stderr == b""
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 80))
    subprocess.run(
        [*MODULE, *words],
        cwd=folder, stderr=theirs, env=os.environ | ENVIRONMENT, check=True, timeout=60,
    )  # fmt: skip
    os.close(theirs)
    assert b"2/2" in os.read(ours, 100_000)
    os.close(ours)


def test_a_write_that_fails_leaves_nothing(folder):
    """The file system is full, or as good as: no file may grow beyond 100 bytes."""
    code = "import resource, signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)"
    code += "; resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))"
    code += "; from colorfilter.__main__ import main; raise SystemExit(main(['red', 'photo.png']))"
    done = subprocess.run(
        [sys.executable, "-B", "-c", code],
        cwd=folder, capture_output=True, env=ENVIRONMENT, timeout=60,
    )  # fmt: skip
    assert done.returncode == 1
    assert b"File too large." in done.stderr
    assert b"Traceback" not in done.stderr
    assert [path.name for path in folder.iterdir()] == ["photo.png"]

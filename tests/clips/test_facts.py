"""What is known of a visitor's file before it is decoded."""

import pytest

from colorfilter.clips.facts import ClipLimits, check_bytes, clip_limits, inspect_clip, may_be_clip
from colorfilter.clips.options import ClipError
from colorfilter.host.settings import Settings
from tests.support import clips
from tests.support.pictures import HEIC, blocks, saved

LIMITS = clip_limits(Settings())


def test_the_limits_are_the_settings():
    assert ClipLimits(25_000_000, 120, 2_100_000) == LIMITS


def test_a_clip(tmp_path):
    facts = inspect_clip(clips.write_clip(tmp_path / "in.mp4", frames=30).read_bytes(), LIMITS)
    assert (facts.width, facts.height, facts.frames, facts.kind) == (64, 48, 30, "mp4")
    assert facts.seconds == pytest.approx(1.0, abs=0.03)


@pytest.mark.parametrize(
    ("suffix", "kind", "options"),
    [
        (".mov", "mp4", {}),  # which more browsers play
        (".mkv", "matroska", {}),
        (".webm", "webm", {"codec": "libvpx-vp9", "audio": None}),
        (".avi", "mp4", {"audio": None}),
    ],
)
def test_the_container_by_content(tmp_path, suffix, kind, options):
    data = clips.write_clip(tmp_path / f"in{suffix}", **options).read_bytes()
    assert may_be_clip("named wrongly.png", data)
    assert inspect_clip(data, LIMITS).kind == kind


@pytest.mark.parametrize("kind", ["gif", "webp"])
def test_what_moves_is_a_clip_and_what_does_not_is_a_picture(kind):
    assert may_be_clip("a", clips.animation(kind))
    facts = inspect_clip(clips.animation(kind), LIMITS)
    assert (facts.width, facts.height, facts.frames, facts.seconds, facts.kind) == (30, 20, 3, 0.6, kind)
    assert inspect_clip(clips.animation(kind, count=1), LIMITS) is None


@pytest.mark.parametrize("data", [saved(blocks()), saved(blocks(), "JPEG"), HEIC, b"", b"words"])
def test_pictures_are_no_clips(data):
    assert not may_be_clip("a.png", data)


def test_what_is_named_as_a_clip_and_is_none_gets_a_clips_sentence():
    assert may_be_clip("a.MP4", b"words")
    with pytest.raises(ClipError, match="no video file that can be read"):
        inspect_clip(b"words", LIMITS)


def test_what_is_above_the_limits_is_a_sentence(tmp_path):
    data = clips.write_clip(tmp_path / "in.mp4", frames=30).read_bytes()
    with pytest.raises(ClipError, match="limit is 0 s"):
        inspect_clip(data, ClipLimits(LIMITS.bytes, 0.4, LIMITS.pixels))
    with pytest.raises(ClipError, match="64 x 48 pixels"):
        inspect_clip(data, ClipLimits(LIMITS.bytes, 60, 64 * 47))
    with pytest.raises(ClipError, match=r"The clip has 25\.1 MB; the limit is 25 MB\."):
        check_bytes(25_100_000, LIMITS)
    for kind in ("gif", "webp"):
        with pytest.raises(ClipError, match="30 x 20 pixels"):
            inspect_clip(clips.animation(kind), ClipLimits(LIMITS.bytes, 60, 500))
        with pytest.raises(ClipError, match="limit is 0 s"):
            inspect_clip(clips.animation(kind), ClipLimits(LIMITS.bytes, 0.4, 600))


def test_a_clip_that_does_not_say_how_long_it_is_has_no_length(tmp_path):
    piped = clips.through_a_pipe(clips.write_clip(tmp_path / "in.mkv", audio=None))
    assert inspect_clip(piped, LIMITS).seconds == 0

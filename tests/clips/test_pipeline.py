"""Clips of every kind, made by code, through the filter and read back."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from colorfilter import PRESETS, VISION, ColorFilter, filter_frame
from colorfilter.clips.options import ClipError, ClipOptions, DamagedError
from colorfilter.clips.pipeline import filter_clip
from colorfilter.clips.target import CONTAINERS
from colorfilter.views.options import ViewOptions
from tests.support import clips
from tests.support.pictures import photo

RED = PRESETS["red"]
LOSSLESS = {"crf": 0, "preset": "ultrafast"}


def made(tmp_path, source, suffix=None, color_filter=RED, view="filter", **options):
    """The filtered clip's path, and the report."""
    target = tmp_path / f"out{suffix or Path(source).suffix}"
    chosen = ClipOptions(ViewOptions(color_filter, mirror=False, view=view), **{"preset": "ultrafast", **options})
    return target, filter_clip(Path(source), target, CONTAINERS[target.suffix], chosen)


def samples(frame):
    """All samples of a frame, plane by plane."""
    sample = np.uint8 if "10le" not in frame.format.name else np.uint16
    return [
        np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size).view(sample)[: plane.height, : plane.width]
        for plane in frame.planes
    ]


def assert_filtered(source, target, color_filter=RED):
    """Each frame of a lossless clip is what `filter_frame` makes of the source's, and at the same time."""
    before, after = clips.frames_of(source), clips.frames_of(target)
    assert [frame.pts * frame.time_base for frame in before] == [frame.pts * frame.time_base for frame in after]
    for old, new in zip(before, after, strict=True):
        want = filter_frame(old, color_filter)
        assert new.format.name.replace("yuvj", "yuv") == want.format.name
        assert all(map(np.array_equal, samples(new), samples(want)))


@pytest.mark.parametrize("suffix", [".mp4", ".mov", ".mkv"])
@pytest.mark.parametrize(("matrix", "full"), [(1, False), (6, False), (1, True), (9, False)], ids=str)
def test_picture_sound_times_and_tags(tmp_path, suffix, matrix, full):
    source = clips.write_clip(tmp_path / f"in{suffix}", matrix=matrix, full=full)
    target, report = made(tmp_path, source, **LOSSLESS)
    assert report.frames == 20
    assert report.notes == ()
    assert_filtered(source, target)
    assert clips.packets_of(target, "audio") == clips.packets_of(source, "audio")
    before, after = clips.probe(source), clips.probe(target)
    assert float(after["format"]["duration"]) == pytest.approx(float(before["format"]["duration"]), abs=0.001)
    stream = clips.picture_of(after)
    assert stream["color_space"] == clips.NAMES[matrix]
    assert stream["color_range"] == ("pc" if full else "tv")
    assert stream["pix_fmt"] == ("yuvj420p" if full else "yuv420p")
    assert stream["color_transfer"] == "bt709"
    assert stream.get("tags", {}).get("language") == clips.picture_of(before).get("tags", {}).get("language")


@pytest.mark.parametrize(("codec", "name"), [("libvpx", "vp8"), ("libvpx-vp9", "vp9")])
def test_webm_stays_webm_with_its_codec_and_its_opus(tmp_path, codec, name):
    source = clips.write_clip(tmp_path / "in.webm", codec=codec, audio="libopus", time_base=Fraction(1, 1000),
                              times=[33 * n for n in range(12)])  # fmt: skip
    target, _ = made(tmp_path, source)
    assert clips.picture_of(clips.probe(target))["codec_name"] == name
    assert clips.packets_of(target, "audio") == clips.packets_of(source, "audio")
    assert clips.times_of(target) == clips.times_of(source)
    for old, new in zip(clips.frames_of(source), clips.frames_of(target), strict=True):
        want = filter_frame(old, RED)
        assert np.abs(samples(new)[0].astype(int) - samples(want)[0]).mean() < 4


def test_a_variable_frame_rate_keeps_every_time(tmp_path):
    rng = np.random.default_rng(3)
    times = np.cumsum(rng.integers(1, 4000, 25)).tolist()
    source = clips.write_clip(tmp_path / "in.mp4", times=times, audio=None)
    target, _ = made(tmp_path, source)
    assert clips.times_of(target) == clips.times_of(source)
    assert len(set(np.diff([float(time) for time in clips.times_of(target)]).round(4))) > 10


def test_b_frames_in_and_out(tmp_path):
    source = clips.write_clip(tmp_path / "in.mp4", options={"preset": "medium", "bf": "3"}, frames=30)
    assert clips.picture_of(clips.probe(source))["has_b_frames"]
    target, _ = made(tmp_path, source, preset="medium", crf=1)
    assert clips.picture_of(clips.probe(target))["has_b_frames"]
    assert clips.times_of(target) == clips.times_of(source)
    for old, new in zip(clips.frames_of(source), clips.frames_of(target), strict=True):
        assert np.abs(samples(new)[0].astype(int) - samples(filter_frame(old, RED))[0]).max() <= 3


@pytest.mark.parametrize("suffix", [".mp4", ".mov", ".mkv"])
@pytest.mark.parametrize("rotation", [90, 180, -90])
def test_the_rotation_is_kept(tmp_path, suffix, rotation):
    source = clips.write_clip(tmp_path / f"in{suffix}", rotation=rotation, frames=3, audio=None)
    target, _ = made(tmp_path, source)
    before, after = (clips.picture_of(clips.probe(path))["side_data_list"][0] for path in (source, target))
    assert after["displaymatrix"] == before["displaymatrix"]
    assert [frame.rotation for frame in clips.frames_of(target)] == [
        frame.rotation for frame in clips.frames_of(source)
    ]


@pytest.mark.parametrize("rotation", [90, 180, -90])
def test_a_view_of_a_rotated_clip_is_upright(tmp_path, rotation):
    """The comparison's line stands upright on the screen, so the pictures are turned themselves."""
    source = clips.write_clip(tmp_path / "in.mp4", rotation=rotation, frames=2, audio=None)
    target, _ = made(tmp_path, source, view="compare", color_filter=PRESETS["original"], **LOSSLESS)
    (new, *_), (old, *_) = clips.frames_of(target), clips.frames_of(source)
    assert new.rotation == 0
    turned = np.rot90(samples(old)[0], rotation // 90)
    assert samples(new)[0].shape == turned.shape
    left = turned.shape[1] // 2 - 8  # left of the line is the original
    assert np.array_equal(samples(new)[0][:, :left], turned[:, :left])


def test_anamorphic_samples_stay_so(tmp_path):
    source = clips.write_clip(tmp_path / "in.mp4", aspect=Fraction(16, 11), frames=3)
    target, _ = made(tmp_path, source)
    assert clips.picture_of(clips.probe(target))["sample_aspect_ratio"] == "16:11"


@pytest.mark.parametrize("pix_fmt", ["yuv422p", "yuv444p", "yuv420p10le", "yuv422p10le", "yuv444p10le"])
def test_sampling_and_depth_stay(tmp_path, pix_fmt):
    source = clips.write_clip(tmp_path / "in.mp4", pix_fmt=pix_fmt, frames=4)
    target, _ = made(tmp_path, source, crf=0)
    stream = clips.picture_of(clips.probe(target))
    assert (stream["codec_name"], stream["pix_fmt"]) == ("h264", pix_fmt)
    for old, new in zip(clips.frames_of(source), clips.frames_of(target), strict=True):
        for ours, want in zip(samples(new), samples(filter_frame(old, RED)), strict=True):
            assert np.abs(ours.astype(int) - want).max() <= (0 if "10" not in pix_fmt else 16)


def test_hdr_is_filtered_in_its_ten_bits_and_keeps_its_tags(tmp_path):
    source = clips.write_clip(
        tmp_path / "in.mp4", codec="libx265", pix_fmt="yuv420p10le", matrix=9, transfer=16, frames=4
    )
    target, _ = made(tmp_path, source, crf=4)
    stream = clips.picture_of(clips.probe(target))
    tags = [stream[name] for name in ("pix_fmt", "color_space", "color_transfer", "color_primaries")]
    assert tags == ["yuv420p10le", "bt2020nc", "smpte2084", "bt2020"]
    assert (stream["codec_name"], stream["codec_tag_string"]) == ("hevc", "hvc1")
    for old, new in zip(clips.frames_of(source), clips.frames_of(target), strict=True):
        want = filter_frame(old, RED)
        assert np.abs(samples(new)[0].astype(int) - samples(want)[0]).mean() < 4


def test_odd_sizes(tmp_path):
    """VP9 takes them. H.264 cannot, and repeats the last line and column."""
    source = clips.write_clip(tmp_path / "in.webm", size=(63, 47), codec="libvpx-vp9", audio=None, frames=3,
                              time_base=Fraction(1, 1000), times=[0, 33, 67])  # fmt: skip
    target, report = made(tmp_path, source)
    assert (clips.frames_of(target)[0].width, clips.frames_of(target)[0].height) == (63, 47)
    assert report.notes == ()
    target, report = made(tmp_path, source, ".mp4", **LOSSLESS)
    frame, old = clips.frames_of(target)[0], clips.frames_of(source)[0]
    assert (frame.width, frame.height) == (64, 48)
    luma = samples(frame)[0]
    assert np.array_equal(luma[:47, :63], samples(filter_frame(old, RED))[0])
    assert np.array_equal(luma[:, 63], luma[:, 62])
    assert "even sizes" in report.notes[0]


def test_no_sound_and_one_frame(tmp_path):
    source = clips.write_clip(tmp_path / "in.mp4", frames=1, audio=None)
    target, report = made(tmp_path, source, **LOSSLESS)
    assert report.frames == 1
    assert_filtered(source, target)
    assert [stream["codec_type"] for stream in clips.probe(target)["streams"]] == ["video"]


def test_only_sound_is_a_sentence(tmp_path):
    with av.open(str(tmp_path / "in.mp4"), "w") as file:
        stream = file.add_stream("aac", rate=48_000)
        for block in clips._sound(1):
            file.mux(stream.encode(block))
        file.mux(stream.encode(None))
    with pytest.raises(ClipError, match="no moving picture, only sound"):
        made(tmp_path, tmp_path / "in.mp4")


@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_a_cut_file_says_where_unless_one_salvages(tmp_path, suffix):
    whole = clips.write_clip(tmp_path / f"whole{suffix}", frames=90, size=(320, 240),
                             container_options={"movflags": "faststart"} if suffix == ".mp4" else None)  # fmt: skip
    data = whole.read_bytes()
    source = tmp_path / f"in{suffix}"
    source.write_bytes(data[: len(data) * 2 // 3])
    with pytest.raises(DamagedError, match=r"at [12]\.\d s\.") as error:
        made(tmp_path, source)
    target, report = made(tmp_path, source, salvage=True, crf=0)
    assert 30 < report.frames < 90
    assert "what could be read is kept" in report.notes[0]
    before = {frame.pts * frame.time_base: frame for frame in clips.frames_of(whole)}
    frames = clips.frames_of(target)
    second = float(str(error.value).split(" at ")[1].split()[0])
    assert float(frames[-1].time) == pytest.approx(second, abs=0.3)
    for new in frames[:20]:
        want = samples(filter_frame(before[new.pts * new.time_base], RED))
        assert all(map(np.array_equal, samples(new), want))


def test_bytes_that_are_no_clip(tmp_path):
    source = tmp_path / "in.mp4"
    for data in (b"", b"nonsense" * 100):
        source.write_bytes(data)
        with pytest.raises(ClipError, match="no video file"):
            made(tmp_path, source)


def test_a_playlist_that_names_other_files_is_no_clip(tmp_path):
    clips.write_clip(tmp_path / "secret.ts", audio=None)
    source = tmp_path / "in.mp4"
    source.write_text("#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nsecret.ts\n#EXT-X-ENDLIST\n")
    with pytest.raises(ClipError, match="no video file"):
        made(tmp_path, source)


def test_a_size_that_changes_midway_is_said(tmp_path):
    parts = []
    for number, size in enumerate([(64, 48), (128, 96)]):
        part = clips.write_clip(tmp_path / f"{number}.ts", size=size, frames=10, audio=None, times=[
            (number * 10 + n) * 3000 for n in range(10)], time_base=Fraction(1, 90_000))  # fmt: skip
        parts.append(part.read_bytes())
    source = tmp_path / "in.ts"
    source.write_bytes(b"".join(parts))
    target, report = made(tmp_path, source, ".mp4")
    frames = clips.frames_of(target)
    assert len(frames) == 20
    assert {(frame.width, frame.height) for frame in frames} == {(64, 48)}
    assert "changes its size" in report.notes[0]


def test_an_edit_list_stays_in_force(tmp_path):
    """A copy that is cut between key frames begins with an edit list: what lies before is decoded, never shown."""
    whole = clips.write_clip(tmp_path / "whole.mp4", frames=60, options={"g": "60", "preset": "medium"})
    source = tmp_path / "in.mp4"
    clips.run_ffmpeg("-ss", "0.7", "-i", whole, "-c", "copy", source)
    before = clips.times_of(source)
    target, _ = made(tmp_path, source, crf=0)
    assert clips.times_of(target) == before
    assert clips.packets_of(target, "audio") == clips.packets_of(source, "audio")
    assert_filtered(source, target)


def test_a_negative_first_time_stamp(tmp_path):
    source = clips.write_clip(tmp_path / "in.mkv", time_base=Fraction(1, 1000), times=[33 * n for n in range(20)])
    shifted = tmp_path / "shifted.mp4"
    clips.run_ffmpeg("-itsoffset", "-0.2", "-i", source, "-c", "copy", "-avoid_negative_ts", "disabled", shifted)
    target, _ = made(tmp_path, shifted, crf=0)
    assert clips.times_of(target) == clips.times_of(shifted)
    assert_filtered(shifted, target)


def test_where_and_with_what_it_was_taken_goes(tmp_path):
    told = {"location": "+52.5200+013.4050/", "com.apple.quicktime.make": "Camera", "comment": "mine", "artist": "Ada"}
    source = clips.write_clip(tmp_path / "in.mov", metadata=told, container_options={"movflags": "use_metadata_tags"})
    assert "52.5200" in str(clips.probe(source))
    target, _ = made(tmp_path, source)
    found = clips.probe(target)
    assert set(found["format"]["tags"]) <= {"major_brand", "minor_version", "compatible_brands", "encoder"}
    data = target.read_bytes()
    assert not any(word in data for word in (b"52.5200", b"Camera", b"mine", b"Ada"))


@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_chapters_and_subtitles(tmp_path, suffix):
    chapters = [
        {
            "id": n,
            "start": 300 * n,
            "end": 300 * (n + 1),
            "time_base": Fraction(1, 1000),
            "metadata": {"title": f"Part {n}"},
        }
        for n in range(3)
    ]
    plain = clips.write_clip(tmp_path / f"plain{suffix}", frames=27, chapters=chapters)
    words = tmp_path / "words.srt"
    words.write_text("1\n00:00:00,100 --> 00:00:00,700\nHello\n")
    source = tmp_path / f"in{suffix}"
    codec = "mov_text" if suffix == ".mp4" else "srt"
    clips.run_ffmpeg(
        "-i", plain, "-i", words, "-map", "0:v", "-map", "0:a", "-map", "1", "-c", "copy", "-c:s", codec, source
    )
    target, _ = made(tmp_path, source)
    assert clips.packets_of(target, "subtitles") == clips.packets_of(source, "subtitles")
    read = [(c["start_time"], c["end_time"], c["tags"]["title"]) for c in clips.probe(target)["chapters"]]
    assert read == [(c["start_time"], c["end_time"], c["tags"]["title"]) for c in clips.probe(source)["chapters"]]
    assert len(read) == 3


def test_a_trim_begins_and_ends_where_it_should(tmp_path):
    chapters = [{"id": 0, "start": 0, "end": 2000, "time_base": Fraction(1, 1000), "metadata": {"title": "All"}}]
    source = clips.write_clip(tmp_path / "in.mp4", frames=60, options={"g": "25"}, chapters=chapters)
    target, report = made(tmp_path, source, start=0.5, end=1.2, crf=0)
    times = [time for time in clips.times_of(source) if 0.5 <= time < 1.2]
    assert clips.times_of(target) == [time - Fraction(1, 2) for time in times]
    assert report.frames == len(times) == 21
    before = {frame.pts * frame.time_base: frame for frame in clips.frames_of(source)}
    for new in clips.frames_of(target):
        want = filter_frame(before[new.pts * new.time_base + Fraction(1, 2)], RED)
        assert all(map(np.array_equal, samples(new), samples(want)))
    sound = {data: time for time, data in clips.packets_of(source, "audio")}
    for time, data in clips.packets_of(target, "audio"):
        assert sound[data] - Fraction(1, 2) == pytest.approx(time, abs=1 / 48_000)
    (chapter,) = clips.probe(target)["chapters"]
    assert (float(chapter["start_time"]), float(chapter["end_time"])) == (0, pytest.approx(0.7, abs=0.001))


def test_a_trim_outside_of_the_clip_is_a_sentence(tmp_path):
    source = clips.write_clip(tmp_path / "in.mp4")
    with pytest.raises(ClipError, match="no picture between these seconds"):
        made(tmp_path, source, start=100)


def test_a_vision_filter(tmp_path):
    source = clips.write_clip(tmp_path / "in.mp4", frames=2)
    target, _ = made(tmp_path, source, color_filter=VISION["tritan"], **LOSSLESS)
    want = filter_frame(clips.frames_of(source)[0], VISION["tritan"])
    shown, want = samples(clips.frames_of(target)[0]), samples(want)
    assert all(map(np.array_equal, shown, want))


@pytest.mark.parametrize("view", ["compare", "all"])
def test_every_view(tmp_path, view):
    source = clips.write_clip(tmp_path / "in.mp4", size=(192, 96), frames=4)
    target, _ = made(tmp_path, source, view=view, **LOSSLESS)
    frame = clips.frames_of(target)[0]
    assert (frame.width, frame.height) == ((192, 96) if view == "compare" else (192, 64))
    old = clips.frames_of(source)[0]
    if view == "compare":
        luma, original, filtered = (samples(one)[0] for one in (frame, old, filter_frame(old, RED)))
        assert np.array_equal(luma[:, :80], original[:, :80])
        assert np.array_equal(luma[:, 112:], filtered[:, 112:])


def test_untagged_hd_is_read_as_players_read_it(tmp_path):
    """No tag and more than 576 lines is BT.709 to players, and stays without a tag."""
    source = clips.write_clip(tmp_path / "in.mkv", size=(1280, 720), frames=1, audio=None, matrix=2, transfer=2)
    target, _ = made(tmp_path, source, **LOSSLESS)
    old, new = clips.frames_of(source)[0], clips.frames_of(target)[0]
    assert int(new.colorspace) == 2
    old.colorspace = 1
    assert all(map(np.array_equal, samples(new), samples(filter_frame(old, RED))))


def test_the_original_and_a_tint(tmp_path):
    source = clips.write_clip(tmp_path / "in.mp4", frames=3)
    for color_filter in (PRESETS["original"], ColorFilter.from_hex("#ff8844").at_strength(0.5)):
        target, _ = made(tmp_path, source, color_filter=color_filter, **LOSSLESS)
        assert_filtered(source, target, color_filter)


def test_what_is_transparent_or_interlaced_is_refused(tmp_path):
    source = clips.write_clip(tmp_path / "alpha.mov", codec="qtrle", pix_fmt="argb", audio=None, frames=2)
    with pytest.raises(ClipError, match="transparent"):
        made(tmp_path, source)
    source = clips.write_clip(tmp_path / "fields.mp4", options={"x264-params": "tff=1", "flags": "+ildct"}, frames=4)
    with pytest.raises(ClipError, match="interlaced"):
        made(tmp_path, source)


def test_sound_that_the_container_cannot_hold_is_refused(tmp_path):
    source = clips.write_clip(tmp_path / "in.mkv", audio="aac", frames=2)
    with pytest.raises(ClipError, match=r"WebM cannot hold this clip's sound \(aac\)"):
        made(tmp_path, source, ".webm")


def test_progress_ends_at_all_of_it_and_can_stop(tmp_path):
    source = clips.write_clip(tmp_path / "in.mp4", frames=30)
    told = []
    options = ClipOptions(ViewOptions(RED), preset="ultrafast")
    filter_clip(source, tmp_path / "out.mp4", "mp4", options, told.append)
    assert [progress.frames for progress in told] == list(range(1, 31))
    assert told[-1].all_frames == 30
    assert told[-1].all_seconds == pytest.approx(1.0, abs=0.03)

    class Enough(Exception):
        pass

    def stop(progress):
        raise Enough

    with pytest.raises(Enough):
        filter_clip(source, tmp_path / "out2.mp4", "mp4", options, stop)


@pytest.mark.parametrize(("matrix", "name"), [(1, "bt709"), (6, "bt601")])
def test_within_two_levels_of_ffmpegs_own_filter(tmp_path, matrix, name):
    """The command that one would type instead, through RGB, on the same frames, without loss."""
    source = clips.write_clip(tmp_path / "in.mp4", size=(640, 360), frames=3, matrix=matrix, audio=None, drawn=photo())
    target, _ = made(tmp_path, source, color_filter=PRESETS["yellow"], **LOSSLESS)
    chain = f"scale=in_color_matrix={name},format=gbrp,colorchannelmixer=rr=1:gg=1:bb=0"
    chain += f",scale=out_color_matrix={name},format=yuv420p"
    clips.run_ffmpeg("-i", source, "-vf", chain, "-crf", "0", "-preset", "ultrafast", tmp_path / "theirs.mp4")
    for ours, theirs in zip(clips.frames_of(target), clips.frames_of(tmp_path / "theirs.mp4"), strict=True):
        for mine, other in zip(samples(ours), samples(theirs), strict=True):
            assert np.percentile(np.abs(mine.astype(int) - other), 99) <= 2

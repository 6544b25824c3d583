"""The bench's files, and the README's figures, which come from them."""

import re

import pytest

from bench import results
from bench.__main__ import MORE, PARTS
from bench.table import Row


def test_what_is_written_is_read(tmp_path):
    rows = [str(Row("a frame", 1.0, 4.0)), str(Row("a size", "640x480"))]
    results.write("part", "Title", "today, a machine", rows, "3 s.", tmp_path)
    assert (tmp_path / "part.md").read_text(encoding="utf-8").splitlines()[:3] == ["# Title", "", "today, a machine."]
    assert results.read("part", tmp_path) == {"a frame": "1.0 ms | 4.0 ms | 0.25 |", "a size": "640x480 |  |  |"}


def test_the_readme_gets_the_table_and_keeps_the_rest(tmp_path):
    readme = tmp_path / "README.md"
    readme.write_text(f"before\n{results.BEGIN}an old table\n{results.END}\nafter\n")
    results.update_readme(readme)
    assert readme.read_text(encoding="utf-8") == f"before\n{results.BEGIN}{results.summary()}{results.END}\nafter\n"
    assert len(results.summary().splitlines()) == 2 + 6


def test_the_readme_has_the_figures_of_the_files():
    assert f"{results.BEGIN}{results.summary()}{results.END}" in results.README.read_text(encoding="utf-8")


def test_a_row_that_is_gone_is_missed(tmp_path):
    for part in PARTS | MORE:
        results.write(part, "Title", "today", [str(Row("another row", 1.0))], "3 s.", tmp_path)
    with pytest.raises(KeyError, match="720p red"):
        results.summary(tmp_path)


def test_each_part_has_a_file_and_each_file_is_a_parts():
    assert {file.stem for file in results.RESULTS.iterdir()} == set(PARTS | MORE)


def test_the_readme_names_the_parts_of_make_bench_and_the_time_that_their_files_name():
    readme = (results.RESULTS.parent / "README.md").read_text(encoding="utf-8")
    parts, minutes = re.search(r"^make bench +# ([\w, ]+): (\d+) minutes", readme, re.M).groups()
    assert parts.split(", ") == list(PARTS)
    files = [(results.RESULTS / f"{part}.md").read_text(encoding="utf-8") for part in PARTS]
    seconds = sum(int(number) for text in files for number in re.findall(r"^(\d+) s;", text, re.M))
    assert int(minutes) == pytest.approx(seconds / 60, abs=2)


def test_the_setup_names_machine_and_versions(monkeypatch):
    monkeypatch.setattr(results, "_chromium", lambda: "Chromium 1.2")
    setup = results.setup()
    for word in ("version ", " cores of ", "Python 3.", "aiortc ", "opencv-python-headless ", "Chromium 1.2"):
        assert word in setup

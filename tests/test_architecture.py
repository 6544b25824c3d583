"""The arrows between the rooms are those of docs/architecture.md, and its table has every patch of the engine."""

import ast
import re
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise, product
from pathlib import Path

import pytest

from colorfilter.webrtc.patches import PATCHES

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")


def room_of(module):
    """The room of a module of the package: `webrtc` of `colorfilter.webrtc.ice`, `__init__` of the package itself."""
    return module.split(".")[1] if "." in module else "__init__" if module == "colorfilter" else module


def imports(source, modules):
    """Those of the modules that a source imports, wherever in it the import stands."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"line {node.lineno}: imports are absolute, so that their room is seen"
            whole = [f"{node.module}.{alias.name}" for alias in node.names]
            names = [name if name in modules else node.module for name in whole]
        else:
            continue
        yield from (name for name in names if name in modules)


def sources():
    """The source of each module of the package and of the page's script, by its name."""
    paths = [ROOT / "streamlit_app.py", *sorted((ROOT / "colorfilter").rglob("*.py"))]
    names = [".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__") for path in paths]
    return {name: path.read_text(encoding="utf-8") for name, path in zip(names, paths, strict=True)}


def rooms_imported(modules):
    """The other rooms that each room imports."""
    imported = {room_of(name): set() for name in modules}
    for name, source in modules.items():
        imported[room_of(name)] |= {room_of(other) for other in imports(source, modules)} - {room_of(name)}
    return imported


def allowed(page):
    """The rooms below each room, near and far, by the page's arrows. Raises CycleError if they go round."""
    (block,) = re.findall("```arrows\n(.*?)```", page, re.S)
    near = {}
    for line in block.splitlines():
        groups = [[name.strip() for name in group.split(",")] for group in line.split("->")]
        for above, below in pairwise(groups):
            for one, other in product(above, below):
                near.setdefault(one, set()).add(other)
    far = {}
    for room in TopologicalSorter(near).static_order():  # from the bottom up
        far[room] = near.get(room, set()).union(*(far[below] for below in near.get(room, ())))
    return far


def wrong_arrows(imported, far):
    return {(room, other) for room, others in imported.items() for other in others - far.get(room, set())}


def test_no_arrow_goes_up_and_none_is_missing_from_the_page():
    assert wrong_arrows(rooms_imported(sources()), allowed(PAGE)) == set()


def test_the_page_names_each_room():
    assert allowed(PAGE).keys() == rooms_imported(sources()).keys()


def test_no_modules_import_each_other_in_a_circle():
    modules = sources()
    circles = TopologicalSorter({name: set(imports(source, modules)) - {name} for name, source in modules.items()})
    assert set(circles.static_order()) == modules.keys()


PARTS = {"engine": {"encoding", "congestion_control"}, "encoding": {"congestion_control"}, "congestion_control": set()}


def test_the_engine_knows_no_streamlit_and_its_parts_stand_on_each_other():
    modules, room = sources(), "colorfilter.webrtc."
    for name, source in modules.items():
        part = name.removeprefix(room).split(".")[0]
        if name.startswith(room) and part in PARTS:
            assert not re.search(r"^\s*(from|import) streamlit", source, re.M), name
            others = {other.split(".")[2] for other in imports(source, modules) if other.startswith(room)}
            assert others - {part} <= PARTS[part], name


def test_an_arrow_up_and_a_circle_are_found():
    modules = {"colorfilter": "", "colorfilter.low": "", "colorfilter.high": "", "colorfilter.high.part": ""}
    modules["colorfilter.low"] = "def late():\n    from colorfilter import high"
    modules["colorfilter.high.part"] = "import colorfilter.low"
    far = allowed("```arrows\nhigh -> low\n```")
    assert wrong_arrows(rooms_imported(modules), far) == {("low", "high")}
    with pytest.raises(CycleError):
        TopologicalSorter(rooms_imported(modules)).prepare()
    with pytest.raises(CycleError):
        allowed("```arrows\nhigh -> low\nlow -> high\n```")


def test_every_patch_is_in_the_table_in_its_order():
    rows = re.findall(r"^\| `(patch_\w+)` \|", PAGE, re.M)
    assert rows == [patch.__name__ for patch in PATCHES]

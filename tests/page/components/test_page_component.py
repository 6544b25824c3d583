"""The page's components: the files of each folder, put together as Streamlit takes them."""

import re
from pathlib import Path

import pytest

from colorfilter.page import components
from colorfilter.page.components import streamer_document

FOLDERS = sorted(path.parent for path in Path(components.__file__).parent.glob("*/__init__.py"))


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_folder_has_one_script_that_is_a_component(folder):
    scripts = {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.js")}
    assert [name for name, script in scripts.items() if "export default" in script] == [f"{folder.name}.js"]
    assert scripts[f"{folder.name}.js"].count("export default") == 1


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_what_a_component_offers_or_calls_is_described(folder):
    described = re.findall(r"^//   ([\w, ]+?)  ", (folder.parent / "registry.js").read_text(encoding="utf-8"), re.M)
    names = {name for line in described for name in line.split(", ")}
    scripts = "".join(path.read_text(encoding="utf-8") for path in folder.glob("*.js"))
    assert set(re.findall(r'register\("(\w+)', scripts) + re.findall(r"registry\.(\w+)", scripts)) <= names


def test_all_helpers_of_the_streamers_document_are_there():
    folder = Path(streamer_document.__file__).parent
    assert {path.name for path in folder.glob("*.js")} == {*streamer_document.HELPERS, "streamer_document.js"}

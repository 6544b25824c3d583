"""The page's components: the files of each folder, put together as Streamlit takes them."""

import re
from pathlib import Path

import pytest

from colorfilter.page import components
from colorfilter.page.components import connection_check, reconnecting, streamer_document

# Of which every sentence has one, and no selector and no name does.
WORDS = ("the", "an", "of", "is", "are", "it", "you", "your", "and", "to", "through", "copied", "in", "on", "with")
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


def test_all_helpers_of_a_component_stand_in_it():
    helped = {connection_check, reconnecting, streamer_document}
    for folder in FOLDERS:
        others = {path.name for path in folder.glob("*.js")} - {f"{folder.name}.js"}
        known = [component.HELPERS for component in helped if Path(component.__file__).parent == folder]
        assert others == set(*known), folder


def test_a_component_has_all_its_sentences_from_python():
    """In the scripts stand names, selectors and a line for developers: no sentence."""
    for folder in FOLDERS:
        for script in folder.glob("*.js"):
            code = re.sub(r"^\s*//.*|\s//\s.*|console\..*", "", script.read_text(encoding="utf-8"), flags=re.M)
            words = re.sub(r"\$\{[^}]*\}", "", " ".join(re.findall(r"""["'`]([^"'`]*)["'`]""", code)))
            assert [word for word in WORDS if re.search(rf"\b{word}\b", words)] == [], script


def test_the_registry_stands_before_who_uses_it_alone():
    for folder in FOLDERS:
        scripts = "".join(path.read_text(encoding="utf-8") for path in folder.glob("*.js"))
        uses = bool(re.search(r"\b(registry|register|fill|toClipboard)\b", scripts))
        python = (folder / "__init__.py").read_text(encoding="utf-8")
        assert uses == ("registers=False" not in python), folder

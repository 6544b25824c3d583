"""The page's keys, and the button and the dialog that list them where there is a keyboard."""

from __future__ import annotations

from colorfilter.page.components.page_component import page_component

KEYS = [
    ("1 … 8", "Choose a filter"),
    ("C", "Compare with the original, and back"),
    ("S", "Snapshot; once more ends the count-down"),
    ("R", "Record, and stop recording"),
    ("F", "Full screen, and back"),
    ("Space", "Start and stop the video"),
    ("Ctrl V", "In file mode, paste a picture or clip; on a Mac ⌘ V"),
    ("?", "This list"),
]
HTML = """
    <button class="plain-button keys-button" type="button">Keys</button>
    <dialog class="keys" aria-label="Keys">
      <h2>Keys</h2>
      <dl></dl>
      <button class="plain-button" type="button">Close</button>
    </dialog>
"""


def mount() -> None:
    """Draw the button, and have the keys act."""
    page_component("keys", HTML)(key="keys", data={"keys": KEYS}, width="content")

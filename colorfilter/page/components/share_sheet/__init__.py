"""The button that opens the system's share sheet. A browser that has none does not show it."""

from __future__ import annotations

from colorfilter.page.components.page_component import page_component

BOTH = "Send the link and the picture …"
HTML = '<button class="plain-button" type="button" hidden>Send the link …</button>'


def share_sheet(url: str) -> None:
    """Draw the button for that link."""
    page_component("share_sheet", HTML, registers=False)(key="share_sheet", data={"url": url, "both": BOTH})

"""Card grid (component): the gallery's cards as one element, however many characters there are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from nicegui import ui

from domain.model.character import NAME_LIMIT
from ui.socket.shapes import Number, Record, Takes, Text

FEED = "/feed/gallery"
FIRST_PICTURES = 4
ASK_EARLY = f"""<script>if (!history.state?.gallery) window.galleryAsked =
  {{url: "{FEED}" + location.search, answer: fetch("{FEED}" + location.search)}};
  window.galleryAsked?.answer.then(async (answer) => {{
    for (const card of (await answer.clone().json()).cards.slice(0, {FIRST_PICTURES})) new Image().src = card.picture;
  }}).catch(() => {{}})</script>"""
"""Script for the page's head: prefetches cards and pictures while the scripts that show them still load."""


class CardGrid(ui.element, component="card_grid.js"):
    """Shows what the page's own address asks for: its parameters are those of the feed (ui/gallery/gallery_feed.py).

    Fetches the first cards once it is in the browser and more as the reader nears the end (infinite scroll). Whatever
    changes the query changes the address, so that going back, or sending it to somebody, finds the same.

    Emits `action` {name, id, title} (begin, duplicate, report, delete) for the choice in the menu of a card.
    Labels: ui/gallery/gallery_labels.py.
    """

    TAKES: ClassVar[Takes] = {"action": Record({"name": Text(20), "id": Number(), "title": Text(2 * NAME_LIMIT)})}

    def __init__(self, labels: Mapping[str, Any], language: str, *, signed: bool) -> None:
        """`language`: the filter of the cards that are fetched first."""
        super().__init__()
        self._props["url"] = FEED
        self._props["labels"] = dict(labels)
        self._props["filtered"] = language
        self._props["signed"] = signed

    def again(self) -> None:
        """Repeat the query: a character was deleted or restored."""
        self.run_method("again")

"""The gallery's cards: one element however many characters there are (ARCHITECTURE.md, idea 11)."""

from __future__ import annotations

from collections.abc import Mapping

from nicegui import ui


class CardGrid(ui.element, component="card_grid.js"):
    """Fetches `url` once it is in the browser and the following pages as the reader comes near the end.

    `url` answers {"cards": [card, …], "count": «128 персонажей», "next": url of the next page or null}. A card is
    {"id", "url", "name", "teaser", "picture", "gender_sign", "age_mark", "interests": [str, …], "author", "badge"};
    what is "" is not shown.

    Labels: empty, failed, retry; with `empty_action` and `empty_url` the empty gallery offers a way on.
    """

    def __init__(self, url: str, labels: Mapping[str, str]) -> None:
        super().__init__()
        self._props["url"] = url
        self._props["labels"] = dict(labels)

    def reload(self, url: str) -> None:
        """Show what `url` answers instead: another search, another order."""
        self.run_method("reload", url)

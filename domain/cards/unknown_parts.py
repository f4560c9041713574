"""Unknown parts: what nothing here shows of a card is kept, and exported again with the card."""

from __future__ import annotations

from typing import Any

from domain.cards.card_fields import OWN
from domain.cards.card_forms import LISTS, TEXTS

SHOWN = {*TEXTS, *LISTS, "extensions", "character_book", "assets", "creator_notes_multilingual"}
SHOWN -= {"creator", "character_version", "source", "group_only_greetings"}
OF_THE_FORMAT = {"spec", "spec_version", "data"}
MOST = 30
LONGEST = 60


def unknown_parts(card: dict[str, Any]) -> list[str]:
    """Names of the unknown parts as in the file, such as `extensions.chub` or `creator`. Empty values are left out."""
    data = card["data"]
    extensions = [f"extensions.{name}" for name, value in data["extensions"].items() if name != OWN and _says(value)]
    own = [name for name, value in data.items() if name not in SHOWN and _says(value)]
    mirrored = {name for name in card if name in data}
    root = [name for name, value in card.items() if name not in OF_THE_FORMAT | mirrored and _says(value)]
    return [name[:LONGEST] for name in (*own, *extensions, *root)][:MOST]


def _says(value: Any) -> bool:
    return value not in (None, "", [], {}, False)

"""Drawn portraits: the PNG card of a character without a photo shows a portrait drawn for the file. The card marks it,
so that an import does not take it for a photo. If somebody has replaced the picture since, the new one is taken.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from zlib import crc32

from domain.cards.card_fields import OWN
from domain.cards.faults import UnreadableCard
from domain.cards.png_chunks import with_texts

MARK = "drawn_portrait"
"""Key in our own namespace for the checksum of the picture without the card's texts."""


def put_mark(card: dict[str, Any], picture: bytes) -> None:
    card["data"]["extensions"].setdefault(OWN, {})[MARK] = crc32(picture)


def takes_out_mark(card: dict[str, Any], picture: bytes, *, texts: Collection[str]) -> bool:
    """Remove the mark from the card, and return whether the picture is the drawn one that it stands for. `texts` are
    the prefixes of the keywords of the card's text chunks.
    """
    own = card["data"]["extensions"].get(OWN)
    mark = own.pop(MARK, None) if isinstance(own, dict) else None
    if mark is None:
        return False
    try:
        return bool(mark == crc32(with_texts(picture, {}, instead_of=texts)))
    except UnreadableCard:  # the picture is cut off
        return False

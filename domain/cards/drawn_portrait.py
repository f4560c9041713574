"""Drawn portraits: a PNG card of a character without a photo shows one that was drawn for the file, and says so,
lest it come back as a photo. A picture that somebody put in its place since does.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from zlib import crc32

from domain.cards.card_fields import OWN
from domain.cards.faults import UnreadableCard
from domain.cards.png_chunks import with_texts

MARK = "drawn_portrait"
"""In our own namespace: the checksum of the picture, without the texts of the card."""


def put_mark(card: dict[str, Any], picture: bytes) -> None:
    card["data"]["extensions"].setdefault(OWN, {})[MARK] = crc32(picture)


def takes_out_mark(card: dict[str, Any], picture: bytes, *, texts: Collection[str]) -> bool:
    """Whether the picture is the drawn one that the mark tells of; `texts` are the names of those of the card."""
    own = card["data"]["extensions"].get(OWN)
    mark = own.pop(MARK, None) if isinstance(own, dict) else None
    if mark is None:
        return False
    try:
        return bool(mark == crc32(with_texts(picture, {}, instead_of=texts)))
    except UnreadableCard:  # it is cut off
        return False

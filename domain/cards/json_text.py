"""JSON as it comes from strangers: any Unicode encoding, no NUL, no half characters, bounded in depth."""

from __future__ import annotations

import codecs
import json
import re
from math import isfinite
from typing import Any

from domain.cards.faults import Fault, UnreadableCard

LONGEST = 16_000_000
"""Maximum characters of a card's JSON; a real one with a book of 2,000 entries has 2,000,000, or six times as many
where each letter is escaped.
"""
MOST_VALUES = 600_000
"""Maximum number of texts, numbers, lists … in a card: 5,000 entries of a book with everything that SillyTavern writes
have half of it.
"""
DEEPEST = 64
"""Maximum nesting: real cards have a dozen levels."""
MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


def decoded(data: bytes) -> str:
    """The text of a file, by its byte order mark, else UTF-8; raises `UnreadableCard`."""
    encoding = next((name for mark, name in MARKS if data.startswith(mark)), "utf-8")
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise UnreadableCard(Fault.BROKEN_TEXT) from error


def read_json(text: str) -> Any:
    """The value of a JSON text; raises `UnreadableCard`."""
    if len(text) > LONGEST:
        raise UnreadableCard(Fault.TOO_LARGE)
    try:
        value = json.loads(text, parse_constant=lambda _name: None)  # NaN and Infinity, which no other reader takes
    except RecursionError as error:
        raise UnreadableCard(Fault.TOO_DEEP) from error
    except ValueError as error:
        raise UnreadableCard(Fault.NOT_JSON) from error
    return storable(value)


def storable(value: Any) -> Any:
    """The value without what no database takes: NUL, lone surrogates, numbers beyond all measure. Raises
    `UnreadableCard` for what is nested too deeply, or has too many parts.
    """
    return _Storable().of(value)


class _Storable:
    def __init__(self) -> None:
        self._room = MOST_VALUES

    def of(self, value: Any, depth: int = 0) -> Any:
        self._room -= 1
        if depth > DEEPEST:
            raise UnreadableCard(Fault.TOO_DEEP)
        if self._room < 0:
            raise UnreadableCard(Fault.TOO_MUCH)
        if isinstance(value, str):
            return _whole(value)
        if isinstance(value, dict):
            return {_whole(str(name)): self.of(each, depth + 1) for name, each in value.items()}
        if isinstance(value, list):
            return [self.of(each, depth + 1) for each in value]
        return None if isinstance(value, float) and not isfinite(value) else value


def _whole(text: str) -> str:
    if not _UNSTORABLE.search(text):
        return text
    # Two halves that a program wrote one by one belong together.
    joined = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "ignore")
    return joined.replace("\0", "")

"""JSON from strangers: in any Unicode encoding, without NUL and lone surrogates, of limited depth."""

from __future__ import annotations

import codecs
import json
import re
from math import isfinite
from typing import Any

from domain.cards.faults import Fault, UnreadableCard

LONGEST = 16_000_000
"""Maximum characters of a card's JSON. A real card with a book of 2,000 entries has 2,000,000, and six times as many if
every letter is escaped.
"""
MOST_VALUES = 600_000
"""Maximum texts, numbers, lists … in a card. A book of 5,000 entries with all that SillyTavern writes has half."""
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
    """The text of a file, decoded by its byte order mark, else as UTF-8. Raises `UnreadableCard`."""
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
        value = json.loads(text, parse_constant=lambda _name: None)  # NaN and Infinity, which other readers refuse
    except RecursionError as error:
        raise UnreadableCard(Fault.TOO_DEEP) from error
    except ValueError as error:
        raise UnreadableCard(Fault.NOT_JSON) from error
    return storable(value)


def storable(value: Any) -> Any:
    """The value without what databases refuse: NUL, lone surrogates, infinite numbers. Raises `UnreadableCard` if it is
    nested too deeply or has too many parts.
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
    # Two surrogates that a program escaped one by one are one character.
    joined = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "ignore")
    return joined.replace("\0", "")

"""Incremental JSON parser: reads a large object one value at a time.

The standard library's parser reads all of it in one call, during which no other thread runs, not even the server's:
50 ms for 5 MB.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from json.decoder import WHITESPACE, scanstring  # type: ignore[attr-defined] # parts of the reader that its stubs leave out
from typing import Any, TypeAlias

SHORT = 4_000
"""Characters examined first for each value; four times as many if it does not end within them."""


InPieces: TypeAlias = Mapping[str, "InPieces"]


def read_object(text: str, in_pieces: InPieces, longest: int) -> dict[str, Any]:
    """Parse the object that makes up all of `text`, one value at a time. Of the values named in `in_pieces`, a list is
    parsed item by item, and an object value by value, with the names given for it there.

    Raises `ValueError` if it is no such object, or if a value or an item has more than `longest` characters.
    """
    reader = _Reader(text, longest)
    content = _read_values(reader, in_pieces)
    reader.end()
    return content


def _read_values(reader: _Reader, in_pieces: InPieces) -> dict[str, Any]:
    content: dict[str, Any] = {}
    for _ in reader.items("{", "}"):
        name = reader.name()
        sign = reader.peek() if name in in_pieces else ""
        if sign == "[":
            content[name] = [reader.value() for _ in reader.items("[", "]")]
        elif sign == "{" and in_pieces[name]:
            content[name] = _read_values(reader, in_pieces[name])
        else:
            content[name] = reader.value()
    return content


class _Reader:
    def __init__(self, text: str, longest: int) -> None:
        self._text = text
        self._longest = longest
        self._at = 0
        self._decoder = json.JSONDecoder()

    def peek(self) -> str:
        """The next non-blank character; empty at the end."""
        self._at = WHITESPACE.match(self._text, self._at).end()
        return self._text[self._at : self._at + 1]

    def items(self, opening: str, closing: str) -> Iterator[None]:
        """Yields once for each item, which the caller reads."""
        self._take(opening)
        if self.peek() == closing:
            self._at += 1
            return
        while True:
            yield
            if self.peek() == closing:
                self._at += 1
                return
            self._take(",")

    def name(self) -> str:
        self._take('"')
        name, self._at = scanstring(self._text, self._at, True)
        self._take(":")
        return str(name)

    def value(self) -> Any:
        self.peek()
        length = SHORT
        while True:
            part = self._text[self._at : self._at + length]
            try:
                value, end = self._decoder.raw_decode(part)
            except ValueError:
                if length >= self._longest or len(part) < length:
                    raise
            else:
                # A number may continue after the part.
                if end < len(part) or len(part) < length:
                    self._at += end
                    return value
                if length >= self._longest:
                    raise ValueError("too long")
            length = min(length * 4, self._longest)

    def end(self) -> None:
        if self.peek():
            raise ValueError("something stands behind the object")

    def _take(self, sign: str) -> None:
        if self.peek() != sign:
            raise ValueError(f"no {sign} where one should be")
        self._at += 1

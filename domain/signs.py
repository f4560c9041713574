"""Texts measured before anything is done with them, and signs that no text may hold, whoever wrote it."""

from __future__ import annotations

import re
from collections.abc import Callable

ROOM_FOR_CLEANING = 2
"""How many times longer than allowed a text may come, since some of it, as the space around it, will be left out."""

# All that a terminal or a page would obey instead of showing it: control characters but for line break and tab (with
# ESC begin commands to a terminal), overrides and isolates of the direction, breaks other than ours; halves of signs
# of UTF-16, which no database takes. Marks and joiners that scripts and emoji need stay.
_OBEYED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_FIRST_HALF, _SECOND_HALF = re.compile("[\ud800-\udbff]$"), re.compile("[\udc00-\udfff]")


def cleaned(text: str, limit: int, clean: Callable[[str], str]) -> str:
    """`clean(text)`; far above the limit the text as it is, which will be refused for its length.

    Cleaning looks at every sign, or sorts them: a megabyte of it would keep everybody waiting.
    """
    return text if len(text) > ROOM_FOR_CLEANING * limit else clean(text)


def on_one_line(text: str) -> str:
    """Every run of spaces and line breaks as one space."""
    return " ".join(text.split())


def with_plain_breaks(text: str) -> str:
    """Without space around it; Windows' line breaks as ours."""
    return text.replace("\r\n", "\n").strip()


def without_controls(text: str) -> str:
    """The text without the signs that are obeyed instead of shown."""
    return _OBEYED.sub("", text)


class Rejoined:
    """A text that comes in pieces, of which one may end in the middle of a sign of UTF-16."""

    def __init__(self) -> None:
        self._half = ""

    def take(self, piece: str) -> str:
        """The piece, with the half that the one before ended with, and without the half that it ends with itself."""
        text = self._half + piece
        self._half = ""
        if half := _FIRST_HALF.search(text):
            text, self._half = text[:-1], half[0]
        if _SECOND_HALF.search(text):
            text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "ignore")
        return text

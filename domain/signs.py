"""Input sanitising: texts are measured before they are processed, and control characters are removed from all of
them.
"""

from __future__ import annotations

import re
from collections.abc import Callable

ROOM_FOR_CLEANING = 2
"""How many times longer than its limit an input may be, since some of it, such as surrounding space, will be removed.
"""

# Everything that a terminal or a page would obey instead of showing: control characters except line break and tab (ESC
# begins terminal commands), direction overrides and isolates, line breaks other than ours; lone UTF-16 surrogates,
# which no database accepts. Marks and joiners that scripts and emoji need stay.
_OBEYED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_FIRST_HALF, _SECOND_HALF = re.compile("[\ud800-\udbff]$"), re.compile("[\udc00-\udfff]")


def cleaned(text: str, limit: int, clean: Callable[[str], str]) -> str:
    """`clean(text)`; a text far above the limit is returned as it is, and will be refused for its length.

    Cleaning looks at every character or sorts them: a megabyte would block everybody else.
    """
    return text if len(text) > ROOM_FOR_CLEANING * limit else clean(text)


def on_one_line(text: str) -> str:
    """Every run of spaces and line breaks as one space."""
    return " ".join(text.split())


def with_plain_breaks(text: str) -> str:
    """The text stripped, with Windows line breaks converted to ours."""
    return text.replace("\r\n", "\n").strip()


def without_controls(text: str) -> str:
    """The text without control characters and the like."""
    return _OBEYED.sub("", text)


class Rejoined:
    """Rejoins surrogate pairs in a text that arrives in pieces, any of which may end between the two halves."""

    def __init__(self) -> None:
        self._half = ""

    def take(self, piece: str) -> str:
        """The piece, preceded by the half held back from the previous one, and without a half at its own end."""
        text = self._half + piece
        self._half = ""
        if half := _FIRST_HALF.search(text):
            text, self._half = text[:-1], half[0]
        if _SECOND_HALF.search(text):
            text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "ignore")
        return text

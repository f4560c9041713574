"""Input sanitising: texts are measured before they are processed, and control characters are removed from all of
them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from domain.errors import Invalid

WORDS_LIMIT = 2_000
"""Maximum length of each text that an admin writes."""

BLANK = "\u115f\u1160\u2800\u3164\uffa0"
"""Characters that count as letters or symbols but are invisible."""
INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
"""Unicode categories with nothing to see: controls, direction overrides, lone surrogates, private and unassigned."""

ROOM_FOR_CLEANING = 2
"""Factor by which an input may exceed its limit: some of it, such as surrounding space, will be removed."""

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


def quoted(text: str) -> str:
    """The text in guillemets; nothing inside ends the quotation."""
    return f"«{text.replace('«', '„').replace('»', '“')}»"


def with_plain_breaks(text: str) -> str:
    """The text stripped, with Windows line breaks converted to ours."""
    return text.replace("\r\n", "\n").strip()


def without_controls(text: str) -> str:
    """The text without control characters and the like."""
    return _OBEYED.sub("", text)


class SurrogateJoiner:
    """Rejoins surrogate pairs in a text that arrives in pieces, any of which may end between the two halves."""

    def __init__(self) -> None:
        self._half = ""

    def feed(self, piece: str) -> str:
        """The piece, preceded by the half held back from the previous one, and without a half at its own end."""
        text = self._half + piece
        self._half = ""
        if half := _FIRST_HALF.search(text):
            text, self._half = text[:-1], half[0]
        if _SECOND_HALF.search(text):
            text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "ignore")
        return text


def without_unstorable(typed: str) -> str:
    """The typed text made safe for a database query: without NUL and lone surrogates. Such a text finds nothing."""
    return "".join(sign for sign in typed if sign != "\0" and unicodedata.category(sign) != "Cs")


def is_visible(text: str, *, allowed: str = "\u200d") -> bool:
    """Whether every character is visible or in `allowed` (the joiner inside emoji), and at least one shows
    something.
    """
    shows_something = any(not sign.isspace() and sign not in BLANK and sign not in allowed for sign in text)
    rest = text
    for sign in allowed:
        rest = rest.replace(sign, "")
    # The first check is fast and enough for nearly every text; the second also accepts rare spaces.
    hides_nothing = rest.isprintable() or all(unicodedata.category(sign) not in INVISIBLE for sign in rest)
    return (shows_something or not text) and hides_nothing


def without_invisible(text: str, *, allowed: str) -> str:
    """The text without invisible characters, except those in `allowed`."""
    return "".join(sign for sign in text if sign in allowed or unicodedata.category(sign) not in INVISIBLE)


def clean_text(typed: str, field: str, limit: int = WORDS_LIMIT) -> str:
    """The stripped text, possibly empty; raises `Invalid` for `field`."""
    text = cleaned(typed, limit, with_plain_breaks)
    if (over := len(text) - limit) > 0:
        raise Invalid("At most {limit} characters: {over} too many.", field=field, limit=limit, over=over)
    if not is_visible(text, allowed="\n\t\u200d"):
        raise Invalid("This text has invisible characters in it. Please type it again.", field=field)
    return text

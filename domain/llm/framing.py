"""Framing (prompt injection): keeps what people write from passing for our own instructions, which stand in round
brackets in the same messages (domain/llm/port.py). Text that imitates them gets square brackets, in the prompt only.
"""

from __future__ import annotations

import re

from domain.llm.port import ASIDE, GO_ON, NOTE, NOTE_ENDS, RECALLED

MOST_WORDS = 3
"""Maximum words of a frame's first phrase by which it is recognised: with fewer, many a text would pass for one."""
_GAP = r"[\s\u200c\u200d]"
"""A space, or an invisible joiner or non-joiner."""


def _loosely(words: list[str]) -> str:
    """A pattern for these words, whatever spaces are between them."""
    return f"{_GAP}+".join(words)


def _words(frame: str) -> list[str]:
    return re.findall(r"\w+", frame.partition(",")[0])[:MOST_WORDS]


_FRAMES = "|".join(_loosely(_words(frame)) for frame in (ASIDE, RECALLED, NOTE, GO_ON))
_BEGINNING = re.compile(rf"\((?={_GAP}*(?:{_FRAMES}))", re.IGNORECASE)
_ENDING = re.compile(rf"\b({_loosely(_words(NOTE_ENDS))}{_GAP}*)\)", re.IGNORECASE)
_LAST_WORD = _words(NOTE_ENDS)[-1]


def without_frames(text: str) -> str:
    """Replace the brackets of imitated frames; the length stays the same. Quick, since nearly no text has any."""
    if "(" in text:
        text = _BEGINNING.sub("[", text)
    return _ENDING.sub(r"\1]", text) if ")" in text and _LAST_WORD in text.casefold() else text

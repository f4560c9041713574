"""Sample data, conversations: threads of a few lines, by interest."""

from __future__ import annotations

from functools import cache

from domain.sample_data.names import FOLDER, agreed

BEGINNING, ANYTHING, END = "начало", "всякое", "прощание"

Thread = tuple[str, ...]
"""Alternating lines: a user's, a character's, and so on; the last is the character's."""


@cache
def threads(subject: str, *, person_is_woman: bool, character_is_woman: bool) -> tuple[Thread, ...]:
    """The threads about an interest, or one of the three above, in forms that agree with the speakers."""
    speakers = (person_is_woman, character_is_woman)
    return tuple(
        tuple(agreed(line, with_woman=speakers[place % 2]) for place, line in enumerate(thread))
        for thread in _written().get(subject, ())
    )


@cache
def _written() -> dict[str, list[Thread]]:
    found: dict[str, list[Thread]] = {}
    subject = ""
    for block in (FOLDER / "conversations.txt").read_text("utf-8").split("\n\n"):
        lines = [line for line in block.splitlines() if line and not line.startswith("#")]
        if lines and lines[0].startswith("="):
            subject = lines[0].strip("= ")
        elif lines:
            found.setdefault(subject, []).append(tuple(lines))
    return found

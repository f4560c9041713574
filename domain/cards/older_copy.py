"""Older copies: a PNG card holds a V2 copy beside the V3 card. A note in the copy says so, since that is all a V2
program shows of V3. An import removes the note.
"""

from __future__ import annotations

NOTE = "(This is a version 3 character card, shown by a program that reads version 2: some of it is missing here.)"
BREAK = "\n\n"


def with_note(notes: str) -> str:
    return f"{notes}{BREAK}{NOTE}" if notes else NOTE


def without_note(notes: str) -> str:
    return notes.removesuffix(NOTE).removesuffix(BREAK) if notes.endswith(NOTE) else notes

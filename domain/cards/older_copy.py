"""The V2 copy beside a V3 card says so in its notes, which is all that a program for V2 shows of V3; an import takes
that out again.
"""

from __future__ import annotations

NOTE = "(This is a version 3 character card, shown by a program that reads version 2: some of it is missing here.)"
BREAK = "\n\n"


def with_note(notes: str) -> str:
    return f"{notes}{BREAK}{NOTE}" if notes else NOTE


def without_note(notes: str) -> str:
    return notes.removesuffix(NOTE).removesuffix(BREAK) if notes.endswith(NOTE) else notes

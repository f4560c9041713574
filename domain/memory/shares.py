"""Shares of a prompt: how much of it each part of a dialog's memory may take; pure code.

They divide what is left beside the card, the opening, the author's last instruction and a newest message of ordinary
length. The newest message's real length does not matter, so the system message stays the same from turn to turn, and
the provider's cache of the prompt's beginning stays valid.
"""

from __future__ import annotations

from dataclasses import dataclass

NEWEST = 800
"""Characters reserved for the newest message; a longer one takes more from the verbatim part."""
TIGHT = 3_000
"""With less room than this, a prompt has only pins and the end of the talk, since the card nearly fills it."""
PINNED_LIMIT = 1_500
"""Maximum characters of all that is pinned on one path."""
FACTS, STORY, RECALL, FREE = 0.06, 0.15, 0.06, 0.04
DIGEST, CHAPTER = 0.45, 0.11
"""Parts of the story's share that the digest and one chapter may take."""
BOOKS = 0.35
"""Maximum part of the room that all lorebooks of a dialog take together."""
CHAPTER_SOURCE, LONGEST_SOURCE = 0.25, 6_000


@dataclass(frozen=True)
class Shares:
    """In characters. `chapter_source` is how much of the talk becomes one chapter. `verbatim` is what is left for the
    end of the talk when all other parts have their maximum length and a chapter is due.
    """

    room: int
    pinned: int = PINNED_LIMIT
    facts: int = 0
    story: int = 0
    recall: int = 0
    chapter_source: int = 0
    verbatim: int = 0

    @property
    def is_tight(self) -> bool:
        return self.room < TIGHT

    @property
    def digest(self) -> int:
        return int(self.story * DIGEST)


def room_for_books(most: int, room: int) -> int:
    """Maximum characters of `room` for the dialog's lorebooks, which have at most `most`. Memory keeps enough not to
    become too tight.
    """
    allowed, spare = int(room * BOOKS), room - NEWEST - TIGHT
    return max(0, min(most, allowed, spare) if spare > 0 else min(most, allowed))


def shares_of(room: int, books: int = 0) -> Shares:
    """The shares if `room` characters are left beside card, opening and last instruction, and `books` of them are
    reserved for lorebooks.
    """
    room = max(0, room - NEWEST - books)
    if room < TIGHT:
        return Shares(room, verbatim=max(0, room - PINNED_LIMIT))
    facts, story, recall, free = (int(room * share) for share in (FACTS, STORY, RECALL, FREE))
    source = min(int(room * CHAPTER_SOURCE), LONGEST_SOURCE)
    verbatim = max(0, room - PINNED_LIMIT - facts - story - recall - free - source)
    return Shares(room, PINNED_LIMIT, facts, story, recall, source, verbatim)

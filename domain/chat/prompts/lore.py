"""Lore: the lorebook entries in a prompt, and their places; pure code.

Entries are placed around the character's description or among the last messages. There an entry is merged into a
message next to it, since some models require that person and character take turns. In the person's message a frame
shows that the entry is not the person's words.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from domain.books.decorators import BESIDE
from domain.books.entry import Entry, Place
from domain.books.fired import Fired
from domain.llm.framing import without_frames
from domain.llm.port import NOTE, NOTE_ENDS, PromptMessage, Role

LONGEST_KEY = 100
"""Maximum characters of a key stored with a reply."""
MOST_TRACED = 200
"""Maximum entries stored with a reply."""
_JOINED = 2
AROUND = dict.fromkeys(Place, _JOINED) | {Place.AT_DEPTH: _JOINED + len(NOTE) + len(NOTE_ENDS)}
"""Characters that an entry takes besides its text, by its place."""


@dataclass(frozen=True)
class Lore:
    """The entries of a prompt. Those with the same place are in the order of the prompt."""

    fired: tuple[Fired, ...] = ()

    @property
    def length(self) -> int:
        """Maximum characters that the entries take in a prompt."""
        return sum(len(each.text) + AROUND[each.entry.place] for each in self.fired)

    @property
    def texts(self) -> tuple[str, ...]:
        return tuple(each.text for each in self.fired)

    @property
    def trace(self) -> list[list[Any]]:
        """The entries as they are stored with the reply (`Message.lore`)."""
        return [[each.entry.number, each.because[:LONGEST_KEY], each.by_entry] for each in self.fired[:MOST_TRACED]]

    def at(self, place: Place) -> list[str]:
        """The texts of entries at this place, without those beside a field."""
        here = [each for each in self.fired if each.entry.place is place]
        return [each.text for each in here if each.entry.decorators.position not in BESIDE]

    def beside(self, field: str) -> list[str]:
        """The texts of entries that a decorator puts beside this field of the character, one of `BESIDE`."""
        return [each.text for each in self.fired if each.entry.decorators.position == field]


NO_LORE = Lore()


def with_lore(talk: Sequence[PromptMessage], lore: Lore, said_before: int = 0) -> list[PromptMessage]:
    """The talk, which begins and ends with the person's messages, with the entries inserted among its messages.
    `said_before` is how many messages precede it elsewhere in the prompt. The caller must merge consecutive messages of
    one role (`_merged`) to restore the alternation.
    """
    at_depth = [each for each in lore.fired if each.entry.place is Place.AT_DEPTH]
    if not at_depth:
        return [*talk]
    told: list[PromptMessage] = []
    for at in range(len(talk) + 1):
        here = [each for each in at_depth if _place(each.entry, len(talk), said_before) == at]
        notes = list(_notes(here, is_end=at in {0, len(talk)}))
        above = told[-1].role if told else Role.USER
        told += [each for each in notes if each.role is above]  # beside a message of its role, to be merged with it
        told += [each for each in notes if each.role is not above]
        told += talk[at : at + 1]
    return told


def _place(entry: Entry, talk: int, said_before: int) -> int:
    """Number of messages of the talk that precede an entry."""
    if entry.depth_from_start is None:
        return max(0, talk - entry.depth)
    return min(max(0, entry.depth_from_start - said_before), talk)


def _notes(fired: Iterable[Fired], *, is_end: bool) -> Iterable[PromptMessage]:
    """The entries as messages. Before the person's first message and after their last, none is the character's."""
    for each in fired:
        if each.entry.role is Role.ASSISTANT and not is_end:
            yield PromptMessage(Role.ASSISTANT, without_frames(each.text))
        else:
            yield PromptMessage(Role.USER, f"{NOTE}{without_frames(each.text)}{NOTE_ENDS}")

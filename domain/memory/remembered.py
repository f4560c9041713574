"""What of a dialog's memory stands in one prompt, and how it is put to the model; pure code.

What changes seldom stands in the system message (`memory_text`), what changes with each turn in the newest message
(`recall_text`), so that a provider's cache of the prompt's beginning stays good.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True)
class KnownFact:
    """`said_at` is when the message that it cites was said; None: written by hand."""

    id: int
    text: str
    said_at: datetime | None = None


@dataclass(frozen=True)
class Story:
    """The older part of a path in short: the digest, then chapters, the oldest first.

    `told_upto` is the last message they cover, so that nothing is both told and verbatim; 0: nothing is told.
    """

    digest: str = ""
    chapters: tuple[str, ...] = ()
    told_upto: int = 0


@dataclass(frozen=True)
class RecalledRound:
    """A person's message of long ago and the reply to it, shortened where they are long; either may be missing (0)."""

    question_id: int
    reply_id: int
    said_at: datetime
    question: str
    reply: str

    @property
    def ids(self) -> list[int]:
        return [each for each in (self.question_id, self.reply_id) if each]


@dataclass(frozen=True)
class Remembered:
    """Each part within its share of the prompt (domain/memory/shares.py)."""

    pinned: tuple[str, ...] = ()
    facts: tuple[KnownFact, ...] = ()
    story: Story = field(default_factory=Story)
    recalled: tuple[RecalledRound, ...] = ()

    @property
    def recalled_ids(self) -> list[int]:
        return [message_id for each in self.recalled for message_id in each.ids]


NOTHING = Remembered()

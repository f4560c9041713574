"""Rows of a dialog's memory: pins, chapters, facts, and the vectors of chapters and facts.

Each row names the message it is about, and counts on a path only if that message is on it. So branches, edits, deletion
and undo need no code here: messages never move to another parent, and what is below a deleted message is on no path
(ARCHITECTURE.md).
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, Index, LargeBinary, Text, UniqueConstraint
from sqlalchemy import text as sql
from sqlmodel import Field

from domain.clock import now
from storage.columns import choice
from storage.tables import NO_ID_REUSE, Table

PIN_LIMIT = 500
"""Maximum characters of a pin in the person's own words."""
CHAPTER_LIMIT = 2_000
FACT_LIMIT, KEYS_LIMIT = 200, 100
EVERYTHING = "*"
"""The `key_hash` of a forgotten fact that stands for everything said up to its `forgotten_upto`."""
DIGEST = 9
"""The level of the digest. Chapters have level 0; each level above sums up six of the level below."""


class MadeBy(StrEnum):
    MODEL = "model"
    EXCERPTS = "excerpts"  # quoted by ourselves, because there was no summary
    PERSON = "person"  # written or corrected by hand: never overwritten
    LOADED = "loaded"  # from a file, which anybody may have written


class ChapterState(StrEnum):
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"  # to be tried again at `try_after`


class MemoryPin(Table, table=True):
    """A pinned message, or the person's own words: every prompt of the paths on which it counts contains it."""

    __tablename__ = "memory_pin"

    id: int = Field(default=None, primary_key=True)
    dialog_id: int = Field(foreign_key="dialog.id", ondelete="CASCADE")
    message_id: int | None = Field(default=None, foreign_key="message.id", ondelete="CASCADE")
    """The pinned message, whose text is read anew each time; None: the person's own words, in `text`."""
    anchor_id: int | None = Field(default=None, foreign_key="message.id", ondelete="CASCADE")
    """Message through which a path must lead for the person's own words to count; None: they always count."""
    text: str = Field(default="", max_length=PIN_LIMIT)
    made_at: datetime = Field(default_factory=now)

    __table_args__ = (
        UniqueConstraint("dialog_id", "message_id"),
        Index("ix_memory_pin_message_id", "message_id"),
        Index("ix_memory_pin_anchor_id", "anchor_id"),
        NO_ID_REUSE,
    )


class MemoryChapter(Table, table=True):
    """A summary of a part of a path: a chapter, a sum of chapters, or the digest. It counts on paths through
    `last_id`.
    """

    __tablename__ = "memory_chapter"

    id: int = Field(default=None, primary_key=True)
    dialog_id: int = Field(foreign_key="dialog.id", ondelete="CASCADE")
    level: int = 0
    first_id: int = Field(foreign_key="message.id", ondelete="CASCADE")
    last_id: int = Field(foreign_key="message.id", ondelete="CASCADE")
    covered: int = 0
    """Number of messages that it covers."""
    text: str = Field(default="", sa_type=Text)
    made_by: MadeBy = Field(default=MadeBy.MODEL, sa_type=choice(MadeBy))
    state: ChapterState = Field(default=ChapterState.RUNNING, sa_type=choice(ChapterState))
    lease_until: datetime | None = None
    attempts: int = 0
    try_after: datetime | None = None
    is_retold: bool = False
    """Whether it is made anew at the person's request, keeping its text unless a new one is believed."""
    fault: str = Field(default="", max_length=32)
    reference: str = Field(default="", max_length=16)
    model: str = Field(default="", max_length=128)
    tokens_in: int = 0
    tokens_out: int = 0
    cost: int = Field(default=0, sa_type=BigInteger)
    """In millionths of a rouble."""
    made_at: datetime = Field(default_factory=now)
    edited_at: datetime | None = None

    __table_args__ = (
        UniqueConstraint("level", "first_id", "last_id"),
        Index("ix_memory_chapter_dialog_id_level_last_id", "dialog_id", "level", "last_id"),
        Index("ix_memory_chapter_first_id", "first_id"),
        Index("ix_memory_chapter_last_id", "last_id"),
        Index(
            "ix_memory_chapter_unfinished",
            "lease_until",
            sqlite_where=sql("state <> 'done'"),
            postgresql_where=sql("state <> 'done'"),
        ),
        NO_ID_REUSE,
    )


class MemoryFact(Table, table=True):
    """A plain line that a message taught. A newer fact names the one it replaces, which is left as it is, since it
    still holds on branches without the newer one.
    """

    __tablename__ = "memory_fact"

    id: int = Field(default=None, primary_key=True)
    dialog_id: int = Field(foreign_key="dialog.id", ondelete="CASCADE")
    message_id: int | None = Field(default=None, foreign_key="message.id", ondelete="CASCADE")
    """The message that it cites; None: written by hand, for all branches."""
    chapter_id: int | None = Field(default=None, foreign_key="memory_chapter.id", ondelete="SET NULL")
    """The chapter along with which it was found."""
    text: str = Field(default="", max_length=FACT_LIMIT)
    keys: str = Field(default="", max_length=KEYS_LIMIT)
    """Search words, including synonyms."""
    roots: str = Field(default="", sa_type=Text)
    """The roots of text and keys, separated by blanks."""
    key_hash: str = Field(default="", max_length=64)
    """Sorted hashes of its roots, by which a repeated or forgotten fact is recognised
    (domain/memory/facts/fact_words.py).
    """
    times: int = 1
    """Number of messages in which it was found; repeated facts matter more."""
    replaces_id: int | None = Field(default=None, foreign_key="memory_fact.id", ondelete="SET NULL")
    pinned_at: datetime | None = None
    forgotten_at: datetime | None = None
    """Time at which the person had it forgotten. Text and keys are emptied once this can no longer be undone."""
    forgotten_upto: int | None = None
    """The dialog's newest message when it was forgotten; only later messages may teach it again."""
    made_by: MadeBy = Field(default=MadeBy.MODEL, sa_type=choice(MadeBy))
    made_at: datetime = Field(default_factory=now)
    edited_at: datetime | None = None

    __table_args__ = (
        Index("ix_memory_fact_dialog_id_key_hash", "dialog_id", "key_hash"),
        Index("ix_memory_fact_message_id", "message_id"),
        Index("ix_memory_fact_chapter_id", "chapter_id"),
        Index("ix_memory_fact_replaces_id", "replaces_id"),
        NO_ID_REUSE,
    )


class MemoryVector(Table, table=True):
    """The embedding of a fact or chapter by one model, as half-precision floats; empty if the server refused its
    text.
    """

    __tablename__ = "memory_vector"

    id: int = Field(default=None, primary_key=True)
    dialog_id: int = Field(foreign_key="dialog.id", ondelete="CASCADE")
    fact_id: int | None = Field(default=None, foreign_key="memory_fact.id", ondelete="CASCADE")
    chapter_id: int | None = Field(default=None, foreign_key="memory_chapter.id", ondelete="CASCADE")
    model: str = Field(max_length=128)
    vector: bytes = Field(sa_type=LargeBinary)

    __table_args__ = (
        Index("ix_memory_vector_dialog_id", "dialog_id"),
        UniqueConstraint("fact_id", "model"),
        UniqueConstraint("chapter_id", "model"),
        NO_ID_REUSE,
    )

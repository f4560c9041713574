"""Lorebooks: the knowledge of a character or a whole world. An entry goes into the prompt when its keys fire."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, Text, UniqueConstraint, false
from sqlmodel import Field

from domain.clock import now
from storage.tables import NO_ID_REUSE, Table

BOOK_NAME_LIMIT = 100
TITLE_LIMIT = 200
KEYS_LIMIT = 1000


class Book(Table, table=True):
    """A character's own book, or a world of a person, which can be attached to characters and dialogs."""

    id: int = Field(default=None, primary_key=True)
    owner_id: int = Field(foreign_key="user.id", ondelete="CASCADE", index=True)
    character_id: int | None = Field(default=None, foreign_key="character.id", ondelete="CASCADE")
    """The character whose own book it is; None: it is a world."""
    name: str = Field(default="", max_length=BOOK_NAME_LIMIT)
    scan_depth: int | None = None
    """Number of messages searched for keys; None: the default (domain/books/activation.py)."""
    token_budget: int | None = None
    """Maximum tokens of its entries in a prompt; None: a share of the prompt."""
    is_recursive: bool | None = None
    """Whether the entries that fired are searched for more keys; None: the book does not say, which counts as no."""
    shows_titles: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    """Whether those who talk with the character may see the titles of the entries that fired."""
    rest: str = Field(default="{}", sa_type=Text)
    """The remaining fields of the file it came from, as JSON; kept for its export."""
    size: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    """Characters that files have brought into it, for the quota; not those written by hand, or brought by a card."""
    entries: int = 0
    """Number of its entries that are not in the bin."""
    revision: int = 0
    """Grows with each change of the book or an entry; whatever was compiled from an older revision is stale."""
    made_at: datetime = Field(default_factory=now)
    changed_at: datetime = Field(default_factory=now)
    deleted_at: datetime | None = None
    """In the bin: nobody sees it, and it can be brought back for a month (domain/bin.py)."""

    __table_args__ = (UniqueConstraint("character_id"), NO_ID_REUSE)


class BookEntry(Table, table=True):
    """`entry` is the whole entry as V3 has it, unknown parts included. `is_on` overrides its switch, so that many can
    be switched at once; the other columns are derived from it, for lists.
    """

    __tablename__ = "book_entry"

    id: int = Field(default=None, primary_key=True)
    book_id: int = Field(foreign_key="book.id", ondelete="CASCADE")
    position: int
    """Its place in the file of the book, from 0."""
    is_on: bool = True
    is_constant: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    insertion_order: float = Field(default=0, sa_column_kwargs={"server_default": "0"})
    """Sort key in a prompt and in the table; among equals, the entry with the lower position comes first."""
    title: str = Field(default="", max_length=TITLE_LIMIT)
    keys: str = Field(default="", max_length=KEYS_LIMIT)
    """Its keys, joined by commas, as many as fit."""
    key_count: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    """Number of all its keys, including secondary ones and those of decorators."""
    tokens: int = 0
    """Estimated tokens of its content."""
    entry: str = Field(sa_type=Text)
    deleted_at: datetime | None = None
    """In the bin since then, as with books."""

    __table_args__ = (Index("ix_book_entry_book_id_position", "book_id", "position"), NO_ID_REUSE)


class CharacterWorld(Table, table=True):
    """A world that its owner attached to a character of theirs: known in all its dialogs."""

    __tablename__ = "character_world"

    character_id: int = Field(primary_key=True, foreign_key="character.id", ondelete="CASCADE")
    book_id: int = Field(primary_key=True, foreign_key="book.id", ondelete="CASCADE", index=True)


class DialogWorld(Table, table=True):
    """A world that a person attached to a dialog of theirs."""

    __tablename__ = "dialog_world"

    dialog_id: int = Field(primary_key=True, foreign_key="dialog.id", ondelete="CASCADE")
    book_id: int = Field(primary_key=True, foreign_key="book.id", ondelete="CASCADE", index=True)

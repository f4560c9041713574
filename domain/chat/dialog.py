"""The nouns of a conversation: a Dialog, and its Messages, which form a tree."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, Index, Text, UniqueConstraint, false
from sqlalchemy import text as sql
from sqlmodel import Field

from domain.clock import now
from domain.llm.port import Role
from storage.columns import choice
from storage.tables import NEVER_AGAIN, Table

MESSAGE_LIMIT = 8_000
TITLE_LIMIT = 100
CLIENT_ID_LIMIT = 64


class State(StrEnum):
    """Where a message stands. Only replies are ever anything but done; each ends in exactly one state."""

    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"  # by the person: what had come is kept
    INTERRUPTED = "interrupted"  # broken off after some text: by the model's server, or by ours going down
    FAILED = "failed"  # nothing came
    FILTERED = "filtered"  # the provider's filter answered instead


class Dialog(Table, table=True):
    id: int = Field(default=None, primary_key=True)
    user_id: int = Field(foreign_key="user.id", ondelete="CASCADE")
    character_id: int = Field(foreign_key="character.id", ondelete="CASCADE")
    leaf_id: int | None = None
    """The last message of the path being read; no foreign key, since messages refer to their dialog."""
    started_at: datetime = Field(default_factory=now)
    spoken_at: datetime = Field(default_factory=now)
    """When somebody last said something: the order of the list."""
    title: str = Field(default="", max_length=TITLE_LIMIT, sa_column_kwargs={"server_default": ""})
    """Given by the person; empty, the character's name stands for it."""
    pinned_at: datetime | None = None
    deleted_at: datetime | None = None
    """In the bin since then: out of every list, back by undo, erased after a month (domain/chat/bin.py)."""
    loading_until: datetime | None = None
    """While it is taken in from a file, and in the bin for that: when this will have been given up. What is given up is
    erased piece by piece (domain/chat/loading.py).
    """
    model: str = Field(default="", max_length=128, sa_column_kwargs={"server_default": ""})
    """Chosen for this dialog; empty, the one of the settings."""
    temperature: float | None = None
    """Chosen for this dialog, 0..1; None, the one of the settings."""
    messages: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    """How often the person has said something here, other words for the same counted too."""
    tokens: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    """Read and written by the model for it."""
    cost: int = Field(default=0, sa_type=BigInteger, sa_column_kwargs={"server_default": "0"})
    """Millionths of a rouble."""
    faults: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    """Replies that ended by a fault or were refused by the provider's filter."""
    is_loaded: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    """Begun from a file; what is said in it from then on is first-hand all the same."""

    __table_args__ = (
        Index("ix_dialog_user_id_spoken_at", "user_id", "spoken_at"),
        Index("ix_dialog_character_id_spoken_at", "character_id", "spoken_at"),
        # The orders of the admins' list.
        Index("ix_dialog_spoken_at_id", "spoken_at", "id"),
        Index("ix_dialog_started_at_id", "started_at", "id"),
        Index("ix_dialog_messages_id", "messages", "id"),
        Index("ix_dialog_tokens_id", "tokens", "id"),
        Index("ix_dialog_cost_id", "cost", "id"),
        Index("ix_dialog_with_faults", "spoken_at", sqlite_where=sql("faults > 0"), postgresql_where=sql("faults > 0")),
        Index("ix_dialog_user_id_character_id", "user_id", "character_id"),
        Index(
            "ix_dialog_loading",
            "loading_until",
            sqlite_where=sql("loading_until IS NOT NULL"),
            postgresql_where=sql("loading_until IS NOT NULL"),
        ),
        NEVER_AGAIN,
    )


class Message(Table, table=True):
    id: int = Field(default=None, primary_key=True)
    dialog_id: int = Field(foreign_key="dialog.id", ondelete="CASCADE")
    parent_id: int | None = Field(default=None, foreign_key="message.id", ondelete="CASCADE")
    """What it follows. The order of a conversation is this path, never the clock."""
    role: Role = Field(sa_type=choice(Role))
    text: str = Field(default="", sa_type=Text)
    state: State = Field(default=State.DONE, sa_type=choice(State))
    client_id: str | None = Field(default=None, max_length=CLIENT_ID_LIMIT)
    """Made by the page that sent it: the same message sent twice is one message."""
    fault: str = Field(default="", max_length=32)
    """The code of what went wrong (domain/llm/faults.py)."""
    reference: str = Field(default="", max_length=16)
    """What the person reads and the log names, when something went wrong."""
    model: str = Field(default="", max_length=128)
    tokens_in: int | None = None
    tokens_out: int | None = None
    tokens_estimated: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    """Whether the two above were counted by the provider or only reckoned from the length of the texts."""
    cost: int | None = Field(default=None, sa_type=BigInteger)
    """Millionths of a rouble at the prices of that moment; None: nobody had said what the model costs."""
    first_text_ms: int | None = None
    """From the row's beginning to the first word, the wait for a place included."""
    next_id: int | None = None
    """The branch last read below this message: which of its replies, or of its edits, the path goes on with."""
    deleted_at: datetime | None = None
    """Deleted with everything below it; back by undo."""
    depth: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    jump_id: int | None = None
    """How many messages stand above it, and one of them far above: with such jump pointers a path of a hundred thousand
    is climbed in some dozen steps (domain/chat/path.py). They make walks short and decide nothing: without them a walk
    takes every step. Neither ever changes, since no message moves to another parent."""
    lease_until: datetime | None = None
    """While a reply runs: until when its writer must have reported again to be believed alive."""
    is_loaded: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    """It came with a file, which anybody may have written: nobody is known to have said it. Stays when a reply that was
    loaded goes on: its beginning is still the file's.
    """
    created_at: datetime = Field(default_factory=now, index=True)

    @property
    def is_characters_own(self) -> bool:
        """What the character itself said: a whole reply of a model, or a greeting, the author's own words for it. Not
        the person's words, not a file's, and not the sentence of the provider's filter.
        """
        is_said = bool(self.text) and self.state not in {State.RUNNING, State.FILTERED}
        return self.role == Role.ASSISTANT and is_said and not self.is_loaded

    __table_args__ = (
        UniqueConstraint("dialog_id", "client_id"),
        Index("ix_message_dialog_id_id", "dialog_id", "id"),
        # Without the roots: SQLite would look for those of one dialog among those of all dialogs.
        Index(
            "ix_message_parent_id",
            "parent_id",
            sqlite_where=sql("parent_id IS NOT NULL"),
            postgresql_where=sql("parent_id IS NOT NULL"),
        ),
        Index(
            "ix_message_roots",
            "dialog_id",
            "id",
            sqlite_where=sql("parent_id IS NULL"),
            postgresql_where=sql("parent_id IS NULL"),
        ),
        Index(
            "ix_message_deleted",
            "dialog_id",
            "id",
            sqlite_where=sql("deleted_at IS NOT NULL"),
            postgresql_where=sql("deleted_at IS NOT NULL"),
        ),
        # One reply at a time in a dialog, whatever two tabs do at once.
        Index(
            "uq_message_running",
            "dialog_id",
            unique=True,
            sqlite_where=sql("state = 'running'"),
            postgresql_where=sql("state = 'running'"),
        ),
        NEVER_AGAIN,
    )

"""Dialog and Message: a conversation, and its messages, which form a tree."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, BigInteger, Column, ColumnElement, Index, Text, UniqueConstraint, false
from sqlalchemy import text as sql
from sqlmodel import Field, col, select

from domain.clock import now
from domain.llm.port import Role
from domain.model.user import FormOfAddress, User
from storage.columns import choice
from storage.tables import NO_ID_REUSE, Table

MESSAGE_LIMIT = 8_000
TITLE_LIMIT = 100
CLIENT_ID_LIMIT = 64
WORDS_BEHIND = "words_upto < leaf_id AND deleted_at IS NULL"


class State(StrEnum):
    """The state of a message. Only replies are ever anything but done; each ends in exactly one final state."""

    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"  # stopped by the user; the text so far is kept
    INTERRUPTED = "interrupted"  # broken off after some text, by the model's server, a block, or our shutdown
    FAILED = "failed"  # no text arrived
    FILTERED = "filtered"  # the provider's content filter answered instead


class Feedback(StrEnum):
    """The person's thumb up or down for a reply."""

    UP = "up"
    DOWN = "down"


class Dialog(Table, table=True):
    id: int = Field(default=None, primary_key=True)
    user_id: int = Field(foreign_key="user.id", ondelete="CASCADE")
    character_id: int = Field(foreign_key="character.id", ondelete="CASCADE")
    leaf_id: int | None = None
    """The last message of the current path. No foreign key, since messages refer to their dialog."""
    started_at: datetime = Field(default_factory=now)
    spoken_at: datetime = Field(default_factory=now)
    """Time of the last message sent, or of the last reply asked for or resumed: the sort key of the list."""
    title: str = Field(default="", max_length=TITLE_LIMIT, sa_column_kwargs={"server_default": ""})
    """Set by the user; "": the character's name is shown."""
    pinned_at: datetime | None = None
    deleted_at: datetime | None = None
    """In the bin since then (soft delete): in no list, can be restored, erased after a month (domain/retention.py)."""
    loading_until: datetime | None = None
    """Lease of an import in progress, during which the dialog is in the bin: when it expires, the import counts as
    abandoned. Such dialogs are erased in batches (domain/chat/tree/unfinished_imports.py).
    """
    model: str = Field(default="", max_length=128, sa_column_kwargs={"server_default": ""})
    """The model chosen for this dialog; "": the default of the settings."""
    temperature: float | None = None
    """The temperature chosen for this dialog, 0 to 1; None: the default."""
    form_of_address: FormOfAddress = Field(
        default=FormOfAddress.UNSAID, sa_type=choice(FormOfAddress), sa_column_kwargs={"server_default": ""}
    )
    """How the person wishes to be addressed in this dialog; unsaid: as in their profile."""
    messages: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    """Number of messages the user has sent here, including edited versions."""
    tokens: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    """Tokens that the model has read and written for it."""
    cost: int = Field(default=0, sa_type=BigInteger, sa_column_kwargs={"server_default": "0"})
    """In millionths of a rouble."""
    faults: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    """Number of replies that failed or were refused by the provider's content filter."""
    prompt_tokens: int | None = None
    """Length of a prompt chosen for this dialog, in estimated tokens; None: LLM_PROMPT of the settings."""
    memory_off: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    """Whether the person wants nothing of it remembered beyond what is verbatim."""
    memory_version: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    """Grows with each change of its memory."""
    words_upto: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    """Last message up to which the words are indexed (domain/memory/recall/words.py)."""
    reads_backlog: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    """Whether the person wants all of a long old talk read and summarised, knowing the price."""
    unread_upto: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    """Last message of a long old talk that nobody wants read: only what follows is summarised."""
    memory_tokens: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    memory_cost: int = Field(default=0, sa_type=BigInteger, sa_column_kwargs={"server_default": "0"})
    """The tokens and cost of its memory, part of `tokens` and `cost`."""
    is_loaded: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    """Imported from a file. Messages added after the import nevertheless count as authentic."""

    __table_args__ = (
        Index("ix_dialog_user_id_spoken_at", "user_id", "spoken_at"),
        Index("ix_dialog_character_id_spoken_at", "character_id", "spoken_at"),
        # Indexes for the sort orders of the admins' list.
        Index("ix_dialog_spoken_at_id", "spoken_at", "id"),
        Index("ix_dialog_started_at_id", "started_at", "id"),
        Index("ix_dialog_messages_id", "messages", "id"),
        Index("ix_dialog_tokens_id", "tokens", "id"),
        Index("ix_dialog_cost_id", "cost", "id"),
        Index("ix_dialog_with_faults", "spoken_at", sqlite_where=sql("faults > 0"), postgresql_where=sql("faults > 0")),
        Index("ix_dialog_user_id_character_id", "user_id", "character_id"),
        Index(
            "ix_dialog_reads_backlog",
            "id",
            sqlite_where=sql("reads_backlog = 1"),
            postgresql_where=sql("reads_backlog"),
        ),
        Index(
            "ix_dialog_loading",
            "loading_until",
            sqlite_where=sql("loading_until IS NOT NULL"),
            postgresql_where=sql("loading_until IS NOT NULL"),
        ),
        # Dialogs whose words are not all indexed.
        Index("ix_dialog_words_behind", "id", sqlite_where=sql(WORDS_BEHIND), postgresql_where=sql(WORDS_BEHIND)),
        NO_ID_REUSE,
    )


class Message(Table, table=True):
    id: int = Field(default=None, primary_key=True)
    dialog_id: int = Field(foreign_key="dialog.id", ondelete="CASCADE")
    parent_id: int | None = Field(default=None, foreign_key="message.id", ondelete="CASCADE")
    """The message it follows. The order of a conversation is this path, never the clock."""
    role: Role = Field(sa_type=choice(Role))
    text: str = Field(default="", sa_type=Text)
    state: State = Field(default=State.DONE, sa_type=choice(State))
    client_id: str | None = Field(default=None, max_length=CLIENT_ID_LIMIT)
    """Idempotency key made by the page that sent it: the same message sent twice is stored once."""
    fault: str = Field(default="", max_length=32)
    """Error code (domain/llm/faults.py)."""
    reference: str = Field(default="", max_length=16)
    """Reference of a fault, which the user sees and the log contains."""
    model: str = Field(default="", max_length=128)
    tokens_in: int | None = None
    tokens_out: int | None = None
    tokens_estimated: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    """Whether the two above are estimated from the length of the texts rather than counted by the provider."""
    cost: int | None = Field(default=None, sa_type=BigInteger)
    """In millionths of a rouble, at the prices of that moment; None: the model had no configured price."""
    first_text_ms: int | None = None
    """Milliseconds from the creation of the row to the first word, including the wait in the queue."""
    thoughts: str = Field(default="", sa_type=Text, sa_column_kwargs={"server_default": ""})
    """The model's thoughts before the reply, if it sends them and the operator keeps them (KEEP_THOUGHTS). They are no
    part of the conversation: neither searched nor exported nor sent back, and shown only to those whom
    `may_see_thoughts` names.
    """
    next_id: int | None = None
    """The branch chosen last below this message: the reply or edited version that the path takes; None: the newest."""
    deleted_at: datetime | None = None
    """Deleted with everything below it; can be restored."""
    depth: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    jump_id: int | None = None
    """`depth` is the number of messages above it, `jump_id` one of them far above: with such jump pointers, a path of a
    hundred thousand is climbed in a few dozen steps (domain/chat/tree/message_tree.py). They are only an optimisation:
    without them a walk takes every step. Neither ever changes, since no message moves to another parent.
    """
    lease_until: datetime | None = None
    """Lease of a running reply: its writer must renew it before then to count as alive."""
    stop_asked: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    """Another instance was asked to stop this running reply; its writer finds that out with its next save."""
    is_loaded: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    """Imported from a file, which anybody may have written, so its authorship is unknown. Stays set when an imported
    reply is continued, whose beginning is still the file's.
    """
    is_rewritten: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    """A version of a reply whose text the user wrote. Stays set when it is continued."""
    is_copied: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    """Copied from the dialog in which it was said (domain/chat/dialog_copies.py), and counted only there."""
    is_hidden_from_model: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    """The person wants the model not to read it any more. Those who may read the dialog still see it."""
    recalled: list[int] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))
    """Old messages that the prompt of this reply quoted, because they mattered."""
    lore: list[list[Any]] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))
    """Lorebook entries in the prompt of this reply, each as [id, the key that fired, whether another entry said it]
    (domain/chat/prompts/lore.py).
    """
    feedback: Feedback | None = Field(default=None, sa_type=choice(Feedback))
    """For replies only. Counted per character and model (domain/characters/reply_feedback.py)."""
    created_at: datetime = Field(default_factory=now, index=True)

    @property
    def may_get_feedback(self) -> bool:
        """Whether it is a reply that has ended and says something. Not a greeting, which answers nothing, nor the
        provider's refusal, nor what the person wrote in the character's place.
        """
        is_reply = self.role == Role.ASSISTANT and self.parent_id is not None and not self.is_rewritten
        return is_reply and bool(self.text) and self.state not in {State.RUNNING, State.FILTERED}

    @property
    def is_characters_own(self) -> bool:
        """Whether the character itself said it: a complete reply of a model, or a greeting, which is its author's text.
        Not the user's messages, not imported or rewritten ones, and not the text of the provider's content filter.
        """
        is_said = bool(self.text) and self.state not in {State.RUNNING, State.FILTERED}
        return self.role == Role.ASSISTANT and is_said and not self.is_loaded and not self.is_rewritten

    __table_args__ = (
        UniqueConstraint("dialog_id", "client_id"),
        Index("ix_message_dialog_id_id", "dialog_id", "id"),
        # Without the roots: SQLite would search for those of one dialog among those of all dialogs.
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
        # One running reply per dialog, whatever two tabs do at once.
        Index(
            "uq_message_running",
            "dialog_id",
            unique=True,
            sqlite_where=sql("state = 'running'"),
            postgresql_where=sql("state = 'running'"),
        ),
        NO_ID_REUSE,
    )


def is_of_trial() -> ColumnElement[bool]:
    """Condition: the dialog is of somebody who talks before signing up (domain/trials.py)."""
    trials = select(col(User.id)).where(sql("is_trial"))  # worded as in the partial index
    return col(Dialog.user_id).in_(trials)

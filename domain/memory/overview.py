"""Overview of a dialog's memory, as a person sees it: the bar in the chat, and the panel that it opens."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from domain.memory.rows import MadeBy


class MemoryState(StrEnum):
    ON = "on"
    OFF = "off"  # turned off by the person
    REMEMBERING = "remembering"  # something is being summarised now
    WAITS_FOR_BUDGET = "waits for budget"  # the person's tokens of today are used up
    ONLY_EXCERPTS = "only excerpts"  # a chapter could not be summarised, so excerpts replace it
    NO_ROOM = "no room"  # the card nearly fills the prompt, which has only pins and the end of the talk besides
    ASKS_FOR_BACKLOG = "asks for backlog"  # a long old talk: reading it costs something, so the person is asked


@dataclass(frozen=True)
class MemoryBar:
    """One-line overview of what the character currently knows of this dialog, on the path being read."""

    state: MemoryState
    verbatim_from: int | None
    """Number on the path, from 1, of the first message that the model gets word for word; None: it gets all."""
    chapters: int
    has_digest: bool
    facts: int
    """Number of facts available to the character: none while memory is off or has no room."""
    pinned: int
    gap: int = 0
    """Number of messages before `verbatim_from` that no chapter covers yet."""


@dataclass(frozen=True)
class PinnedEntry:
    id: int
    text: str
    message_id: int | None
    """The pinned message; None: the person's own words."""
    is_here_only: bool
    """Whether it is the person's own words for this branch only."""
    is_on_path: bool
    is_hidden: bool = False
    """Whether it is a message that the model may not read, so that no prompt has it."""


@dataclass(frozen=True)
class FactEntry:
    id: int
    text: str
    message_id: int | None
    said_at: datetime | None
    made_by: MadeBy
    is_pinned: bool
    replaced_by: int | None = None
    """The fact of this path that holds instead; this one is shown as no longer true."""
    is_still_verbatim: bool = False
    """Whether the message it cites is still given to the model word for word."""


@dataclass(frozen=True)
class ChapterEntry:
    id: int
    level: int
    first_id: int
    last_id: int
    first_number: int
    last_number: int
    """Numbers of the first and the last message on the path, from 1."""
    began_at: datetime
    ended_at: datetime
    text: str
    made_by: MadeBy
    is_running: bool = False
    is_waiting: bool = False
    """Whether something kept it from being summarised, so that another attempt follows."""
    reference: str = ""
    """Reference of the fault that kept it from being summarised; the log has the cause under it."""


@dataclass(frozen=True)
class RecalledEntry:
    message_id: int
    said_at: datetime
    excerpt: str
    is_persons: bool


@dataclass(frozen=True)
class MemoryOverview:
    """The panel. Facts and chapters are those of the path being read, the newest first, replaced facts last."""

    bar: MemoryBar
    pinned: list[PinnedEntry]
    facts: list[FactEntry]
    chapters: list[ChapterEntry]
    recalled: list[RecalledEntry]
    """Quotes in the last reply's prompt."""
    pinned_room: int
    """Characters left for more pins."""
    tokens: int
    cost: int | None
    """Cost of memory in this dialog, in millionths of a rouble; None: no prices are known."""
    backlog_messages: int = 0
    backlog_cost: int | None = None
    """Number of messages of a long old talk that no chapter covers, and the estimated cost of reading them."""
    summed_up: list[ChapterEntry] = field(default_factory=list)
    """The requested number of chapters hidden behind sums, the newest first."""
    all_summed_up: int = 0

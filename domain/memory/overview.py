"""Overview of a dialog's memory, as a person sees it: the bar in the chat, and the panel that it opens."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from domain.memory.rows import MadeBy


class MemoryState(StrEnum):
    ON = "on"
    OFF = "off"  # by the person
    REMEMBERING = "remembering"  # something is being summarised now
    WAITS_FOR_BUDGET = "waits for budget"  # the person's tokens of today are used up
    ONLY_EXCERPTS = "only excerpts"  # a chapter could not be summarised, so excerpts replace it
    NO_ROOM = "no room"  # the card nearly fills the prompt, which otherwise has only pins and the end of the talk
    ASKS_FOR_BACKLOG = "asks for backlog"  # a long old talk: reading it costs something, so the person is asked


@dataclass(frozen=True)
class MemoryBar:
    """What the character currently knows of this dialog, on the path being read, in one line."""

    state: MemoryState
    verbatim_from: int | None
    """The number on the path, from 1, of the first message that the model gets word for word; None: all of them."""
    chapters: int
    has_digest: bool
    facts: int
    """Those available to the character: none while memory is off or has no room."""
    pinned: int
    gap: int = 0
    """Messages before `verbatim_from` that no chapter covers yet."""


@dataclass(frozen=True)
class PinnedEntry:
    id: int
    text: str
    message_id: int | None
    """The pinned message; None: the person's own words."""
    is_here_only: bool
    """Own words that apply to this branch only."""
    is_on_path: bool
    is_hidden: bool = False
    """A message that the model may not read, so that no prompt has it."""


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
    """The message it cites is still given to the model word for word."""


@dataclass(frozen=True)
class ChapterEntry:
    id: int
    level: int
    first_id: int
    last_id: int
    first_number: int
    last_number: int
    """The numbers of these messages on the path, from 1."""
    began_at: datetime
    ended_at: datetime
    text: str
    made_by: MadeBy
    is_running: bool = False
    is_waiting: bool = False
    """Something kept it from being summarised; another attempt follows."""
    reference: str = ""
    """Reference of the fault that kept it from being summarised; the log has it with the cause."""


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
    """What the last reply's prompt quoted."""
    pinned_room: int
    """Characters left for more pins."""
    tokens: int
    cost: int | None
    """What memory has cost in this dialog, in millionths of a rouble; None: no prices are known."""
    backlog_messages: int = 0
    backlog_cost: int | None = None
    """How many messages of a long old talk no chapter covers, and about what reading them would cost."""
    summed_up: list[ChapterEntry] = field(default_factory=list)
    """As many of the chapters hidden behind sums as were asked for, the newest first."""
    all_summed_up: int = 0

"""Event routing: which events cross to the other instances, and why. Every event stands in one of the two tables.

An event crosses as the name of its class and its fields. Two versions may run at the same time, and each ignores what
only the other knows: an unknown kind is skipped, an unknown field is left out, and a new field needs a default.
"""

from __future__ import annotations

import logging
from dataclasses import asdict
from functools import cache
from typing import Any

from pydantic import TypeAdapter, ValidationError

from domain.accounts.notices import NotificationPosted
from domain.accounts.sessions_list import SessionEnded
from domain.accounts.trial_takeover import TrialTakenOver
from domain.admin.announcements import AnnouncementsChanged
from domain.chat.tree.events import (
    BranchChanged,
    DialogListChanged,
    MessageMarked,
    MessageSent,
    ReplyChunk,
    ReplyDelayed,
    ReplyEnded,
    ReplyQueued,
    ReplySaved,
    ReplyTakenBack,
)
from domain.llm.shared_concurrency import ModelOverloaded, PlaceGranted, SparePlaceNeeded
from domain.memory.events import MemoryChanged, WordsBehind
from domain.moderation.appeals import AppealMade, AppealsChanged
from domain.moderation.measure import AvailabilityChanged, MeasureImposed, MeasureLifted
from domain.moderation.report_queue import ReportQueueChanged
from domain.moderation.reports import ReportFiled
from storage.bus import Event, Missed
from storage.wire.wire import Data

log = logging.getLogger(__name__)

CROSSES: dict[type[Event], str] = {
    MessageSent: "a page of the dialog shows the bubbles",
    BranchChanged: "a page of the dialog shows the other branch",
    MessageMarked: "a page of the dialog shows the mark",
    ReplyQueued: "a page of the dialog says how many are ahead",
    ReplyDelayed: "a page of the dialog says why nothing comes",
    ReplySaved: "a page of the dialog follows the reply, and so does a program that waits for it",
    ReplyEnded: "a page of the dialog shows the end",
    MemoryChanged: "a page of the dialog shows what is remembered now",
    PlaceGranted: "the instance whose request has the place goes on with it",
    SparePlaceNeeded: "the instance that borrowed a place gives it back",
    ModelOverloaded: "nobody asks the model for a while",
    DialogListChanged: "the person's list of dialogs changes its line",
    SessionEnded: "the pages of the session leave",
    TrialTakenOver: "each instance remembers whose a dialog is, to tell their lists",
    MeasureImposed: "the person's pages look at what they may still do",
    MeasureLifted: "the same",
    AvailabilityChanged: "pages of others' dialogs with the character close the composer or open it",
    NotificationPosted: "the person's pages show the notice",
    AnnouncementsChanged: "every page shows the announcement",
    AppealMade: "pages about the person may show it",
    AppealsChanged: "admins' pages count it",
    ReportFiled: "admins' pages count it",
    ReportQueueChanged: "admins' pages show the queue as it is",
}
STAYS: dict[type[Event], str] = {
    ReplyChunk: "it comes fifteen times a second and may be lost in a crash; others follow what was saved",
    ReplyTakenBack: "the others are told by `ReplySaved`, once the row has the reply's new beginning",
    WordsBehind: "the instance that tells it indexes them",
    Missed: "it is about the wire of one instance",
}

_KINDS = {kind.__name__: kind for kind in CROSSES}


@cache
def _validator_of(kind: str) -> TypeAdapter[Any]:
    """Built with the first event that comes: most servers have no other instance."""
    return TypeAdapter(_KINDS[kind])


class Crossing:
    """The codec of the bus (storage/bus.py)."""

    def pack(self, event: Event) -> tuple[str, Data] | None:
        kind = type(event)
        return (kind.__name__, asdict(event)) if kind in CROSSES else None  # type: ignore[call-overload]  # each is a dataclass

    def unpack(self, kind: str, data: Data) -> Event | None:
        try:
            event: Event | None = _validator_of(kind).validate_python(data) if kind in _KINDS else None
        except ValidationError:
            log.warning("Another instance sent a %s that this version cannot read", kind)
            return None
        return event

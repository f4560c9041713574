"""Admin list of dialogs: filtered, sorted and paginated; it reveals nothing of their content."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import sqlalchemy
from sqlalchemy import ColumnElement
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.accounts.sessions import Caller, authorize_admin
from domain.errors import NotFound
from domain.model.character import Character
from domain.model.dialog import Dialog, Message, State, is_of_trial
from domain.model.user import User
from domain.paging import PAGE, Page, Question, columns, read_page
from storage.columns import clamp_id
from storage.database import Database


class DialogOrder(StrEnum):
    SPOKEN = "spoken_at"
    STARTED = "started_at"
    MESSAGES = "messages"
    TOKENS = "tokens"
    COST = "cost"


class Faults(StrEnum):
    """Kind of fault in a dialog."""

    ANY = "any"
    FAILED = "failed"
    REFUSED = "refused"  # refused by the provider's content filter


REPLIES: dict[Faults | None, ColumnElement[bool]] = {
    Faults.FAILED: col(Message.reference) != "",
    Faults.REFUSED: col(Message.state) == State.FILTERED,
}


@dataclass(frozen=True)
class DialogFilter:
    """Filters of the list; an omitted one does not restrict. `since` and `until` apply to the last message or, with
    `FAILED` and `REFUSED`, to such a reply; every `since` is inclusive, every `until` exclusive.
    """

    user_id: int | None = None
    character_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    started_since: datetime | None = None
    started_until: datetime | None = None
    faults: Faults | None = None
    is_trial: bool | None = None
    """True: dialogs of people who talk before signing up; False: of everybody else."""
    is_loaded: bool | None = None
    """True: imported from a file; False: begun here."""


@dataclass(frozen=True)
class DialogRow:
    """A row of the list. `messages` are the user's; `cost` is in millionths of a rouble."""

    id: int
    user_id: int
    person: str
    character_id: int
    character: str
    started_at: datetime
    spoken_at: datetime
    messages: int
    tokens: int
    cost: int
    faults: int
    is_loaded: bool
    is_trial: bool
    """Whether its person talks before signing up (domain/trials.py)."""
    is_running: bool
    """Whether a reply is being written."""


class AdminDialogs:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def page(
        self,
        caller: Caller,
        sought: DialogFilter | None = None,
        order: DialogOrder = DialogOrder.SPOKEN,
        *,
        descending: bool = True,
        after: str = "",
        limit: int = PAGE,
    ) -> Page[DialogRow]:
        """Dialogs that are not in the bin; keyset pagination: `after` is the `next` of the previous page."""
        async with self._database.read() as db:
            await authorize_admin(db, caller)
            return await dialog_rows(
                db, sought or DialogFilter(), order, descending=descending, after=after, limit=limit
            )

    async def get(self, caller: Caller, dialog_id: int) -> DialogRow:
        """A dialog, even one in the bin; raises `NotFound`."""
        async with self._database.read() as db:
            await authorize_admin(db, caller)
            question = _rows().where(col(Dialog.id) == clamp_id(dialog_id))
            found = (await (await db.connection()).execute(question)).mappings().first()
            if found is None:
                raise NotFound("This chat doesn't exist.")
            return DialogRow(**found)


async def dialog_rows(
    db: AsyncSession,
    sought: DialogFilter,
    order: DialogOrder = DialogOrder.SPOKEN,
    *,
    descending: bool = True,
    after: str = "",
    limit: int = PAGE,
) -> Page[DialogRow]:
    """For callers that have already checked the admin permission."""
    found_by: Question = sqlalchemy.select(col(Dialog.id).label("id"), col(getattr(Dialog, order)).label("place"))
    return await read_page(
        db,
        found_by.where(*_conditions(sought)),
        _rows(),
        DialogRow,
        is_narrowed=sought != DialogFilter(),
        descending=descending,
        after=after,
        limit=limit,
    )


def _rows() -> Question:
    running = sqlalchemy.exists().where(col(Message.dialog_id) == col(Dialog.id), col(Message.state) == State.RUNNING)
    return (
        columns(
            id=col(Dialog.id),
            user_id=col(Dialog.user_id),
            person=col(User.display_name),
            character_id=col(Dialog.character_id),
            character=col(Character.name),
            started_at=col(Dialog.started_at),
            spoken_at=col(Dialog.spoken_at),
            messages=col(Dialog.messages),
            tokens=col(Dialog.tokens),
            cost=col(Dialog.cost),
            faults=col(Dialog.faults),
            is_loaded=col(Dialog.is_loaded),
            is_trial=col(User.is_trial),
            is_running=running,
        )
        .join_from(Dialog, User, col(User.id) == col(Dialog.user_id))
        .join(Character, col(Character.id) == col(Dialog.character_id))
    )


def _conditions(sought: DialogFilter) -> list[ColumnElement[bool]]:
    wanted = [
        (col(Dialog.user_id) == sought.user_id, sought.user_id is not None),
        (col(Dialog.character_id) == sought.character_id, sought.character_id is not None),
        (col(Dialog.faults) > 0, sought.faults is not None),
        (is_of_trial(), sought.is_trial is True),
        (~is_of_trial(), sought.is_trial is False),
        (col(Dialog.is_loaded).is_(sought.is_loaded), sought.is_loaded is not None),
    ]
    conditions = [col(Dialog.deleted_at).is_(None), *(condition for condition, is_wanted in wanted if is_wanted)]
    of_replies = sought.faults in REPLIES
    for column, since, until in (
        (col(Dialog.spoken_at), None if of_replies else sought.since, None if of_replies else sought.until),
        (col(Dialog.started_at), sought.started_since, sought.started_until),
    ):
        if since:
            conditions.append(column >= since)
        if until:
            conditions.append(column < until)
    if of_replies:
        conditions.append(_has_reply(REPLIES[sought.faults], sought.since, sought.until))
    return conditions


def _has_reply(of_kind: ColumnElement[bool], since: datetime | None, until: datetime | None) -> ColumnElement[bool]:
    replies = sqlalchemy.exists().where(col(Message.dialog_id) == col(Dialog.id), of_kind)
    if since:
        replies = replies.where(col(Message.created_at) >= since)
    return replies.where(col(Message.created_at) < until) if until else replies

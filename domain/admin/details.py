"""Admin detail pages: one user or one character, always by the same number of queries, however much they have."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import tzinfo

import sqlalchemy
from sqlalchemy import ColumnElement, func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.accounts.sessions import IDLE_LIMIT, Caller, LoginSession, authorize_admin
from domain.accounts.sessions_list import end_sessions
from domain.admin.characters import CharacterState, character_state
from domain.admin.dialogs import DialogFilter, DialogRow, dialog_rows
from domain.admin.people import UserState, state_of
from domain.characters.characters import record_private_view
from domain.characters.reply_feedback import FeedbackCount, feedback_on_character
from domain.clock import now
from domain.errors import NotFound
from domain.model.audit_entry import record_audit
from domain.model.character import Character
from domain.model.dialog import Dialog
from domain.model.user import User, existing, names_of
from domain.paging import Page
from domain.statistics.spending import Day, last_days
from domain.text import clean_text
from domain.usage.usage import Usage
from storage.bus import Bus
from storage.columns import clamp_id
from storage.database import Database

FEW = 50
"""Maximum characters and sessions shown of one user; dialogs are paginated."""


@dataclass(frozen=True)
class ConversationTotals:
    """Totals over all time of dialogs that are not in the bin. `cost` in millionths of a rouble."""

    dialogs: int
    messages: int
    tokens: int
    cost: int
    faults: int


@dataclass(frozen=True)
class PersonDetail:
    user: User
    state: UserState
    spoken: ConversationTotals
    characters: list[Character]
    """Most recently changed first."""
    talks: Page[DialogRow]
    sessions: list[LoginSession]
    """Most recently used first."""
    days: list[Day]


@dataclass(frozen=True)
class CharacterDetail:
    """A character including its texts for the model: whoever must judge it has to read them."""

    character: Character
    state: CharacterState
    author: User
    spoken: ConversationTotals
    talkers: int
    """Number of users who have written to it."""
    feedback: FeedbackCount
    talks: Page[DialogRow]
    days: list[Day]


class AdminDetails:
    def __init__(self, database: Database, bus: Bus) -> None:
        self._database = database
        self._bus = bus

    async def person(self, caller: Caller, user_id: int, zone: tzinfo) -> PersonDetail:
        """A user who has an account; raises `NotFound`."""
        async with self._database.read() as db:
            await authorize_admin(db, caller)
            user = existing(await db.get(User, clamp_id(user_id)))
            spoken, _talkers = await _spoken(db, col(Dialog.user_id) == user.id)
            return PersonDetail(
                user,
                state_of(user),
                spoken,
                characters=await _characters(db, user.id),
                talks=await dialog_rows(db, DialogFilter(user_id=user.id)),
                sessions=await _sessions(db, user.id),
                days=await last_days(db, col(Usage.user_id) == user.id, zone),
            )

    async def character(self, caller: Caller, character_id: int, zone: tzinfo) -> CharacterDetail:
        """A character that is not deleted; raises `NotFound`."""
        async with self._database.read() as db:
            admin = await authorize_admin(db, caller)
            character = await db.get(Character, clamp_id(character_id))
            if character is None or character.deleted_at is not None:
                raise NotFound("This character doesn't exist or is private.")
            spoken, talkers = await _spoken(db, col(Dialog.character_id) == character.id)
            detail = CharacterDetail(
                character,
                character_state(character),
                await db.get_one(User, character.owner_id),
                spoken,
                talkers,
                await feedback_on_character(db, character.id),
                talks=await dialog_rows(db, DialogFilter(character_id=character.id)),
                days=await last_days(db, col(Usage.character_id) == character.id, zone),
            )
        await record_private_view(self._database, admin, character)
        return detail

    async def end_sessions(self, caller: Caller, user_id: int, reason: str = "") -> int:
        """Log a user out everywhere; returns the number of sessions ended. Recorded in the audit log.

        Raises `Invalid` for `reason`, `NotFound`.
        """
        reason = clean_text(reason, "reason")
        async with self._database.write() as db:
            admin = await authorize_admin(db, caller)
            user = existing(await db.get(User, clamp_id(user_id)))
            ended = await end_sessions(db, user.id)
            changes = {"sessions": [len(ended), 0]}
            record_audit(
                db,
                admin.id,
                "user.signed_out",
                "user",
                user.id,
                person_id=user.id,
                reason=reason,
                without=names_of(user),
                changes=changes,
            )
        for fact in ended:
            self._bus.publish(fact)
        return len(ended)


async def _spoken(db: AsyncSession, whose: ColumnElement[bool]) -> tuple[ConversationTotals, int]:
    """Totals of the dialogs, and how many users wrote in them."""
    sums = (
        func.coalesce(func.sum(column), 0)
        for column in (col(Dialog.messages), col(Dialog.tokens), col(Dialog.cost), col(Dialog.faults))
    )
    who_spoke = sqlalchemy.case((col(Dialog.messages) > 0, col(Dialog.user_id)))  # opened or imported: not counted
    question = sqlalchemy.select(func.count(), *sums, func.count(func.distinct(who_spoke)))
    found = await (await db.connection()).execute(
        question.select_from(Dialog).where(whose, col(Dialog.deleted_at).is_(None))
    )
    *counts, talkers = (int(each) for each in found.one())
    return ConversationTotals(*counts), talkers


async def _characters(db: AsyncSession, user_id: int) -> list[Character]:
    own = select(Character).where(Character.owner_id == user_id, col(Character.deleted_at).is_(None))
    return list(await db.exec(own.order_by(col(Character.updated_at).desc(), col(Character.id).desc()).limit(FEW)))


async def _sessions(db: AsyncSession, user_id: int) -> list[LoginSession]:
    living = (
        select(LoginSession)
        .where(LoginSession.user_id == user_id, col(LoginSession.entered_at).is_not(None))
        .where(LoginSession.expires_at > now(), LoginSession.seen_at > now() - IDLE_LIMIT)
    )
    return list(await db.exec(living.order_by(col(LoginSession.seen_at).desc()).limit(FEW)))

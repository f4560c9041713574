"""Moderation measures, the use cases: imposing and lifting them, and the permission to read them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement
from sqlalchemy.orm import aliased
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.accounts.admins import is_last_admin, is_only_admin
from domain.accounts.sessions import Caller, authenticate_even_blocked, authorize_admin
from domain.chat.replies.reply_writer import ReplyWriter
from domain.errors import NotAllowed, NotFound
from domain.model.character import Character
from domain.model.user import User
from domain.moderation.appeal import Appeal
from domain.moderation.effects import apply_aftermath
from domain.moderation.enforcement import Decision, Enforcement, Target, lock_target, measure_in_force
from domain.moderation.measure import FOR_CHARACTERS, FOR_PEOPLE, Measure, MeasureKind, in_force
from domain.moderation.measure_notices import MeasureNotifier
from domain.moderation.reports import Complaint
from domain.text import clean_text
from storage.bus import Bus
from storage.columns import clamp_id
from storage.database import Database


@dataclass(frozen=True)
class MeasureView:
    """A measure as admins see it. Names are "" if there is or was nobody."""

    measure: Measure
    character: str
    taken_by: str
    lifted_by: str
    appeals: list[Appeal]
    """Newest first."""


@dataclass(frozen=True)
class MyMeasure:
    """A measure in force as the user concerned sees it; the admins' internal notes are not included."""

    measure_id: int
    kind: MeasureKind
    reason: Complaint
    words: str
    field: str
    field_words: str
    taken_at: datetime
    until: datetime | None
    character_id: int | None
    character: str
    appeal: Appeal | None
    """The latest appeal."""
    may_appeal: bool


class Measures:
    """Measures are imposed and lifted, never toggled. A new one replaces one of its kind."""

    def __init__(self, database: Database, bus: Bus, reply_writer: ReplyWriter, notifier: MeasureNotifier) -> None:
        self._database = database
        self._bus = bus
        self._reply_writer = reply_writer
        self._notifier = notifier

    async def impose_on_user(self, caller: Caller, user_id: int, decision: Decision) -> Measure:
        """Impose a measure on a user. Raises `Invalid` for fields named as in `Decision`, `NotFound`; `NotAllowed` for
        oneself and for the last admin who could undo it.
        """
        decision = decision.checked(FOR_PEOPLE)
        async with self._database.write() as db:
            admin, target = await _held_person(db, caller, user_id)
            enforcement = Enforcement(db, self._notifier)
            measure = await enforcement.impose(admin, target, decision)
        await self._settle(enforcement)
        return measure

    async def impose_on_character(self, caller: Caller, character_id: int, decision: Decision) -> Measure:
        """The same for a character; its author is notified."""
        decision = decision.checked(FOR_CHARACTERS)
        async with self._database.write() as db:
            admin, target = await _held_character(db, caller, character_id)
            await _refuse_own_case(db, admin, await measure_in_force(db, target, decision.kind))
            enforcement = Enforcement(db, self._notifier)
            measure = await enforcement.impose(admin, target, decision)
        await self._settle(enforcement)
        return measure

    async def lift(self, caller: Caller, measure_id: int, why: str = "") -> None:
        """Lift a measure early; idempotent. `why` is for the audit log."""
        why = clean_text(why, "why")
        async with self._database.write() as db:
            admin = await authorize_admin(db, caller)
            measure = await db.get(Measure, clamp_id(measure_id))
            if measure is None:
                raise NotFound("No such measure.")
            if measure.user_id == admin.id and measure.character_id is None:
                raise _oneself()
            await _refuse_own_case(db, admin, measure)
            enforcement = Enforcement(db, self._notifier)
            await enforcement.lift(measure, admin.id, why=why)
        await self._settle(enforcement)

    async def block_user(self, caller: Caller, user_id: int, *, blocked: bool | None) -> bool:
        """For the JSON API: `blocked` sets the state, None toggles it; returns the new state."""
        async with self._database.write() as db:
            admin, target = await _held_person(db, caller, user_id)
            wanted = not target.person.is_blocked if blocked is None else blocked
            enforcement = Enforcement(db, self._notifier)
            if wanted != target.person.is_blocked:
                await _set_blocked(db, enforcement, admin, target, wanted=wanted)
        await self._settle(enforcement)
        return wanted

    async def block_character(self, caller: Caller, character_id: int, *, blocked: bool | None) -> bool:
        """The same for a character."""
        async with self._database.write() as db:
            admin, target = await _held_character(db, caller, character_id)
            is_blocked = target.character is not None and target.character.is_blocked
            wanted = not is_blocked if blocked is None else blocked
            enforcement = Enforcement(db, self._notifier)
            if wanted != is_blocked:
                await _set_blocked(db, enforcement, admin, target, wanted=wanted)
        await self._settle(enforcement)
        return wanted

    async def of_person(self, caller: Caller, user_id: int) -> list[MeasureView]:
        """Every measure against the user and their characters, newest first; for admins."""
        return await self._of(caller, col(Measure.user_id) == clamp_id(user_id))

    async def of_character(self, caller: Caller, character_id: int) -> list[MeasureView]:
        return await self._of(caller, col(Measure.character_id) == clamp_id(character_id))

    async def in_force_on_caller(self, caller: Caller) -> list[MyMeasure]:
        """The measures in force on the caller and their characters, newest first; for blocked users too."""
        async with self._database.read() as db:
            person = await authenticate_even_blocked(db, caller, trial_too=True)
            found = await db.exec(
                select(Measure, Character.name)
                .outerjoin(Character, col(Character.id) == col(Measure.character_id))
                .where(Measure.user_id == person.id, in_force())
                .order_by(col(Measure.id).desc())
            )
            rows = list(found)
            appeals = await appeals_to(db, [measure.id for measure, _ in rows])
            return [_mine(measure, name or "", appeals.get(measure.id, [])) for measure, name in rows]

    async def _of(self, caller: Caller, whose: ColumnElement[bool]) -> list[MeasureView]:
        taker, lifter = aliased(User), aliased(User)
        async with self._database.read() as db:
            await authorize_admin(db, caller)
            found = await db.exec(
                select(Measure, Character.name, taker.display_name, lifter.display_name)
                .outerjoin(Character, col(Character.id) == col(Measure.character_id))
                .outerjoin(taker, col(taker.id) == col(Measure.taken_by_id))
                .outerjoin(lifter, col(lifter.id) == col(Measure.lifted_by_id))
                .where(whose)
                .order_by(col(Measure.id).desc())
            )
            rows = list(found)
            appeals = await appeals_to(db, [measure.id for measure, *_ in rows])
            return [
                MeasureView(measure, name or "", taken_by or "", lifted_by or "", appeals.get(measure.id, []))
                for measure, name, taken_by, lifted_by in rows
            ]

    async def _settle(self, enforcement: Enforcement) -> None:
        await apply_aftermath(enforcement.after, self._database, self._bus, self._reply_writer)


async def _set_blocked(
    db: AsyncSession, enforcement: Enforcement, admin: User, target: Target, *, wanted: bool
) -> None:
    if wanted:
        await enforcement.impose(admin, target, Decision(MeasureKind.BLOCKED, Complaint.OTHER))
    elif measure := await measure_in_force(db, target, MeasureKind.BLOCKED):
        await _refuse_own_case(db, admin, measure)
        await enforcement.lift(measure, admin.id)


async def appeals_to(db: AsyncSession, measure_ids: Sequence[int]) -> dict[int, list[Appeal]]:
    """The appeals to each of these measures, newest first."""
    found: dict[int, list[Appeal]] = {}
    question = select(Appeal).where(col(Appeal.measure_id).in_(measure_ids)).order_by(col(Appeal.id).desc())
    for appeal in await db.exec(question):
        found.setdefault(appeal.measure_id, []).append(appeal)
    return found


def may_appeal(measure: Measure, appeals: Sequence[Appeal]) -> bool:
    """One appeal per measure; but a character may be corrected and submitted for review as often as it takes."""
    if measure.kind == MeasureKind.TO_MEND:
        return measure.is_in_force and not any(each.is_open for each in appeals)
    return measure.is_in_force and not appeals


async def _held_person(db: AsyncSession, caller: Caller, user_id: int) -> tuple[User, Target]:
    """The admin who makes the request, and the user concerned, both locked."""
    person = await db.get(User, clamp_id(user_id))
    is_last = person is not None and await is_last_admin(db, person)  # it takes locks: the caller is checked after it
    admin = await authorize_admin(db, caller)
    target = await lock_target(db, user_id, None)
    if target is None:
        raise NotFound("No such user.")
    if is_last:
        raise NotAllowed("The last admin can't be blocked.")
    if target.person.id == admin.id:
        raise _oneself()
    return admin, target


async def _held_character(db: AsyncSession, caller: Caller, character_id: int) -> tuple[User, Target]:
    admin = await authorize_admin(db, caller)
    character = await db.get(Character, clamp_id(character_id))
    target = await lock_target(db, character.owner_id, character.id) if character else None
    if target is None or target.character is None or target.character.deleted_at is not None:
        raise NotFound("This character doesn't exist or is private.")
    return admin, target


async def _refuse_own_case(db: AsyncSession, admin: User, measure: Measure | None) -> None:
    """A measure against an admin's own character is for other admins to lift, while there are any."""
    is_own = measure is not None and measure.user_id == admin.id and measure.taken_by_id != admin.id
    if is_own and not await is_only_admin(db, admin):
        raise _oneself()


def _oneself() -> NotAllowed:
    return NotAllowed("You can't take or lift measures against yourself.")


def _mine(measure: Measure, character: str, appeals: Sequence[Appeal]) -> MyMeasure:
    return MyMeasure(
        measure_id=measure.id,
        kind=measure.kind,
        reason=measure.reason,
        words=measure.words,
        field=measure.field,
        field_words=measure.field_words,
        taken_at=measure.taken_at,
        until=measure.until,
        character_id=measure.character_id,
        character=character,
        appeal=appeals[0] if appeals else None,
        may_appeal=may_appeal(measure, appeals),
    )

"""Appeals: a user objects to a moderation measure once, and another admin reviews it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.accounts.admins import is_only_admin
from domain.accounts.sessions import Caller, authenticate_even_blocked, authorize_admin
from domain.chat.replies.reply_writer import ReplyWriter
from domain.clock import now
from domain.errors import Invalid, NotAllowed, NotFound
from domain.model.audit_entry import record_audit
from domain.model.character import Character
from domain.model.user import User, names_of
from domain.moderation.appeal import Appeal, AppealState
from domain.moderation.effects import apply_aftermath
from domain.moderation.enforcement import Enforcement, lock_target
from domain.moderation.measure import Measure, MeasureKind
from domain.moderation.measure_notices import MeasureNotifier
from domain.moderation.measures import appeals_to, may_appeal
from domain.text import clean_text
from storage.bus import Bus
from storage.columns import clamp_id
from storage.database import LOCK_FOR_UPDATE, Database

LISTED = 50


@dataclass(frozen=True)
class AppealView:
    """An appeal as admins see it; `character` is "" for a measure against a user, `taken_by` is "" if that admin is
    gone.
    """

    appeal: Appeal
    measure: Measure
    person: User
    character: str
    taken_by: str
    may_be_answered: bool
    """Whether the calling admin may answer it: not the one who imposed the measure, while there is another."""


@dataclass(frozen=True)
class AppealMade:
    """Event: an appeal was made; `about` is the user."""

    about: int
    appeal_id: int


@dataclass(frozen=True)
class AppealsChanged:
    """Event: an appeal was made or answered; `about` is 0, since there is one list."""

    about: int = 0


class Appeals:
    def __init__(self, database: Database, bus: Bus, reply_writer: ReplyWriter, notifier: MeasureNotifier) -> None:
        self._database = database
        self._bus = bus
        self._reply_writer = reply_writer
        self._notifier = notifier

    async def create(self, caller: Caller, measure_id: int, words: str = "") -> Appeal:
        """Appeal against a measure on oneself or on one's character; for a character to be corrected: «mended, please
        look».

        Raises `Invalid` for `words`, `NotFound`, `NotAllowed` for a second appeal.
        """
        words = clean_text(words, "words")
        async with self._database.write() as db:
            person = await authenticate_even_blocked(db, caller)
            measure = await db.get(Measure, clamp_id(measure_id), with_for_update=LOCK_FOR_UPDATE)
            if measure is None or measure.user_id != person.id or not measure.is_in_force:
                raise NotFound("No such measure.")
            if not words and measure.kind != MeasureKind.TO_MEND:
                raise Invalid("Please say why you disagree.", field="words")
            if not may_appeal(measure, (await appeals_to(db, [measure.id])).get(measure.id, [])):
                raise NotAllowed("You've already replied. Please wait for the decision.", field="words")
            appeal = Appeal(measure_id=measure.id, user_id=person.id, words=words)
            db.add(appeal)
            await db.flush()
            record_audit(db, person.id, "appeal.made", "appeal", appeal.id, person_id=person.id)
        self._bus.publish(AppealMade(person.id, appeal.id))
        self._bus.publish(AppealsChanged())
        return appeal

    async def answer(self, caller: Caller, appeal_id: int, *, granted: bool, answer: str = "") -> None:
        """Grant the appeal, which lifts the measure, or reject it; the user gets a notification.

        Raises `Invalid` for `answer`; `NotFound`; `NotAllowed` if it is no longer open, for the admin who imposed the
        measure while there is another one, and for the user themselves.
        """
        answer = clean_text(answer, "answer")
        async with self._database.write() as db:
            admin = await authorize_admin(db, caller)
            appeal, measure = await _appeal_and_measure(db, appeal_id)
            target = await lock_target(db, measure.user_id, measure.character_id)
            await db.refresh(appeal, with_for_update=LOCK_FOR_UPDATE)
            if target is None:
                raise NotFound("No such appeal.")
            if not appeal.is_open:
                raise NotAllowed("This no longer needs an answer: it has been given, or the measure is over.")
            await _refuse_own(db, admin, measure)
            enforcement = Enforcement(db, self._notifier)
            appeal.state = AppealState.GRANTED if granted else AppealState.REFUSED
            appeal.answer, appeal.answered_by_id, appeal.answered_at = answer, admin.id, now()
            await db.flush()
            if granted:
                await enforcement.lift_without_notice(measure, admin.id)
            self._notifier.notify_answered(db, target.person, measure, target.character, granted=granted, answer=answer)
            record_audit(
                db,
                admin.id,
                "appeal.granted" if granted else "appeal.refused",
                "appeal",
                appeal.id,
                person_id=appeal.user_id,
                reason=answer,
                without=names_of(target.person),
                changes={"state": [AppealState.OPEN.value, appeal.state.value]},
            )
        await apply_aftermath(enforcement.after, self._database, self._bus, self._reply_writer)
        self._bus.publish(AppealsChanged())

    async def waiting(self, caller: Caller, after: int | None = None, limit: int = LISTED) -> list[AppealView]:
        """The open appeals, oldest first; keyset pagination: `after` is the last id of the previous page."""
        async with self._database.read() as db:
            admin = await authorize_admin(db, caller)
            found = await db.exec(
                select(Appeal, Measure, User, Character.name)
                .join(Measure, col(Measure.id) == col(Appeal.measure_id))
                .join(User, col(User.id) == col(Appeal.user_id))
                .outerjoin(Character, col(Character.id) == col(Measure.character_id))
                .where(Appeal.state == AppealState.OPEN, col(Appeal.id) > clamp_id(after or 0))
                .order_by(col(Appeal.id))
                .limit(limit)
            )
            rows = list(found)
            takers = {measure.taken_by_id for _, measure, *_ in rows} - {None}
            named = await db.exec(select(User.id, User.display_name).where(col(User.id).in_(takers)))
            names = dict(named.all())
            is_alone = await is_only_admin(db, admin)
            return [
                AppealView(
                    appeal,
                    measure,
                    person,
                    character or "",
                    names.get(measure.taken_by_id or 0, ""),
                    may_be_answered=person.id != admin.id and (is_alone or measure.taken_by_id != admin.id),
                )
                for appeal, measure, person, character in rows
            ]

    async def waiting_count(self, caller: Caller) -> int:
        async with self._database.read() as db:
            await authorize_admin(db, caller)
            return (await db.exec(select(func.count()).where(Appeal.state == AppealState.OPEN))).one()


async def _appeal_and_measure(db: AsyncSession, appeal_id: int) -> tuple[Appeal, Measure]:
    appeal = await db.get(Appeal, clamp_id(appeal_id))
    measure = await db.get(Measure, appeal.measure_id) if appeal else None
    if appeal is None or measure is None:
        raise NotFound("No such appeal.")
    return appeal, measure


async def _refuse_own(db: AsyncSession, admin: User, measure: Measure) -> None:
    if measure.user_id == admin.id:
        raise NotAllowed("You can't decide your own appeal.")
    if measure.taken_by_id == admin.id and not await is_only_admin(db, admin):
        raise NotAllowed("You took this measure. Another admin has to decide the appeal.")

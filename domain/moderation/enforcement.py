"""Moderation enforcement: imposes or lifts a measure within a transaction, with its notification, effects and audit
entry.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sqlmodel import col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.accounts.row_locks import lock_accounts
from domain.clock import now
from domain.errors import Invalid, NotFound
from domain.model.audit_entry import record_audit
from domain.model.character import Character
from domain.model.user import User, names_of
from domain.moderation.appeal import Appeal, AppealState
from domain.moderation.effects import PendingEffects, sync_character_flags, sync_user_flags
from domain.moderation.measure import FIELDS_TO_MEND, Measure, MeasureImposed, MeasureKind, MeasureLifted
from domain.moderation.measure_notices import MeasureNotifier
from domain.moderation.report_case import CLOSED, answered_already, check_not_claimed
from domain.moderation.reports import Complaint, Report
from domain.moderation.retained_measure import delete_retained, replace_retained
from domain.text import clean_text
from storage.columns import clamp_id
from storage.database import LOCK_FOR_UPDATE

VERBS = {
    MeasureKind.WARNING: "warned",
    MeasureKind.HIDDEN: "hidden",
    MeasureKind.TO_MEND: "sent_to_mend",
    MeasureKind.READ_ONLY: "silenced",
    MeasureKind.BLOCKED: "blocked",
}
"""Action codes of the audit log: "user.blocked", "character.hidden.lifted"."""


@dataclass(frozen=True)
class Decision:
    """A measure as filled in by an admin. `until` None is permanent; `field` and `field_words` go with TO_MEND.

    `sends_letter`: whether the user gets a mail besides the notification.
    """

    kind: MeasureKind
    reason: Complaint
    words: str = ""
    note: str = ""
    until: datetime | None = None
    field: str = ""
    field_words: str = ""
    report_id: int | None = None
    sends_letter: bool = True

    def checked(self, allowed: tuple[MeasureKind, ...]) -> Decision:
        """The validated form; raises `Invalid` for fields named as here."""
        if self.kind not in allowed:
            raise Invalid("Please pick one from the list.", field="kind")
        if self.until is not None and self.until <= now():
            raise Invalid("The end is in the past.", field="until")
        mends = self.kind == MeasureKind.TO_MEND
        if mends and self.field not in FIELDS_TO_MEND:
            raise Invalid("Please say which field needs fixing.", field="field")
        return replace(
            self,
            words=clean_text(self.words, "words"),
            note=clean_text(self.note, "note"),
            until=None if self.kind in {MeasureKind.WARNING, MeasureKind.TO_MEND} else self.until,
            field=self.field if mends else "",
            field_words=clean_text(self.field_words, "field_words") if mends else "",
        )


@dataclass
class Target:
    """The user or character under a measure; the row that carries its flags is locked: the character's, or else the
    user's.
    """

    person: User
    character: Character | None = None

    async def follow(self, db: AsyncSession, after: PendingEffects) -> None:
        if self.character:
            await sync_character_flags(db, self.character, after)
        else:
            await sync_user_flags(db, self.person, after)


async def lock_target(db: AsyncSession, user_id: int, character_id: int | None) -> Target | None:
    """Lock the row that a measure against this user, or this character of theirs, changes; None if it is gone.

    The author's row is locked before the character's, in the lock order of account deletion.
    """
    if character_id is None:
        person = await db.get(User, clamp_id(user_id), with_for_update=LOCK_FOR_UPDATE, populate_existing=True)
        return Target(person) if person and person.deleted_at is None else None
    await lock_accounts(db, user_id)
    character = await db.get(Character, character_id, with_for_update=LOCK_FOR_UPDATE, populate_existing=True)
    if character is None:
        return None
    return Target(await db.get_one(User, character.owner_id), character)


class Enforcement:
    """Imposes and lifts measures within one transaction; `after` is processed (`settle`) once that is committed."""

    def __init__(self, db: AsyncSession, notifier: MeasureNotifier) -> None:
        self._db = db
        self._notifier = notifier
        self.after = PendingEffects()

    async def impose(self, admin: User, target: Target, decision: Decision) -> Measure:
        """Impose a measure, replacing one of its kind that is in force.

        Raises `NotFound` for a report that does not exist, `NotAllowed` for one that is closed or claimed by somebody
        else.
        """
        if decision.report_id is not None:
            await self._refuse_report(admin, decision.report_id)
        before = await measure_in_force(self._db, target, decision.kind)
        if before:
            await self._end(before, admin.id)
        measure = Measure(
            user_id=target.person.id,
            character_id=target.character.id if target.character else None,
            taken_by_id=admin.id,
            kind=decision.kind,
            reason=decision.reason,
            words=decision.words,
            note=decision.note,
            until=decision.until,
            field=decision.field,
            field_words=decision.field_words,
            report_id=decision.report_id,
        )
        self._db.add(measure)
        if before:
            await replace_retained(self._db, before, measure)
        await target.follow(self._db, self.after)
        self._notifier.notify_imposed(
            self._db, target.person, measure, target.character, sends_letter=decision.sends_letter
        )
        self._note(admin.id, target, _action(measure), decision.words, [before, measure])
        self.after.events.append(MeasureImposed(measure.user_id, measure.id, measure.character_id))
        return measure

    async def lift(self, measure: Measure, admin_id: int | None, *, why: str = "") -> bool:
        """Lift the measure and notify the user; False if there was none to lift. `admin_id` None: it has expired."""
        target = await self.lift_without_notice(measure, admin_id, why=why)
        if target:
            self._notifier.notify_lifted(self._db, target.person, measure, target.character)
        return target is not None

    async def lift_without_notice(self, measure: Measure, admin_id: int | None, *, why: str = "") -> Target | None:
        """As `lift`, for callers that notify the user themselves; None if there was none to lift."""
        target = await lock_target(self._db, measure.user_id, measure.character_id)
        kept = await self._db.get(Measure, measure.id, populate_existing=True)
        if target is None or kept is None or kept.lifted_at is not None:
            return None
        await self._end(kept, admin_id)
        await delete_retained(self._db, kept)
        await target.follow(self._db, self.after)
        self._note(admin_id, target, f"{_action(kept)}.lifted", why, [kept, None])
        self.after.events.append(MeasureLifted(kept.user_id, kept.id, kept.character_id))
        return target

    async def _refuse_report(self, admin: User, report_id: int) -> None:
        """Refuse a measure that answers a report claimed by another admin, as the answer itself is refused."""
        report = await self._db.get(Report, clamp_id(report_id))
        if report is None:
            raise NotFound("No such report.")
        if report.state in CLOSED:
            raise answered_already()
        await check_not_claimed(self._db, report, admin.id)

    async def _end(self, measure: Measure, admin_id: int | None) -> None:
        measure.lifted_at, measure.lifted_by_id = now(), admin_id
        waiting = col(Appeal.measure_id) == measure.id, col(Appeal.state) == AppealState.OPEN
        await self._db.exec(update(Appeal).where(*waiting).values(state=AppealState.OVERTAKEN, answered_at=now()))
        await self._db.flush()

    def _note(
        self, admin_id: int | None, target: Target, action: str, reason: str, old_and_new: list[Measure | None]
    ) -> None:
        record_audit(
            self._db,
            admin_id,
            action,
            "character" if target.character else "user",
            target.character.id if target.character else target.person.id,
            person_id=target.person.id,
            reason=reason,
            without=(*names_of(target.person), target.character.name if target.character else ""),
            changes={
                "measure": [each and each.id for each in old_and_new],
                "reason": [each and each.reason.value for each in old_and_new],
                "until": [each and _moment(each) for each in old_and_new],
            },
        )


async def measure_in_force(db: AsyncSession, target: Target, kind: MeasureKind) -> Measure | None:
    """The measure of this kind. One that has just expired counts until it is lifted: there is one of a kind at a
    time.
    """
    if kind == MeasureKind.WARNING:
        return None
    whose = (
        col(Measure.character_id) == target.character.id
        if target.character
        else (col(Measure.user_id) == target.person.id) & col(Measure.character_id).is_(None)
    )
    found = await db.exec(select(Measure).where(whose, Measure.kind == kind, col(Measure.lifted_at).is_(None)))
    return found.first()


def _action(measure: Measure) -> str:
    return f"{'character' if measure.character_id else 'user'}.{VERBS[measure.kind]}"


def _moment(measure: Measure) -> str | None:
    return measure.until.isoformat(timespec="seconds") if measure.until else None

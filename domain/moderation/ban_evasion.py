"""Ban-evasion protection: measures and the day's usage follow a user from a deleted account to a new one, recognised by
fingerprints.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Sequence
from datetime import timedelta

from sqlmodel import col, delete, or_, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.accounts.admins import is_only_admin
from domain.accounts.row_locks import lock_accounts
from domain.background.periodic import NOT_AT_ONCE, PeriodicTask
from domain.clock import now
from domain.email_address import email_key
from domain.instances.claims import Claim
from domain.language import Texts
from domain.model.audit_entry import record_audit
from domain.model.user import User
from domain.moderation.appeal import Appeal, AppealState
from domain.moderation.effects import PendingEffects, sync_user_flags
from domain.moderation.measure import Measure, MeasureKind, in_force
from domain.moderation.retained_measure import RetainedKey, RetainedMeasure, RetainedUsage
from domain.rate_limits import RateLimiter
from domain.usage.budget import tokens_used_today, tomorrow
from storage.database import Database

COUNTS_KEPT = timedelta(days=1)
"""Retention of rate limit counts: the longest window of any."""
SWEEPS_EVERY = 3600  # seconds


class BanEvasion:
    """`secret` is the key of the fingerprints' hashes: without it nobody can try addresses against the table."""

    def __init__(self, database: Database, limits: RateLimiter, *, secret: str) -> None:
        self._database = database
        self._limits = limits
        self._secret = secret.encode()
        self._rounds = PeriodicTask(
            self.sweep,
            every=SWEEPS_EVERY,
            fault="Carried measures could not be swept",
            claim=Claim(database, "ban_evasion", SWEEPS_EVERY),
        )

    async def start(self) -> None:
        self._rounds.start(after=NOT_AT_ONCE)

    async def close(self) -> None:
        await self._rounds.close()

    async def sweep(self) -> None:
        """Delete what has expired, with its fingerprints."""
        async with self._database.write() as db:
            await db.exec(delete(RetainedMeasure).where(col(RetainedMeasure.until) <= now()))
            await db.exec(delete(RetainedUsage).where(col(RetainedUsage.expires_at) <= now()))

    def of_address(self, email: str) -> str:
        return self._fingerprint("address", email_key(email))

    def of_identity(self, provider: str, subject: str) -> str:
        return self._fingerprint("identity", provider, subject)

    async def store_on_deletion(self, db: AsyncSession, person: User, identities: Iterable[tuple[str, str]]) -> None:
        """Store what outlives the account; called in the transaction that deletes it, before anything of it is gone.

        `identities` are the accounts at other sites, provider and subject.
        """
        fingerprints = [self.of_identity(*each) for each in identities]
        if person.email is not None:
            fingerprints.append(self.of_address(person.email))
        measures = await _in_force(db, person)
        for measure in measures:
            await _carry(db, measure, fingerprints)
        if measures:
            changes = {"measures": [[each.kind.value for each in measures], None]}
            record_audit(
                db, person.id, "user.left_under_measure", "user", person.id, person_id=person.id, changes=changes
            )
        tokens = await tokens_used_today(db, person)
        for fingerprint in fingerprints:
            usage = RetainedUsage(
                fingerprint=fingerprint,
                former_id=person.id,
                tokens=tokens,
                tokens_until=tomorrow(),
                expires_at=now() + COUNTS_KEPT,
            )
            await db.merge(usage)

    async def store_for_released_key(self, db: AsyncSession, person: User, fingerprint: str) -> None:
        """The account gives up this address or identity; measures in force apply to whoever signs up with it."""
        for measure in await _in_force(db, person):
            await _carry(db, measure, [fingerprint])

    async def reapply(self, db: AsyncSession, person: User, *fingerprints: str) -> Sequence[int]:
        """Apply what is stored for these fingerprints to an account that was created or got an address or identity.

        Called after the address or identity is written, so that a concurrent deletion has been waited for. Returns the
        ids of former accounts, for `transfer_counts`.
        """
        await db.flush()
        await self._measures(db, person, fingerprints)
        found = await db.exec(
            select(RetainedUsage).where(
                col(RetainedUsage.fingerprint).in_(fingerprints),
                RetainedUsage.expires_at > now(),
                RetainedUsage.former_id != person.id,
            )
        )
        usages = found.all()
        today = [each for each in usages if each.tokens_until > now()]
        if today and (most := max(today, key=lambda each: each.tokens)).tokens:
            person.used_before, person.used_before_until = most.tokens, most.tokens_until
        return [*{each.former_id for each in usages}]

    async def transfer_counts(self, former_ids: Sequence[int], person_id: int) -> None:
        """Transfer the rate limit counts of the former accounts to the new one; called after the commit."""
        for former_id in former_ids:
            await self._limits.transfer(former_id, person_id)

    async def _measures(self, db: AsyncSession, person: User, fingerprints: Sequence[str]) -> None:
        found = await db.exec(
            select(RetainedMeasure)
            .join(RetainedKey, col(RetainedKey.measure_id) == col(RetainedMeasure.id))
            .where(col(RetainedKey.fingerprint).in_(fingerprints))
            .where(or_(col(RetainedMeasure.until).is_(None), col(RetainedMeasure.until) > now()))
            .order_by(col(RetainedMeasure.until).is_(None), col(RetainedMeasure.until))
        )
        longest = {each.kind: each for each in found}  # of each kind, the one that ends last
        taken = [each for each in longest.values() if await self._take(db, person, each)]
        if taken:
            await sync_user_flags(db, person, PendingEffects())
            changes = {
                "account": [[*{each.former_id for each in taken}], person.id],
                "measures": [None, [each.kind.value for each in taken]],
            }
            record_audit(db, None, "user.came_back", "user", person.id, person_id=person.id, changes=changes)

    async def _take(self, db: AsyncSession, person: User, carried: RetainedMeasure) -> bool:
        """Impose the carried measure; False if one that lasts as long is in force, or if nobody could lift it."""
        before = await _of_kind(db, person, carried.kind)
        if before and (before.until is None or (carried.until is not None and carried.until <= before.until)):
            return False
        if carried.kind == MeasureKind.BLOCKED and person.is_admin and await is_only_admin(db, person):
            return False
        if before:
            before.lifted_at = now()
            waiting = col(Appeal.measure_id) == before.id, col(Appeal.state) == AppealState.OPEN
            await db.exec(update(Appeal).where(*waiting).values(state=AppealState.OVERTAKEN, answered_at=now()))
            await db.flush()
        taker = carried.taken_by_id
        _ = Texts(person.language)
        measure = Measure(
            kind=carried.kind,
            user_id=person.id,
            reason=carried.reason,
            words=_("This was decided about an account you deleted, and it applies here too."),
            taken_by_id=taker if taker and taker in await lock_accounts(db, taker) else None,
            taken_at=carried.taken_at,
            until=carried.until,
            carried_id=carried.id,
            former_id=carried.former_id,
        )
        db.add(measure)
        return True

    def _fingerprint(self, *parts: str) -> str:
        told = "\0".join(parts).encode("utf-8", "replace")
        return hmac.new(self._secret, b"carry-over\0" + told, "sha256").hexdigest()


async def _in_force(db: AsyncSession, person: User) -> list[Measure]:
    """The measures with an effect; a warning is only a text, and that was read."""
    on_person = Measure.user_id == person.id, col(Measure.character_id).is_(None)
    lasting = select(Measure).where(*on_person, in_force(), Measure.kind != MeasureKind.WARNING)
    return list(await db.exec(lasting.order_by(col(Measure.id))))


async def _of_kind(db: AsyncSession, person: User, kind: MeasureKind) -> Measure | None:
    """The measure of this kind. One that has just expired counts until it is lifted: there is one of a kind at a
    time.
    """
    on_person = Measure.user_id == person.id, col(Measure.character_id).is_(None)
    found = await db.exec(select(Measure).where(*on_person, Measure.kind == kind, col(Measure.lifted_at).is_(None)))
    return found.first()


async def _carry(db: AsyncSession, measure: Measure, fingerprints: Iterable[str]) -> None:
    carried = await db.get(RetainedMeasure, measure.carried_id) if measure.carried_id else None
    if carried is None:
        carried = RetainedMeasure(
            kind=measure.kind,
            reason=measure.reason,
            taken_at=measure.taken_at,
            taken_by_id=measure.taken_by_id,
            until=measure.until,
            former_id=measure.user_id,
        )
        db.add(carried)
        await db.flush()
        measure.carried_id = carried.id
    for fingerprint in fingerprints:
        await db.merge(RetainedKey(fingerprint=fingerprint, measure_id=carried.id))

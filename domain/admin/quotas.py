"""Token budgets: users see their own daily budget, admins change somebody's. The rule: domain/usage/budget.py."""

from __future__ import annotations

from domain.accounts.sessions import Caller, authenticate, authorize_admin
from domain.errors import Invalid
from domain.model.audit_entry import record_audit
from domain.model.user import User, existing, names_of
from domain.text import clean_text
from domain.usage.budget import Budget, TokenBudgets
from storage.columns import clamp_id
from storage.database import LOCK_FOR_UPDATE, Database

LARGEST = 1_000_000_000


class Quotas:
    def __init__(self, database: Database, budgets: TokenBudgets) -> None:
        self._database = database
        self._budgets = budgets

    async def own_budget(self, caller: Caller) -> Budget | None:
        """The caller's budget of today; None: unlimited."""
        async with self._database.read() as db:
            return await self._budgets.today(db, await authenticate(db, caller))

    async def of(self, caller: Caller, user_id: int) -> Budget | None:
        """A user's budget, for an admin; raises `NotFound`."""
        async with self._database.read() as db:
            await authorize_admin(db, caller)
            return await self._budgets.today(db, existing(await db.get(User, clamp_id(user_id))))

    async def change(self, caller: Caller, user_id: int, tokens: int | None, reason: str = "") -> None:
        """Set a user's individual daily budget of `tokens`; 0: unlimited, None: the default.

        Recorded in the audit log. Raises `Invalid` for `tokens` and `reason`, `NotFound`.
        """
        if tokens is not None and not 0 <= tokens <= LARGEST:
            raise Invalid("A daily quota is a number from 0 to {most}.", field="tokens", most=LARGEST)
        reason = clean_text(reason, "reason")
        async with self._database.write() as db:
            admin = await authorize_admin(db, caller)
            person = existing(await db.get(User, clamp_id(user_id), with_for_update=LOCK_FOR_UPDATE))
            if person.daily_tokens == tokens:
                return
            changes = {"daily_tokens": [person.daily_tokens, tokens]}
            person.daily_tokens = tokens
            record_audit(
                db,
                admin.id,
                "user.quota_set",
                "user",
                person.id,
                person_id=person.id,
                reason=reason,
                without=names_of(person),
                changes=changes,
            )

"""Passwords tried, and what slows guessing down without locking anybody out: a letter still opens the account."""

from __future__ import annotations

import logging

from domain.accounts.passwords import LONGEST, matches
from domain.errors import TooOften
from domain.limits import PASSWORDS_FROM_IP, PASSWORDS_OF_ACCOUNT, Limits

log = logging.getLogger(__name__)


class Guesses:
    def __init__(self, limits: Limits) -> None:
        self._limits = limits

    async def is_right(
        self, password: str, password_hash: str | None, *, account: object, ip: str = "", field: str = "password"
    ) -> bool:
        """Whether the password is the one kept. Each wrong one counts for `account` and, where known, for `ip`.

        It is counted before it is tried, or many at once would slip through; a right one is given back. Raises
        `TooOften` for `field`.
        """
        # What was typed as a name may be a password in the wrong box: only ids of people are logged.
        whom = f"person {account}" if isinstance(account, int) else "nobody"
        counted = [(PASSWORDS_OF_ACCOUNT, account), *([(PASSWORDS_FROM_IP, ip)] if ip else [])]
        try:
            for limit, who in counted:
                await self._limits.take(limit, who)
        except TooOften as refusal:
            log.warning("Too many wrong passwords for %s from %s", whom, ip or "inside")
            raise TooOften(refusal.until, field=field) from refusal
        right = await matches(password[: LONGEST + 1], password_hash)
        if right:
            for limit, who in counted:
                await self._limits.give_back(limit, who)
        else:
            log.info("A wrong password for %s from %s", whom, ip or "inside")
        return right

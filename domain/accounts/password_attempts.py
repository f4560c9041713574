"""Brute-force protection: rate limits on password attempts that slow guessing down without letting a stranger lock
anybody out.

Attempts by strangers are counted by the name they typed, not by the account behind it: an address and the username of
the same person have separate counts and so reveal nothing about each other. Counts are also kept per IP address, so
that one address locks out only itself; a daily count bounds what many addresses can try. Whoever can exhaust these
counts exhausts none of the owner's: a browser the owner has used before has its own count, and so has each session.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence

from domain.accounts.passwords import LONGEST, matches
from domain.accounts.sessions import Caller, hash_of
from domain.errors import RateLimited
from domain.model.user import User
from domain.rate_limits import PASSWORDS_A_DAY, PASSWORDS_FROM_IP, PASSWORDS_OF_ACCOUNT, RateLimit, RateLimiter

log = logging.getLogger(__name__)

Counted = tuple[RateLimit, str]
"""A rate limit and the key it counts."""


class PasswordAttempts:
    """Checks passwords. Each attempt is counted before it is checked, or many parallel ones would slip through; a
    correct one is given back.

    Every method raises `RateLimited` for the field of the password.
    """

    def __init__(self, limits: RateLimiter) -> None:
        self._limits = limits

    async def check_unknown_browser(self, password: str, user: User | None, *, login: str, ip: str) -> bool:
        """For a log-in from an unknown browser. `login` is the name that was typed, in the form it is compared in."""
        counted = [
            (PASSWORDS_OF_ACCOUNT, f"{login} from {ip}"),
            *([(PASSWORDS_FROM_IP, ip)] if ip else []),
            (PASSWORDS_A_DAY, login),  # last, since attempts refused by the others must not use it up
        ]
        return await self._is_right(password, user, counted, ip, field="password")

    async def check_known_browser(self, password: str, user: User, *, browser: str, ip: str) -> bool:
        """For a log-in from a known browser of the user (domain/accounts/known_browsers.py)."""
        counted = [
            (PASSWORDS_OF_ACCOUNT, f"person {user.id} in the browser {hash_of(browser)}"),
            (PASSWORDS_A_DAY, f"person {user.id} in known browsers"),
        ]
        return await self._is_right(password, user, counted, ip, field="password")

    async def reauthenticate(self, password: str, person: User, caller: Caller, *, field: str) -> bool:
        """Re-authentication: for a logged-in user who must prove again that the account is theirs."""
        return await self._is_right(
            password, person, [(PASSWORDS_OF_ACCOUNT, f"session {caller.session_id}")], "inside", field=field
        )

    async def _is_right(
        self, password: str, user: User | None, counted: Sequence[Counted], place: str, *, field: str
    ) -> bool:
        # The typed name may be a password in the wrong field: only user ids are logged.
        whom = f"person {user.id}" if user else "nobody"
        try:
            for limit, who in counted:
                await self._limits.take(limit, who)
        except RateLimited as refusal:
            log.warning("Too many wrong passwords for %s from %s", whom, place or "inside")
            raise RateLimited(refusal.until, field=field) from refusal
        right = len(password) <= LONGEST and await matches(password, user.password_hash if user else None)
        if right:
            for limit, who in counted:
                await self._limits.refund(limit, who)
        else:
            log.info("A wrong password for %s from %s", whom, place or "inside")
        return right

"""Passwords tried, and what slows guessing down without letting a stranger lock anybody out.

Strangers are counted for what they typed as a name, not for the account behind it: an address and the username of the
same person have counts of their own, and so tell nothing about each other. Their counts are apart by the address on
the net, so one of those closes its own door only; a count of the whole day bounds what many of them can try. Whoever
can fill these counts fills nothing of the owner's: a browser the owner has been in before has a count of its own, and
so has each session.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence

from domain.accounts.passwords import LONGEST, matches
from domain.accounts.sessions import Caller, hash_of
from domain.accounts.user import User
from domain.errors import TooOften
from domain.limits import PASSWORDS_A_DAY, PASSWORDS_FROM_IP, PASSWORDS_OF_ACCOUNT, Limit, Limits

log = logging.getLogger(__name__)

Counted = tuple[Limit, str]
"""A limit, and whom it counts."""


class Guesses:
    """Each wrong password is counted before it is tried, or many at once would slip through; a right one is given back.

    All raise `TooOften` for the field the password stands in.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits

    async def is_strangers_right(self, password: str, user: User | None, *, login: str, ip: str) -> bool:
        """Of somebody who may be anybody. `login` is what they typed as a name, in the form it is compared in."""
        counted = [
            (PASSWORDS_OF_ACCOUNT, f"{login} from {ip}"),
            *([(PASSWORDS_FROM_IP, ip)] if ip else []),
            (PASSWORDS_A_DAY, login),  # last: what is refused by the others must not use it up
        ]
        return await self._is_right(password, user, counted, ip, field="password")

    async def is_owners_right(self, password: str, user: User, *, browser: str, ip: str) -> bool:
        """Of somebody in a browser that the person has been in before (domain/accounts/browsers.py)."""
        counted = [
            (PASSWORDS_OF_ACCOUNT, f"person {user.id} in the browser {hash_of(browser)}"),
            (PASSWORDS_A_DAY, f"person {user.id} in known browsers"),
        ]
        return await self._is_right(password, user, counted, ip, field="password")

    async def is_own(self, password: str, person: User, caller: Caller, *, field: str) -> bool:
        """Of somebody logged in, who proves once more that the account is theirs."""
        return await self._is_right(
            password, person, [(PASSWORDS_OF_ACCOUNT, f"session {caller.session_id}")], "inside", field=field
        )

    async def _is_right(
        self, password: str, user: User | None, counted: Sequence[Counted], place: str, *, field: str
    ) -> bool:
        # What was typed as a name may be a password in the wrong box: only ids of people are logged.
        whom = f"person {user.id}" if user else "nobody"
        try:
            for limit, who in counted:
                await self._limits.take(limit, who)
        except TooOften as refusal:
            log.warning("Too many wrong passwords for %s from %s", whom, place or "inside")
            raise TooOften(refusal.until, field=field) from refusal
        right = len(password) <= LONGEST and await matches(password, user.password_hash if user else None)
        if right:
            for limit, who in counted:
                await self._limits.give_back(limit, who)
        else:
            log.info("A wrong password for %s from %s", whom, place or "inside")
        return right

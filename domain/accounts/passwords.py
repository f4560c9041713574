"""Password policy and hashing: which passwords are refused, and how they are hashed (argon2id) and verified. Work of 20
ms and more runs in threads.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING

from domain.errors import Invalid
from domain.model.user import User

if TYPE_CHECKING:
    from argon2 import PasswordHasher

SHORTEST = 8
LONGEST = 256
SHORTEST_OWN = 4
"""Minimum letters of a user's own name that make a password worthless; as many other characters redeem it."""

_LATIN_KEYS = str.maketrans("йцукенгшщзхъфывапролджэячсмитьбюё", "qwertyuiop[]asdfghjkl;'zxcvbnm,.`")
"""The same keys in the Latin layout: «пароль» is `gfhjkm`, which is in the international list."""

_OURS = (
    "qwertyui",
    "йцукенгш",
    "йцукен12",
    "пароль12",
    "пароль123",
    "парольпароль",
    "beseda12",
    "beseda123",
    "беседа12",
)
"""Common Russian passwords that the international list lacks."""


async def check_new_password(password: str, *, own: Iterable[str | None]) -> None:
    """Refuse a password too short, too long, too common, or made of the person's `own` names (`own_names`).

    Raises `Invalid` for the field `password`.
    """
    check_length(password)
    typed = password.casefold()
    common = await asyncio.to_thread(_common_passwords)  # loading them takes a twentieth of a second, the first time
    if {*_by_either_layout(typed)} & common or len(set(password)) == 1:
        raise Invalid("This password is one of the first anyone would guess. Please choose another.", field="password")
    if any(_is_little_more_than(password, name) for name in own if name):
        raise Invalid(
            "Your name or address is the first thing anyone would guess. Please choose another password.",
            field="password",
        )


def check_length(password: str) -> None:
    """Check the length before any work is done; raises `Invalid` for the field `password`."""
    if len(password) < SHORTEST:
        raise Invalid("A password must be at least {shortest} characters long.", field="password", shortest=SHORTEST)
    if len(password) > LONGEST:
        raise Invalid("A password can be at most {longest} characters long.", field="password", longest=LONGEST)


def own_names(user: User) -> tuple[str | None, ...]:
    """The user's names, which everybody who knows them would try."""
    return user.email, user.username, user.display_name


def _is_little_more_than(password: str, name: str) -> bool:
    """Whether the password is the name, or the local part of an address, with next to nothing around it.

    Case, spaces, dots and the keyboard layout make no difference.
    """
    return any(
        len(word) >= SHORTEST_OWN and word in typed and len(typed.replace(word, "")) < SHORTEST_OWN
        for written in (str.casefold, _bare)
        for typed in _by_either_layout(written(password))
        for part in (name, name.partition("@")[0])
        for word in _by_either_layout(written(part))
    )


def _by_either_layout(text: str) -> tuple[str, str]:
    return text, text.translate(_LATIN_KEYS)


def _bare(text: str) -> str:
    """Only its letters and digits."""
    return "".join(sign for sign in text.casefold() if sign.isalnum())


async def hashed(password: str) -> str:
    return await asyncio.to_thread(lambda: _hasher().hash(_as_bytes(password)))


async def matches(password: str, password_hash: str | None) -> bool:
    """Whether the password is the one kept; takes the same time when nothing is kept."""
    right = await asyncio.to_thread(_verify, password, password_hash)
    return right and bool(password_hash)


def _verify(password: str, password_hash: str | None) -> bool:
    from argon2.exceptions import InvalidHashError, VerificationError

    nobodys = _nobodys_hash()
    try:
        return _hasher().verify(password_hash or nobodys, _as_bytes(password))
    except (VerificationError, InvalidHashError):
        return False


@cache
def _hasher() -> PasswordHasher:
    """OWASP ASVS 5.0 appendix C: argon2id with 19 MiB, two passes, one lane."""
    from argon2 import PasswordHasher  # imported with the first password, not at the start

    return PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


@cache
def _nobodys_hash() -> str:
    """Checked when there is no such account, so that the answer takes as long; made at the first check of any kind."""
    return _hasher().hash("nobody has this password")


def _as_bytes(password: str) -> bytes:
    """Exactly as typed; a lone surrogate, which UTF-8 cannot hold, must not break the log-in."""
    return password.encode("utf-8", "surrogatepass")


@cache
def _common_passwords() -> frozenset[str]:
    from zxcvbn.frequency_lists import FREQUENCY_LISTS  # 30,000 entries: loaded on first use, not at start

    return frozenset(FREQUENCY_LISTS["passwords"]) | frozenset(_OURS)

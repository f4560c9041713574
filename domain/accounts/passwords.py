"""Passwords: what is refused, how they are kept (argon2id) and checked. Work of 20 ms and more is done in threads."""

from __future__ import annotations

import asyncio
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from domain.errors import Invalid

SHORTEST = 8
LONGEST = 256

_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
"""OWASP ASVS 5.0 appendix C: argon2id with 19 MiB, two passes, one lane."""

_NOBODYS_HASH = _hasher.hash("nobody has this password")
"""Checked when there is no such account, so that the answer takes as long."""

_LATIN_KEYS = str.maketrans("йцукенгшщзхъфывапролджэячсмитьбюё", "qwertyuiop[]asdfghjkl;'zxcvbnm,.`")
"""What the same keys write in the Latin layout: «пароль» is `gfhjkm`, which the international list knows."""

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
"""What Russian speakers type first, missing in the international list."""


def check_new_password(password: str) -> None:
    """Refuse a password too short, too long or too common; raises `Invalid` for the field `password`."""
    if len(password) < SHORTEST:
        raise Invalid("A password has at least {shortest} characters.", field="password", shortest=SHORTEST)
    if len(password) > LONGEST:
        raise Invalid("A password has at most {longest} characters.", field="password", longest=LONGEST)
    typed = password.casefold()
    if {typed, typed.translate(_LATIN_KEYS)} & _common_passwords() or len(set(password)) == 1:
        raise Invalid(
            "This password is among the first ones tried by others. Please think of another.", field="password"
        )


async def hashed(password: str) -> str:
    return await asyncio.to_thread(_hasher.hash, _as_bytes(password))


async def matches(password: str, password_hash: str | None) -> bool:
    """Whether the password is the one kept; takes the same time when nothing is kept."""
    right = await asyncio.to_thread(_verify, password, password_hash or _NOBODYS_HASH)
    return right and bool(password_hash)


def _verify(password: str, password_hash: str) -> bool:
    try:
        return _hasher.verify(password_hash, _as_bytes(password))
    except (VerificationError, InvalidHashError):
        return False


def _as_bytes(password: str) -> bytes:
    """Exactly as typed; a lone surrogate, which UTF-8 cannot hold, must not break the log-in."""
    return password.encode("utf-8", "surrogatepass")


@cache
def _common_passwords() -> frozenset[str]:
    from zxcvbn.frequency_lists import FREQUENCY_LISTS  # 30,000 entries: read when first needed, not at start

    return frozenset(FREQUENCY_LISTS["passwords"]) | frozenset(_OURS)

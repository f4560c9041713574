"""Rate limits and quotas: one table of the rates at which somebody may do a thing, counted in the database or in
memory, and of the amounts that they may store.

The algorithm is a fixed window: a count begins with the first use and expires `per` later; within it `times` uses are
allowed. Keys (addresses, user ids) are stored as hashes: the counts need not reveal whom they count. Throttling of
actions on a page, where no time to retry can be named: domain/token_buckets.py.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from domain import token_buckets
from domain.clock import now
from domain.errors import RateLimited
from domain.limit_counts import Count
from storage.database import DatabaseUnavailable

REPLIES_AT_ONCE = 3

log = logging.getLogger(__name__)

SWEPT_EVERY = 1000
"""Number of counts between two sweeps of the expired ones."""


@dataclass(frozen=True)
class RateLimit:
    """A rate limit: `times` uses allowed within `per`. If the store is down, `refuses_blindly` refuses everything (fail
    closed); otherwise everything is allowed (fail open).

    `by_process` is for what happens far too often for the database: each process counts for itself, in memory.
    """

    name: str
    times: int
    per: timedelta
    refuses_blindly: bool = False
    by_process: bool = False


@dataclass(frozen=True)
class Quota:
    """A quota: at most `most` of something stored at the same time, whenever it was created (domain/quotas.py)."""

    name: str
    most: int


HOUR, QUARTER, MINUTE, DAY = timedelta(hours=1), timedelta(minutes=15), timedelta(minutes=1), timedelta(days=1)
HALF_HOUR = timedelta(minutes=30)

# As long as a link is valid (domain/accounts/mailed_links.py): whoever is refused a mail has a valid one in the
# mailbox.
LETTERS_TO_ADDRESS = RateLimit("letters_to_address", 3, HALF_HOUR, refuses_blindly=True)
LETTERS_FROM_IP = RateLimit("letters_from_ip", 10, HOUR, refuses_blindly=True)
PASSWORDS_OF_ACCOUNT = RateLimit("passwords_of_account", 10, QUARTER, refuses_blindly=True)
PASSWORDS_FROM_IP = RateLimit("passwords_from_ip", 25, QUARTER, refuses_blindly=True)
# More than one IP address can use up in a day at 10 per quarter of an hour.
PASSWORDS_A_DAY = RateLimit("passwords_a_day", 1000, DAY, refuses_blindly=True)
# Five per mail, and a stranger can have a hundred mails sent in a day: there are only a million codes.
CODES_A_DAY = RateLimit("codes_a_day", 30, DAY, refuses_blindly=True)
TRIALS_FROM_IP = RateLimit("trials_from_ip", 10, DAY, refuses_blindly=True)
"""Temporary accounts of people who talk before signing up (domain/trials.py), each good for a few messages."""
TRIALS_IN_ALL = RateLimit("trials_in_all", 1000, DAY, refuses_blindly=True)
MESSAGES_A_MINUTE = RateLimit("messages_a_minute", 20, MINUTE)
MESSAGES_A_DAY = RateLimit("messages_a_day", 500, DAY)
UPLOADS = RateLimit("uploads", 30, HOUR)
CHATS = RateLimit("chats", 60, HOUR)
"""Dialogs begun; imports from files are counted by `IMPORTS`."""
IMPORTS = RateLimit("imports", 30, HOUR)
CHARACTERS = RateLimit("characters", 60, HOUR)
"""Characters created or copied."""
CARD_PREVIEWS = RateLimit("card_previews", 300, HOUR)
"""Card files that were looked at, whether or not a character is made of them."""
CARD_IMPORTS = RateLimit("card_imports", 300, HOUR)
"""Characters made of card files, portrait included: people bring a hundred at once. Each costs less than a second."""
BOOKS_MADE = RateLimit("books_made", 60, HOUR)
"""Books and worlds begun or copied."""
BOOK_CHANGES = RateLimit("book_changes", 240, MINUTE)
"""Changes of books and of their entries, each of which is saved by itself."""
KEY_TRIALS = RateLimit("key_trials", 120, MINUTE)
"""Texts on which the keys of a book are tried."""
CHARACTER_SAVES = RateLimit("character_saves", 600, HOUR)
DRAFT_SAVES = RateLimit("draft_saves", 60, MINUTE)
SEARCHES = RateLimit("searches", 120, MINUTE)
"""Searches in the gallery and in one's chats, per user or, if nobody is logged in, per IP address."""
WRITING_HELP = RateLimit("writing_help", 60, HOUR)
MEMORY_CHANGES = RateLimit("memory_changes", 120, MINUTE)
"""Pins, corrections and deletions in the memory of one's dialogs."""
MEMORY_RETELLINGS = RateLimit("memory_retellings", 60, HOUR)
"""Chapters that a person wants summarised once more, which costs something."""
REPORTS = RateLimit("reports", 20, DAY)
SERVER_CHECKS = RateLimit("server_checks", 10, QUARTER)
"""Checks by an admin on the State page: each asks the model for a reply, which may cost something."""
API_CALLS = RateLimit("api_calls", 300, MINUTE)
WEB_CALLS = RateLimit("web_calls", 3000, MINUTE, by_process=True)
WEB_CHANGES = RateLimit("web_changes", 240, MINUTE, by_process=True)
DATA_EXPORTS = RateLimit("data_exports", 6, HOUR)
"""Archives of everything a person has."""
EXPORTS = RateLimit("exports", 60, MINUTE, by_process=True)
CARD_ARCHIVES = RateLimit("card_archives", 30, HOUR)
"""ZIP archives of the cards of several characters."""
PREVIEWS = RateLimit("previews", 60, MINUTE, by_process=True)

ALL = (
    LETTERS_TO_ADDRESS,
    LETTERS_FROM_IP,
    PASSWORDS_OF_ACCOUNT,
    PASSWORDS_FROM_IP,
    PASSWORDS_A_DAY,
    CODES_A_DAY,
    TRIALS_FROM_IP,
    TRIALS_IN_ALL,
    MESSAGES_A_MINUTE,
    MESSAGES_A_DAY,
    UPLOADS,
    CHATS,
    IMPORTS,
    CHARACTERS,
    CARD_IMPORTS,
    CARD_PREVIEWS,
    BOOKS_MADE,
    BOOK_CHANGES,
    KEY_TRIALS,
    CHARACTER_SAVES,
    DRAFT_SAVES,
    SEARCHES,
    WRITING_HELP,
    MEMORY_CHANGES,
    MEMORY_RETELLINGS,
    REPORTS,
    DATA_EXPORTS,
    SERVER_CHECKS,
    API_CALLS,
    WEB_CALLS,
    WEB_CHANGES,
    EXPORTS,
    CARD_ARCHIVES,
    PREVIEWS,
)

DIALOGS_KEPT = Quota("dialogs_kept", 10_000)
MESSAGES_KEPT = Quota("messages_kept", 200_000)
CHARACTERS_KEPT = Quota("characters_kept", 2_000)
WORLDS_KEPT = Quota("worlds_kept", 200)
PICTURES_KEPT = Quota("pictures_kept", 3_000)
"""The number of photos also limits their bytes: re-encoded in our sizes, any of them takes less than a megabyte."""

CARD_MEGABYTES_KEPT = Quota("card_megabytes_kept", 1_000)
"""Card files as they came, with the pictures and sounds in them, and lorebooks that came as separate files."""

QUOTAS = (DIALOGS_KEPT, MESSAGES_KEPT, CHARACTERS_KEPT, PICTURES_KEPT, WORLDS_KEPT, CARD_MEGABYTES_KEPT)
NAMES = [each.name for each in (*ALL, *token_buckets.ALL, *QUOTAS)]


def read_times(text: str) -> dict[str, int]:
    """Overrides of the table's numbers by the limit's name, from a list such as `messages_a_minute=20,uploads=30`."""
    times = {}
    for each in filter(None, text.split(",")):
        name, is_given, number = (part.strip() for part in each.partition("="))
        if name not in NAMES or not is_given or not number.isdigit():
            raise ValueError(f"is a list like messages_a_minute=20,uploads=30; there are {', '.join(NAMES)}")
        times[name] = int(number)
    return times


class Store(Protocol):
    """Store of a rate limiter's counts: in memory, or in the database (domain/limit_counts.py)."""

    async def increment(self, windows: Mapping[str, timedelta]) -> dict[str, Count]:
        """Count each key once more, in windows of these lengths."""

    async def decrement(self, key: str) -> None:
        """Count once less."""

    async def transfer(self, keys: Mapping[str, str]) -> None:
        """Transfer counts: the count of the first key of each pair applies to the second, unless that one is higher."""


class RateLimiter:
    """The rate limiter. `times` overrides the numbers of the table by the limit's name, as the operator of the server
    wishes.
    """

    def __init__(self, store: Store, times: Mapping[str, int] | None = None) -> None:
        self._store = store
        self._of_this_process = InMemory()
        self._times = dict(times or {})

    async def take(self, limit: RateLimit, who: object) -> None:
        """Take one use from the rate limit of `who`; raises `RateLimited` if the limit is exceeded."""
        await self.take_each((limit,), who)

    async def take_each(self, limits: Sequence[RateLimit], who: object) -> None:
        """Take one use from each of these limits at once (they are kept in the same store); if one is exceeded, nothing
        is taken from those after it.
        """
        keys = {_key(limit, who): limit for limit in limits}
        try:
            counts = await self._counts(limits[0]).increment({key: limit.per for key, limit in keys.items()})
        except DatabaseUnavailable:
            self._allow_uncounted(limits)
            return
        for place, (key, limit) in enumerate(keys.items(), start=1):
            count, since = counts[key]
            if count > self._times.get(limit.name, limit.times):
                for other in limits[place:]:
                    await self.refund(other, who)
                raise RateLimited(since + limit.per)

    def _allow_uncounted(self, limits: Sequence[RateLimit]) -> None:
        for limit in limits:
            log.warning("Nobody counts just now; %s: %s", limit.name, "refused" if limit.refuses_blindly else "let in")
            if limit.refuses_blindly:
                raise RateLimited(now() + MINUTE)

    def most(self, quota: Quota) -> int:
        return self._times.get(quota.name, quota.most)

    async def refund(self, limit: RateLimit, who: object) -> None:
        """Refund a use: it turned out not to be one that the limit is about."""
        with suppress(DatabaseUnavailable):
            await self._counts(limit).decrement(_key(limit, who))

    def _counts(self, limit: RateLimit) -> Store:
        return self._of_this_process if limit.by_process else self._store

    async def transfer(self, before: object, who: object) -> None:
        """Transfer every count of `before` to `who`: they are the same person."""
        with suppress(DatabaseUnavailable):
            await self._store.transfer({_key(limit, before): _key(limit, who) for limit in ALL})


class InMemory:
    """In-memory store: counts of this process only, which is enough for a single one."""

    def __init__(self) -> None:
        self._counts: dict[str, tuple[int, datetime, datetime]] = {}
        self._until_sweep = SWEPT_EVERY

    async def increment(self, windows: Mapping[str, timedelta]) -> dict[str, Count]:
        return {key: self._increment(key, per) for key, per in windows.items()}

    def _increment(self, key: str, per: timedelta) -> Count:
        self._sweep()
        count, since, until = self._counts.get(key, (0, now(), now()))
        if until <= now():
            count, since = 0, now()
        self._counts[key] = (count + 1, since, since + per)
        return count + 1, since

    async def decrement(self, key: str) -> None:
        if kept := self._counts.get(key):
            self._counts[key] = (kept[0] - 1, *kept[1:])

    async def transfer(self, keys: Mapping[str, str]) -> None:
        for before, after in keys.items():
            if before in self._counts:
                self._counts[after] = max(self._counts[before], self._counts.get(after, (0, now(), now())))

    def _sweep(self) -> None:
        self._until_sweep -= 1
        if self._until_sweep <= 0:
            self._until_sweep = SWEPT_EVERY
            self._counts = {key: kept for key, kept in self._counts.items() if kept[2] > now()}


def _key(limit: RateLimit, who: object) -> str:
    return f"{limit.name}: {hashlib.sha256(str(who).encode('utf-8', 'replace')).hexdigest()[:32]}"

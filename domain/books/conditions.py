"""Conditions: the requirements of a lorebook entry besides its keys."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from random import Random

from domain.books.entry import HIGHEST_CHANCE, Entry, Logic, Place
from domain.books.matching.keys import Key, read_key


@dataclass(frozen=True)
class Circumstances:
    """Inputs of activation besides the texts. The counts are those of the path. `fired_at` maps the number of each
    entry that fired before on the path to the count of messages when it last fired.
    """

    messages: int = 0
    replies: int = 0
    greeting: int = 0
    fired_at: Mapping[int, int] = field(default_factory=dict)
    budget: int = 2**31
    """Maximum characters of the entries in a prompt."""
    around: Mapping[Place, int] = field(default_factory=dict)
    """Characters that an entry takes in a prompt besides its text, by its place."""
    seed: int = 0
    """Seed of chance, the same for the same reply, so that asking again fires the same entries."""


class LeftOut(StrEnum):
    """Reason that an entry which is constant or whose key fired is missing from the prompt."""

    OFF = "off"
    SECONDARY = "secondary"  # its secondary keys did not fire as its logic requires
    OTHER_KEYS = "other keys"  # a decorator requires more keys, or excludes one that fired
    TIME = "time"  # too early, cooling down, not with this reply, or another greeting
    CHANCE = "chance"
    FORBIDDEN = "forbidden"  # a decorator forbids it
    GROUP = "group"  # another entry of its group fired
    BUDGET = "budget"


class Conditions:
    """Requirements of an entry besides its keys."""

    def __init__(self, entry: Entry, make: Callable[..., Key] = read_key) -> None:
        """`make` compiles the keys of decorators, with the settings of the entry's own keys."""
        self._entry = entry
        said = entry.decorators
        how = {"is_case_sensitive": entry.is_case_sensitive, "whole_words": entry.whole_words}
        self._also_needed = [tuple(make(key, **how) for key in some) for some in said.also_needed]
        self._excluded = tuple(make(key, **how) for key in said.excluded)
        self.asks_other_keys = bool(self._also_needed or self._excluded) and not said.is_forced

    def stays(self, now: Circumstances) -> bool:
        """Whether it still fires because it fired before."""
        fired_at = now.fired_at.get(self._entry.number)
        if fired_at is None:
            return False
        return self._entry.decorators.stays or now.messages - fired_at <= self._entry.sticky

    def secondary_fire(self, fires: Callable[[Key], bool]) -> bool:
        keys = self._entry.secondary_keys
        if not keys:
            return True
        hits = [*map(fires, keys)]
        match self._entry.logic:
            case Logic.ALL:
                return all(hits)
            case Logic.NOT_ALL:
                return not all(hits)
            case Logic.NONE:
                return not any(hits)
            case Logic.ANY:
                return any(hits)

    def refuse(self, now: Circumstances, fires: Callable[[Key], bool], *, stays: bool) -> LeftOut | None:
        """The reason that it does not fire now; None if it fires. For an entry that stays, the time, other keys and
        chance no longer count.
        """
        entry, said = self._entry, self._entry.decorators
        if not entry.is_on:
            return LeftOut.OFF
        if said.is_forbidden and not said.is_forced:
            return LeftOut.FORBIDDEN
        if said.is_forced or stays:
            return None
        if not self._is_the_time(now):
            return LeftOut.TIME
        if self.asks_other_keys and not self._other_keys_fire(fires):
            return LeftOut.OTHER_KEYS
        return None if self._is_lucky(now) else LeftOut.CHANCE

    def _other_keys_fire(self, fires: Callable[[Key], bool]) -> bool:
        return not any(map(fires, self._excluded)) and all(any(map(fires, some)) for some in self._also_needed)

    def _is_the_time(self, now: Circumstances) -> bool:
        entry, said = self._entry, self._entry.decorators
        fired_at = now.fired_at.get(entry.number)
        if fired_at is not None:
            ended = fired_at + entry.sticky
            if said.fires_once or ended < now.messages <= ended + entry.cooldown:
                return False
        is_early = now.messages < entry.delay or now.replies < said.only_after
        is_between = said.only_every > 1 and now.replies % said.only_every != 0
        is_of_another = said.greeting is not None and said.greeting != now.greeting
        return not (is_early or is_between or is_of_another)

    def _is_lucky(self, now: Circumstances) -> bool:
        if self._entry.chance >= HIGHEST_CHANCE:
            return True
        return Random(f"{now.seed} {self._entry.number}").random() * HIGHEST_CHANCE < self._entry.chance  # noqa: S311 - a story's chance, not a secret

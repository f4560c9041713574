"""Needles, each with questions in several forms: what is to be found again, and what never may be (needles.toml)."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from domain.llm.port import Role


class Kind(StrEnum):
    SAID = "said"
    NAME = "name"
    PROMISE = "promise"
    RESTATED = "restated"
    UPDATED = "updated"
    JOINED = "joined"
    ORDER = "order"
    PINNED = "pinned"
    BRANCH = "branch"
    DELETED = "deleted"
    FILTERED = "filtered"
    HIDDEN = "hidden"
    FORGOTTEN = "forgotten"


class Form(StrEnum):
    """Form of the question about a needle."""

    SAME = "same"
    OTHER = "other"
    SYNONYM = "synonym"
    INFERENCE = "inference"


LEAKS = (Kind.BRANCH, Kind.DELETED, Kind.FILTERED, Kind.HIDDEN, Kind.FORGOTTEN)
"""What must be in no prompt."""


@dataclass(frozen=True, eq=False)
class Needle:
    kind: Kind
    who: Role
    said: tuple[str, ...]
    evidence: tuple[str, ...]
    asks: dict[Form, str]

    def is_in(self, prompt: str) -> bool:
        return all(each in prompt for each in self.evidence)

    def leaks_into(self, prompt: str) -> bool:
        return any(each in prompt for each in self.evidence)


@cache
def needles() -> tuple[Needle, ...]:
    return tuple(_needle(**each) for each in _told()["needle"])


@cache
def never_said() -> tuple[str, ...]:
    """Questions about things that were never mentioned."""
    return tuple(_told()["never"]["questions"])


def of(*kinds: Kind) -> list[Needle]:
    return [each for each in needles() if each.kind in kinds]


def one_of_each() -> list[Needle]:
    """One needle of each kind, and one of each speaker for kinds that both may say."""
    found = {(each.kind, each.who): each for each in reversed(needles())}
    return [each for each in needles() if each in found.values()]


def divided(into: int) -> list[list[Needle]]:
    """All needles, divided among short talks, in which there is no room for all of them."""
    return [list(needles()[first::into]) for first in range(into)]


def _told() -> dict[str, Any]:
    return tomllib.loads((Path(__file__).parent / "needles.toml").read_text())


def _needle(said: list[str], evidence: list[str], kind: str = Kind.SAID, who: str = "person", **asks: str) -> Needle:
    role = Role.ASSISTANT if who == "character" else Role.USER
    return Needle(Kind(kind), role, tuple(said), tuple(evidence), {Form(form): text for form, text in asks.items()})

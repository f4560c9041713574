"""Test data: a large Russian lorebook of made-up names, and talks that name a few of its entries, in other forms."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import islice
from random import Random
from typing import Any

from tests.remembering.filler import Filler

KEYS = 3


@cache
def heavy_book(entries: int, *, expressions: int = 0) -> dict[str, Any]:
    """A V3 book, whose first entries are the same whatever their number. The last `expressions` entries have a regular
    expression as well.
    """
    filler, names = Filler(Random(0)), _names()
    return {
        "name": "Остров",
        "scan_depth": 8,
        "extensions": {},
        "entries": [
            _entry(number, islice(names, KEYS), filler.reply(), has_expression=number >= entries - expressions)
            for number in range(entries)
        ],
    }


def alike_book(entries: int, *, keys: int, begin: str) -> dict[str, Any]:
    """A book whose keys all begin with the same words."""
    names = iter(_all_names())
    made = [[f"{begin} {next(names, number)}" for _ in range(keys)] for number in range(entries)]
    usual = {"content": "…", "extensions": {}, "enabled": True, "use_regex": False, "insertion_order": 0}
    return {"extensions": {}, "entries": [usual | {"keys": some} for some in made]}


def same_book(entries: int, *, keys: int, begin: str) -> dict[str, Any]:
    """A book whose entries all have the same keys, which begin with the same words."""
    usual = {"content": "…", "extensions": {}, "enabled": True, "use_regex": False, "insertion_order": 0}
    some = [f"{begin} {number}" for number in range(keys)]
    return {"extensions": {}, "entries": [usual | {"keys": some} for _ in range(entries)]}


def talk(messages: int, *, named: int, times: int = 1) -> list[str]:
    """Questions and replies in turn, each `times` as long as usual; together they name `named` of the first entries."""
    filler, names = Filler(Random(7)), [*islice(_names(), KEYS * named)][::KEYS]
    said = []
    for place in range(messages):
        spoken = " ".join((filler.reply if place % 2 else filler.question)() for _ in range(times))
        said.append(f"{spoken} Говорили о «{'», «'.join(f'{name}ом' for name in names[place::messages])}».")
    return said


def _entry(number: int, names: Iterator[str], content: str, *, has_expression: bool) -> dict[str, Any]:
    first, second, third = names
    expressions = [f"/{third[:-1]}[а-я]{{1,3}}/i"] if has_expression else []
    return {
        "keys": [first, second, f"{second} {third}", *expressions],
        "content": content,
        "extensions": {},
        "enabled": True,
        "insertion_order": number,
        "use_regex": False,
        "name": first,
    }


def _names() -> Iterator[str]:
    return iter(_all_names())


@cache
def _all_names() -> list[str]:
    random, names = Random(3), dict[str, None]()
    while len(names) < KEYS * 5_000:
        syllables = (random.choice("бвгдзклмнпрст") + random.choice("аеиоу") for _ in range(3))
        names["".join(syllables).capitalize() + random.choice("бдклмнрст")] = None
    return [*names]

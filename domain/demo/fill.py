"""Fill a database with people, characters and conversations, for trying things at size."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from random import Random

from domain.admin.roll_up import RollUp
from domain.characters.popularity import Popularity
from domain.clock import now
from domain.demo.arrivals import add_characters, add_people
from domain.demo.chatter import add_talks
from domain.demo.people import Person
from domain.demo.work import Work
from storage.bulk import analyze
from storage.database import Database

CHARACTERS_A_PERSON, DIALOGS_A_PERSON = 4, 3


@dataclass(frozen=True)
class Added:
    people: int
    characters: int
    dialogs: int
    messages: int


def people_for(characters: int, dialogs: int) -> int:
    """How many people so many characters and dialogs take."""
    return max(-(-characters // CHARACTERS_A_PERSON), -(-dialogs // DIALOGS_A_PERSON))


async def fill(
    database: Database,
    characters: int,
    dialogs: int,
    told: Callable[[int], None],
    *,
    people: int | None = None,
    seed: int = 0,
    until: datetime | None = None,
) -> Added:
    """Add so many of each; `told` hears how many people, characters and dialogs have been added since it was told last.

    The dialogs are the new people's, with any character that is there for everybody; without one there are none. There
    are always people for what is to be added, `people` or as many as seems natural. Everything has happened before
    `until`, by default this moment; the same `seed` and the same moment add the same to the same database.
    """
    work = Work(database, Random(seed), until or now(), told)  # noqa: S311 - no secret
    wanted = people_for(characters, dialogs) if people is None else people
    crowd = await add_people(work, max(wanted, min(characters + dialogs, 1)))
    await add_characters(work, crowd, characters)
    talked, messages = await add_talks(work, crowd, dialogs)
    await Popularity(database).count()
    await analyze(database)
    await _have_summed_up(database, crowd)
    return Added(len(crowd), characters, talked, messages)


async def _have_summed_up(database: Database, crowd: list[Person]) -> None:
    """For the admins' numbers: the hours by the server that runs or starts next, the people at once."""
    summing = RollUp(database)
    if crowd:
        await summing.forget_since(min(each.created_at for each in crowd))
    await summing.people()

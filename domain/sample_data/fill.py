"""Sample data generator: fills a database with users, characters and conversations, for testing at scale."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from random import Random

from domain.characters.popularity import Popularity
from domain.clock import now
from domain.sample_data.arrivals import add_characters, add_people
from domain.sample_data.batches import Work
from domain.sample_data.dialogs import add_talks
from domain.sample_data.people import Person
from domain.statistics.roll_up import RollUp
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
    """The number of users that so many characters and dialogs need."""
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
    """Add these numbers of each; `told` is called with the number of users, characters and dialogs added since its last
    call.

    The dialogs belong to the new users, with any public character; without one there are none. Users are always created
    for what is added, `people` or a natural number of them. Everything happens before `until`, by default now; the same
    `seed` and `until` add the same to the same database.
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
    """Have the admins' statistics computed: the hours by the server that runs or starts next, the users now."""
    summing = RollUp(database)
    if crowd:
        await summing.recompute_since(min(each.created_at for each in crowd))
    await summing.people()

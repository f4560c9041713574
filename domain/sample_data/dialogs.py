"""Sample data, dialogs: the users talk with characters and rate them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from sqlalchemy import bindparam, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.characters.favourites import Favourite
from domain.characters.macros import filled_in
from domain.characters.visibility import is_open
from domain.characters.votes import Vote, score_of
from domain.model.character import Character, Gender
from domain.model.dialog import Dialog, Message
from domain.model.user import User
from domain.sample_data.arrivals import CHARACTERS, TABLES
from domain.sample_data.batches import Work, batches
from domain.sample_data.dates import moment_between
from domain.sample_data.people import Person
from domain.sample_data.ratings import favourite, vote
from domain.sample_data.sampling import one_of
from domain.sample_data.totals import dialog_sums, usage_rows
from domain.sample_data.transcripts import Partner, Talk, talk
from domain.usage.usage import add_counts
from storage.bulk import Row, add_rows, reserve_ids
from storage.database import LOCK_FOR_UPDATE, Database

BATCH = 250
"""Dialogs per transaction: some five thousand messages."""
SEASON = timedelta(days=90)
SOCIABLE, POPULAR = 1.7, 3
"""Exponents of the skewed choice: the larger, the more the first ones talk, or are talked with; 1 would be uniform."""
TRIES = 30
"""Attempts to find two who both existed at a random moment of the season: otherwise everybody would talk today with
yesterday's newcomers.
"""

DIALOGS, MESSAGES, VOTES, FAVOURITES = (TABLES[str(noun.__tablename__)] for noun in (Dialog, Message, Vote, Favourite))
COUNTED = ("talks", "votes_sum", "votes_count", "score")
COUNT = (
    update(CHARACTERS)
    .where(CHARACTERS.c.id == bindparam("character"))
    .values({name: bindparam(f"new_{name}") for name in COUNTED})
)


@dataclass(frozen=True, slots=True)
class _Meeting:
    person: Person
    character_id: int
    begins: datetime


@dataclass
class _Opinions:
    """Rows for users who have talked with a character for the first time."""

    votes: list[Row] = field(default_factory=list)
    favourites: list[Row] = field(default_factory=list)


async def add_talks(work: Work, crowd: list[Person], count: int) -> tuple[int, int]:
    """Add dialogs; returns the numbers of added dialogs and messages."""
    popular = await _open_characters(work.database)
    if not popular:
        return 0, 0
    work.chance.shuffle(popular)
    acquainted: set[tuple[int, int]] = set()
    messages = 0
    for size in batches(count, BATCH):
        meetings = [_meeting(work, crowd, popular) for _ in range(size)]
        partners = await _partners(work.database, meetings)
        talks = [
            talk(work.chance, each.person, partner, each.begins, work.now)
            for each, partner in zip(meetings, partners, strict=True)
        ]
        opinions = _opinions(work.chance, talks, acquainted)
        async with work.database.write() as db:
            messages += await _keep_talks(db, talks)
            await _keep_opinions(db, opinions)
            await _add_up(db, talks, opinions.votes)
        work.told(size)
    return count, messages


async def _open_characters(database: Database) -> list[tuple[int, datetime]]:
    """The ids of the public characters, and when each was created."""
    question = select(Character.id, Character.created_at).where(is_open()).order_by(col(Character.id))
    async with database.read() as db:
        return [(character_id, since) for character_id, since in await db.exec(question)]


def _meeting(work: Work, crowd: list[Person], popular: list[tuple[int, datetime]]) -> _Meeting:
    """A random meeting in the last ninety days, not before both existed."""
    for _ in range(TRIES):
        person, (character_id, since) = one_of(work.chance, crowd, SOCIABLE), one_of(work.chance, popular, POPULAR)
        begins = moment_between(work.chance, work.now - SEASON, work.now)
        both_there = min(max(person.created_at, since), work.now)
        if begins >= both_there:
            return _Meeting(person, character_id, begins)
    return _Meeting(person, character_id, moment_between(work.chance, both_there, work.now))


async def _partners(database: Database, meetings: list[_Meeting]) -> list[Partner]:
    """The character of each meeting, as it greets this person."""
    async with database.read() as db:
        wanted = {each.character_id for each in meetings}
        characters = {each.id: each for each in await db.exec(select(Character).where(col(Character.id).in_(wanted)))}
        people = {each.person.id for each in meetings}
        users = {each.id: each for each in await db.exec(select(User).where(col(User.id).in_(people)))}
    return [_partner(characters[each.character_id], users[each.person.id]) for each in meetings]


def _partner(character: Character, user: User) -> Partner:
    greeting = filled_in(character.greeting, character, user)
    is_woman = character.gender == Gender.FEMALE
    return Partner(character.id, is_woman, greeting, character.interests)


def _opinions(chance: Random, talks: Iterable[Talk], acquainted: set[tuple[int, int]]) -> _Opinions:
    """Each user rates each character once; new pairs are added to `acquainted`."""
    opinions = _Opinions()
    for each in talks:
        pair = each.dialog["user_id"], each.dialog["character_id"]
        if pair not in acquainted:
            acquainted.add(pair)
            opinions.votes += vote(chance, *pair, each.dialog["spoken_at"])
            opinions.favourites += favourite(chance, *pair, each.dialog["spoken_at"])
    return opinions


async def _keep_talks(db: AsyncSession, talks: list[Talk]) -> int:
    """Store the dialogs; returns the number of messages."""
    dialogs: list[Row] = []
    messages: list[Row] = []
    ids = iter(await reserve_ids(db, MESSAGES, sum(len(each.messages) for each in talks)))
    for each, dialog_id in zip(talks, await reserve_ids(db, DIALOGS, len(talks)), strict=True):
        dialog, lines = each.settled(dialog_id, [next(ids) for _ in each.messages])
        dialogs.append(dialog | dialog_sums(each.messages))
        messages += lines
    await add_rows(db, DIALOGS, dialogs)
    await add_rows(db, MESSAGES, messages)
    await add_counts(db, usage_rows(talks))
    return len(messages)


async def _keep_opinions(db: AsyncSession, opinions: _Opinions) -> None:
    ids = await reserve_ids(db, VOTES, len(opinions.votes))
    await add_rows(db, VOTES, [row | {"id": vote_id} for row, vote_id in zip(opinions.votes, ids, strict=True)])
    await add_rows(db, FAVOURITES, opinions.favourites)


async def _add_up(db: AsyncSession, talks: Iterable[Talk], votes: list[Row]) -> None:
    """Update the counters of the characters."""
    begun = Counter(each.dialog["character_id"] for each in talks)
    given = Counter(row["character_id"] for row in votes)
    points: Counter[int] = Counter()
    for row in votes:
        points[row["character_id"]] += row["value"]
    # In the order of their ids, so that two concurrent counts cannot deadlock.
    question = select(Character.id, Character.talks, Character.votes_sum, Character.votes_count)
    these = question.where(col(Character.id).in_(begun)).order_by(col(Character.id)).with_for_update(**LOCK_FOR_UPDATE)
    sums = []
    for character_id, talked, votes_sum, votes_count in await db.exec(these):
        new_sum, new_count = votes_sum + points[character_id], votes_count + given[character_id]
        counts = (talked + begun[character_id], new_sum, new_count, score_of(new_sum, new_count))
        new = {f"new_{name}": count for name, count in zip(COUNTED, counts, strict=True)}
        sums.append({"character": character_id, **new})
    await (await db.connection()).execute(COUNT, sums)

"""Ratings: who may rate a character, and that the sums are right whatever happens at once."""

from __future__ import annotations

import asyncio

import pytest
from sqlmodel import col, update

from domain.accounts.sessions import Caller
from domain.characters.characters import Characters
from domain.characters.gallery import Gallery
from domain.characters.gallery_order import Sort
from domain.characters.gallery_query import GalleryQuery
from domain.characters.relation import Relations
from domain.characters.votes import Votes, mean_of
from domain.errors import Invalid, NotAllowed, NotFound
from domain.llm.port import Role
from domain.model.character import FIRST_SCORE, Character
from domain.model.dialog import Dialog, Message, State
from storage.database import Database
from tests.domain.conftest import People, filled, listed, talked


@pytest.fixture
def votes(database: Database) -> Votes:
    return Votes(database)


async def numbers(database: Database, character_id: int) -> tuple[float, int]:
    """Mean and number of votes, as a card shows them."""
    async with database.read() as db:
        character = await db.get_one(Character, character_id)
    return mean_of(character), character.votes_count


async def seen(database: Database, person: Caller, character_id: int) -> int:
    """The person's own vote, as the page shows it."""
    return (await Relations(database).between(person, character_id)).vote


async def test_a_vote_is_given_changed_and_taken_back(
    characters: Characters, votes: Votes, database: Database, people: People, ira: Caller, boris: Caller
) -> None:
    marina = await characters.save(ira, filled())
    lena = await people.come("lena")
    for person in (lena, boris):
        await talked(database, person, marina.id)
    await votes.rate(boris, marina.id, 9)
    await votes.rate(lena, marina.id, 6)
    assert (await numbers(database, marina.id), await seen(database, boris, marina.id)) == ((7.5, 2), 9)
    await votes.rate(boris, marina.id, 10)
    assert await numbers(database, marina.id) == (8.0, 2)
    await votes.rate(lena, marina.id, None)
    await votes.rate(lena, marina.id, None)
    assert (await numbers(database, marina.id), await seen(database, lena, marina.id)) == ((10.0, 1), 0)
    await characters.save(ira, filled(id=marina.id))
    assert await numbers(database, marina.id) == (10.0, 1), "an editor takes no votes away"


async def test_only_who_has_said_something_to_it_may_vote(
    characters: Characters, votes: Votes, database: Database, ira: Caller, boris: Caller
) -> None:
    marina = await characters.save(ira, filled())
    async with database.write() as db:
        db.add(Dialog(user_id=boris.user_id, character_id=marina.id))  # opened, and nothing said
    for person in (ira, boris):
        with pytest.raises(NotAllowed):
            await votes.rate(person, marina.id, 10)
    assert await numbers(database, marina.id) == (0.0, 0)
    await talked(database, boris, marina.id)
    for nonsense in (0, 11, -1):
        with pytest.raises(Invalid):
            await votes.rate(boris, marina.id, nonsense)
    await characters.save(ira, filled(id=marina.id, is_public=False))
    with pytest.raises(NotFound):
        await votes.rate(boris, marina.id, 10)


async def test_nobody_rates_a_character_of_their_own(
    characters: Characters, votes: Votes, database: Database, ira: Caller
) -> None:
    marina = await characters.save(ira, filled())
    await talked(database, ira, marina.id)
    with pytest.raises(NotAllowed, match="your own"):
        await votes.rate(ira, marina.id, 10)
    assert await numbers(database, marina.id) == (0.0, 0)


async def change_messages(database: Database, dialog_id: int, role: Role, **values: object) -> None:
    async with database.write() as db:
        await db.exec(
            update(Message).where(col(Message.dialog_id) == dialog_id, col(Message.role) == role).values(values)
        )


@pytest.mark.parametrize(
    ("role", "values"),
    [
        (Role.USER, {"is_loaded": True}),
        (Role.ASSISTANT, {"is_loaded": True}),
        (Role.ASSISTANT, {"text": ""}),
        (Role.ASSISTANT, {"state": State.FILTERED}),
        (Role.ASSISTANT, {"parent_id": None}),
    ],
    ids=["a loaded question", "a loaded reply", "no reply", "the filter's words", "a greeting"],
)
async def test_a_vote_needs_words_of_ones_own_that_were_answered_here(
    characters: Characters,
    votes: Votes,
    database: Database,
    ira: Caller,
    boris: Caller,
    role: Role,
    values: dict[str, object],
) -> None:
    marina = await characters.save(ira, filled())
    dialog_id = await talked(database, boris, marina.id)
    await change_messages(database, dialog_id, role, **values)
    with pytest.raises(NotAllowed, match="Chat with this character"):
        await votes.rate(boris, marina.id, 1)
    assert not (await Relations(database).between(boris, marina.id)).has_talked, "and the page offers no marks"


async def test_twenty_people_at_once_are_all_counted(
    characters: Characters, votes: Votes, database: Database, people: People, ira: Caller
) -> None:
    marina = await characters.save(ira, filled())
    crowd = [await people.come(f"guest{each}") for each in range(20)]
    for person in crowd:
        await talked(database, person, marina.id)
    await asyncio.gather(*(votes.rate(person, marina.id, 3) for person in crowd))
    assert await numbers(database, marina.id) == (3.0, 20)
    again = [votes.rate(person, marina.id, each % 10 + 1) for each, person in enumerate(crowd)]
    await asyncio.gather(*again, *(votes.rate(crowd[0], marina.id, 1) for _ in range(5)))
    assert await numbers(database, marina.id) == (5.5, 20)
    await asyncio.gather(*(votes.rate(person, marina.id, None) for person in crowd))
    assert await numbers(database, marina.id) == (0.0, 0)
    async with database.read() as db:
        assert (await db.get_one(Character, marina.id)).score == FIRST_SCORE


async def test_a_single_ten_does_not_win(
    characters: Characters, votes: Votes, gallery: Gallery, database: Database, people: People, ira: Caller
) -> None:
    liked, lucky, disliked, _new = [
        (await characters.save(ira, filled(name=name))).id for name in ("Любимая", "Везучая", "Постылая", "Новая")
    ]
    for each in range(6):
        person = await people.come(f"guest{each}")
        for character_id in (liked, lucky, disliked):
            await talked(database, person, character_id)
        await votes.rate(person, liked, 9)
        await votes.rate(person, disliked, 3)
    await votes.rate(person, lucky, 10)
    assert await listed(gallery, None, GalleryQuery(sort=Sort.RATING)) == ["Любимая", "Везучая", "Новая", "Постылая"]

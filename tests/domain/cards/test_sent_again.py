"""Idempotency of imports: one whose answer was lost is requested again, and kept once."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from domain.accounts.sessions import Caller
from domain.books.books import Books
from domain.cards.book_import import BookImport
from domain.cards.card_import import CardImport
from domain.characters.characters import Characters
from domain.errors import Invalid
from domain.idempotency import IdempotencyKey
from domain.model.dialog import CLIENT_ID_LIMIT
from domain.rate_limits import RateLimiter
from storage.database import Database
from tests.clock import Clock
from tests.domain.cards.card_files import v3
from tests.domain.cards.test_card_lifetime import CARD
from tests.domain.conftest import files_below, filled

WORLD = json.dumps({"spec": "lorebook_v3", "data": {"name": "Арбат", "extensions": {}, "entries": []}}).encode()


async def test_a_card_is_kept_once_for_each_key_of_each_person(
    importing: CardImport, characters: Characters, ira: Caller, boris: Caller
) -> None:
    first, _ = await importing.keep(ira, CARD, client_id="a")
    again, found = await importing.keep(ira, CARD, client_id="a")
    assert (again.id, found.fields["name"]) == (first.id, first.name)
    others = [(await importing.keep(who, CARD, client_id=key))[0].id for who, key in ((ira, "b"), (boris, "a"))]
    assert len({first.id, *others}) == 3
    assert (await importing.keep(ira, CARD))[0].id != (await importing.keep(ira, CARD))[0].id, "without one, two"
    await characters.delete(ira, first.id)
    anew, _ = await importing.keep(ira, CARD, client_id="a")
    assert anew.id != first.id, "what is gone is no answer"
    assert (await importing.keep(ira, CARD, client_id="a"))[0].id == anew.id


async def test_sent_twice_at_the_same_moment_it_leaves_one_character_and_its_files_once(
    importing: CardImport, pictures: Path, ira: Caller
) -> None:
    await importing.keep(ira, CARD, client_id="a")
    files_of_one = len(files_below(pictures))
    made = await asyncio.gather(*(importing.keep(ira, CARD, client_id="b") for _ in range(3)))
    assert len({character.id for character, _found in made}) == 1
    assert len(files_below(pictures)) == 2 * files_of_one


async def test_a_world_is_kept_once_too_and_no_character_in_its_place(
    importing: CardImport, book_import: BookImport, database: Database, limits: RateLimiter, ira: Caller
) -> None:
    await importing.keep(ira, json.dumps(v3()).encode(), client_id="a")
    made = await asyncio.gather(*(book_import.keep_as_world(ira, WORLD, client_id="a") for _ in range(2)))
    assert len({world.id for world, _found in made}) == 1
    world = made[0][0]
    await Books(database, limits).delete(ira, world.id)
    assert (await book_import.keep_as_world(ira, WORLD, client_id="a"))[0].id != world.id


async def test_entries_are_put_into_a_book_once(
    book_import: BookImport, characters: Characters, database: Database, limits: RateLimiter, ira: Caller
) -> None:
    books, marina = Books(database, limits), await characters.save(ira, filled())
    file = json.dumps({"entries": {"0": {"key": ["кот"], "content": "Кот."}}}).encode()
    world, other = await books.create_world(ira, "Острова"), await books.create_world(ira, "Горы")
    await asyncio.gather(*(book_import.keep_in_book(ira, world.id, file, client_id="a") for _ in range(2)))
    assert (await books.view(ira, world.id)).entries == 1
    await book_import.keep_in_book(ira, world.id, file, client_id="b")
    await book_import.keep_in_book(ira, other.id, file, client_id="b")
    assert [(await books.view(ira, each.id)).entries for each in (world, other)] == [2, 1]
    for key in ("c", "c", "d"):
        book, _ = await book_import.keep_in_character(ira, marina.id, file, client_id=key)
    assert (await books.view(ira, book.id)).entries == 2


async def test_a_key_is_kept_for_a_day(importing: CardImport, database: Database, ira: Caller, clock: Clock) -> None:
    first, _ = await importing.keep(ira, CARD, client_id="a")
    clock.advance(timedelta(hours=23))
    await importing.keep(ira, CARD, client_id="b")
    again, _ = await importing.keep(ira, CARD, client_id="a")
    assert again.id == first.id, "another import meanwhile does not end it"
    clock.advance(timedelta(days=1, minutes=1))
    await importing.keep(ira, CARD, client_id="c")
    async with database.read() as db:
        assert (await db.exec(select(IdempotencyKey.client_id))).all() == ["c"]


@pytest.mark.parametrize("client_id", ["a\n", "\u202ea", "a" * (CLIENT_ID_LIMIT + 1)])
async def test_a_key_that_cannot_be_stored_is_refused(
    importing: CardImport, book_import: BookImport, characters: Characters, ira: Caller, client_id: str
) -> None:
    marina = await characters.save(ira, filled())
    for sent in (
        importing.keep(ira, CARD, client_id=client_id),
        book_import.keep_as_world(ira, WORLD, client_id=client_id),
        book_import.keep_in_character(ira, marina.id, WORLD, client_id=client_id),
    ):
        with pytest.raises(Invalid) as refused:
            await sent
        assert refused.value.field == "client_id"
    await book_import.keep_as_world(ira, WORLD, client_id="a" * CLIENT_ID_LIMIT)

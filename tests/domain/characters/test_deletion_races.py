"""Deletion races: an admin deletes what its author restores, from two processes at once; on both databases."""

from __future__ import annotations

import asyncio
from asyncio import Barrier
from collections.abc import AsyncGenerator, Awaitable, Callable
from functools import partial

import pytest

from domain.accounts.accounts import Accounts
from domain.accounts.sessions import Caller
from domain.characters.characters import Characters
from domain.characters.duplicate_restore import DuplicateRestore
from domain.errors import NotAllowed, NotFound
from domain.model.character import Character
from domain.pictures.photos import Photos
from domain.rate_limits import RateLimiter
from storage.database import Database
from tests.domain.conftest import filled

ROUNDS, TABS = 10, 5


@pytest.fixture
def copies(database: Database, photos: Photos, limits: RateLimiter) -> DuplicateRestore:
    return DuplicateRestore(database, photos, limits)


@pytest.fixture
async def admins_characters(database_url: str, photos: Photos, limits: RateLimiter) -> AsyncGenerator[Characters]:
    """The use cases as in a second process: the two meet only in the database."""
    database = Database(database_url)
    yield Characters(database, photos, limits)
    await database.close()


@pytest.fixture
async def admin(accounts: Accounts, boris: Caller) -> Caller:
    await accounts.set_admin("boris@example.org", is_admin=True)
    return boris


async def at_once(*gestures: Callable[[], Awaitable[object]]) -> list[BaseException | None]:
    """Outcome of each gesture when all start together: an exception or None."""
    start = Barrier(len(gestures))

    async def run(gesture: Callable[[], Awaitable[object]]) -> None:
        await start.wait()
        await gesture()

    return await asyncio.gather(*map(run, gestures), return_exceptions=True)


@pytest.mark.parametrize("is_deleted_before", [False, True])
async def test_what_an_admin_deletes_while_its_author_restores_it_stays_deleted(
    database: Database,
    characters: Characters,
    admins_characters: Characters,
    copies: DuplicateRestore,
    ira: Caller,
    admin: Caller,
    is_deleted_before: bool,
) -> None:
    """The author has it open in several tabs, each with an «Undo» that was valid when it was shown."""
    for _ in range(ROUNDS):
        marina = await characters.save(ira, filled())
        if is_deleted_before:
            await characters.delete(ira, marina.id)
        restoring = [lambda number=marina.id: copies.restore(ira, number)] * TABS
        deleting = [lambda number=marina.id: admins_characters.delete(admin, number)] * TABS
        ends = await at_once(*(each for pair in zip(restoring, deleting, strict=True) for each in pair))
        restored, deleted = ends[::2], ends[1::2]
        assert {type(end) for end in restored} <= {type(None), NotAllowed}
        assert {type(end) for end in deleted} <= {type(None), NotFound}
        assert deleted.count(None) == 1 or (is_deleted_before and None not in deleted), (
            "before the author brought it back"
        )
        if None in deleted:
            await check_that_it_stays_deleted(database, copies, ira, admin, marina.id)


async def test_an_author_who_deletes_at_the_same_moment_does_not_make_it_their_own_deletion(
    database: Database,
    characters: Characters,
    admins_characters: Characters,
    copies: DuplicateRestore,
    ira: Caller,
    admin: Caller,
) -> None:
    for _ in range(ROUNDS):
        marina = await characters.save(ira, filled())
        ends = await at_once(
            partial(characters.delete, ira, marina.id),
            partial(admins_characters.delete, admin, marina.id),
        )
        assert sorted(type(end).__name__ for end in ends) == ["NoneType", "NotFound"], "one of the two deleted it"
        if ends[1] is None:
            await check_that_it_stays_deleted(database, copies, ira, admin, marina.id)
        else:
            await copies.restore(ira, marina.id)


async def check_that_it_stays_deleted(
    database: Database, copies: DuplicateRestore, author: Caller, admin: Caller, character_id: int
) -> None:
    with pytest.raises(NotAllowed):
        await copies.restore(author, character_id)
    assert not await copies.may_restore(author, character_id)
    async with database.read() as db:
        character = await db.get_one(Character, character_id)
        assert character.deleted_at
        assert character.deleted_by_id == admin.user_id

"""Ids of paths, cached in each process: right on every branch, read once, forgotten in time."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from sqlalchemy import event
from sqlmodel import col, delete

from domain.chat.tree.message_tree import path_up
from domain.memory.path_ids import PathIds
from domain.model.dialog import Message
from storage.database import Database
from tests.domain.chat.conftest import ChatWorld
from tests.domain.chat.test_long_dialogs import line, planted


class Statements:
    def __init__(self) -> None:
        self.count = 0


@asynccontextmanager
async def counted(database: Database) -> AsyncGenerator[Statements]:
    seen = Statements()

    def count(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        seen.count += "message" in statement

    event.listen(database._reader.sync_engine, "after_cursor_execute", count)
    yield seen
    event.remove(database._reader.sync_engine, "after_cursor_execute", count)


async def path_of(world: ChatWorld, paths: PathIds, leaf_id: int | None) -> list[int]:
    async with world.database.read() as db:
        return (await paths.of(db, leaf_id)).ids.tolist()


async def test_a_path_tells_what_is_on_it_and_at_which_place(world: ChatWorld) -> None:
    person = await world.somebody()
    _dialog, ids = await planted(world, person, line(3_000))
    async with world.database.read() as db:
        path = await PathIds().of(db, ids[-1])
        assert path.ids.tolist() == ids
        assert len(path) == 3_000
        assert ids[5] in path
        assert ids[-1] + 1 not in path
        assert (path.number(ids[0]), path.number(ids[9])) == (1, 10)
        assert path.between(ids[2], ids[5]).tolist() == ids[3:6]
        assert path.between(0, ids[1]).tolist() == ids[:2]
        assert len(await PathIds().of(db, None)) == 0


async def test_branches_have_paths_of_their_own(world: ChatWorld) -> None:
    person = await world.somebody()
    fork = 40
    parents: list[int | None] = [*line(60), *(fork if n == 0 else 59 + n for n in range(30))]
    _dialog, ids = await planted(world, person, parents)
    paths = PathIds()
    first, second = ids[:60], [*ids[: fork + 1], *ids[60:]]
    assert await path_of(world, paths, ids[59]) == first
    assert await path_of(world, paths, ids[-1]) == second
    assert await path_of(world, paths, ids[59]) == first, "and neither spoils the other"
    assert await path_of(world, paths, ids[fork]) == ids[: fork + 1]


async def test_a_path_that_grows_is_read_only_as_far_as_it_is_known(world: ChatWorld) -> None:
    person = await world.somebody()
    _dialog, ids = await planted(world, person, line(5_000))
    paths = PathIds()
    await path_of(world, paths, ids[-3])
    async with counted(world.database) as seen:
        assert await path_of(world, paths, ids[-3]) == ids[:-2]
        assert seen.count == 0
        assert await path_of(world, paths, ids[-1]) == ids
        assert seen.count == 1
    async with world.database.read() as db:
        end = await path_up(db, ids[-1], 10)
        known = PathIds()
        await known.of(db, ids[-4])
        async with counted(world.database) as seen:
            assert (await known.of(db, ids[-1], end)).ids.tolist() == ids
        assert seen.count == 0, "whoever has read the end already spares even that"


async def test_the_beginning_of_a_known_path_is_not_read_again(world: ChatWorld) -> None:
    person = await world.somebody()
    _dialog, ids = await planted(world, person, [*line(500), 320])
    paths = PathIds()
    await path_of(world, paths, ids[499])
    async with counted(world.database) as seen:
        assert await path_of(world, paths, ids[200]) == ids[:201], "as after a deletion, or for an older reply"
        assert seen.count == 0
        assert await path_of(world, paths, ids[500]) == [*ids[:321], ids[500]]
        assert seen.count == 1, "and a new branch is read as far as the fork"
    assert await path_of(world, paths, ids[499]) == ids[:500]


async def test_the_paths_asked_for_longest_ago_are_forgotten(world: ChatWorld) -> None:
    person = await world.somebody()
    _dialog, ids = await planted(world, person, [*line(100), *([10] * 3), *range(102, 300)])
    one, two, three = ids[99], ids[100], ids[101]  # branches, else the longer one would contain the others
    paths = PathIds(most=2)
    for leaf in (one, two, one, three):
        await path_of(world, paths, leaf)
    async with counted(world.database) as seen:
        assert await path_of(world, paths, one) == ids[:100], "asked for again, it stayed"
        assert seen.count == 0
        assert await path_of(world, paths, two) == [*ids[:11], two]
        assert seen.count > 0
    few = PathIds(most_ids=150)
    await path_of(world, few, one)
    await path_of(world, few, ids[-1])
    async with counted(world.database) as seen:
        assert await path_of(world, few, ids[-1]) == [*ids[:11], *ids[102:]], "longer than all may be, it is kept alone"
        assert seen.count == 0
        assert await path_of(world, few, one) == ids[:100]
        assert seen.count > 0


async def test_of_erased_messages_nothing_is_made_up(world: ChatWorld) -> None:
    person = await world.somebody()
    _dialog, ids = await planted(world, person, line(60))
    paths = PathIds()
    assert await path_of(world, paths, ids[29]) == ids[:30]
    async with world.database.write() as db:
        await db.exec(delete(Message).where(col(Message.id) == ids[30]))  # and, by the foreign key, everything below it
    assert await path_of(world, paths, ids[-1]) == []
    assert await path_of(world, paths, ids[29]) == ids[:30], "what is above stands as it was"

"""Scaling with dialog length: the queries, what an action in a dialog costs others, and how much the model reads."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from random import Random

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine
from sqlalchemy.engine.interfaces import DBAPIConnection, DBAPICursor
from sqlmodel import col, select, update

from domain.accounts.sessions import Caller
from domain.chat.history_page import WINDOW
from domain.chat.prompts.context_window import LONGEST_OPENING, MOST_REMEMBERED
from domain.chat.tree.message_tree import (
    add_below,
    end_of_branch,
    is_deleted,
    is_on_path,
    path_below,
    path_up,
    place_below,
    way_to,
)
from domain.chat.tree.siblings import sibling_beside
from domain.clock import now
from domain.llm.port import Role
from domain.model.dialog import Dialog, Message
from storage.bulk import Row, add_rows, reserve_ids
from storage.database import Database
from tests.domain.chat.conftest import ChatWorld

Tree = dict[int, int | None]
"""Each message's parent."""
MESSAGES = Message.metadata.tables["message"]
LONG = 2 * MOST_REMEMBERED


async def planted(
    world: ChatWorld, person: Caller, parents: Sequence[int | None], *, read: int = -1, text: str = "слово"
) -> tuple[int, list[int]]:
    """A dialog with a message for each of `parents`, the indices of those they follow; returns its id and theirs."""
    dialog_id = await world.dialog(person)
    async with world.database.write() as db:
        ids = await reserve_ids(db, MESSAGES, len(parents))
        places: dict[int, tuple[int, int | None]] = {}
        rows: list[Row] = []
        for n, parent in enumerate(parents):
            parent_id = None if parent is None else ids[parent]
            places[ids[n]] = depth, jump_id = place_below(parent_id, places)
            role = Role.ASSISTANT if depth % 2 == 0 else Role.USER
            own = {"parent_id": parent_id, "depth": depth, "jump_id": jump_id, "role": role, "text": f"{text} {n}"}
            rows.append({"id": ids[n], "dialog_id": dialog_id, **own})
        await add_rows(db, MESSAGES, rows)
        (await db.get_one(Dialog, dialog_id)).leaf_id = ids[read]
    return dialog_id, ids


def above(tree: Tree, message_id: int | None) -> list[int]:
    """Path to the message, oldest first, found the long way."""
    path: list[int] = []
    while message_id is not None:
        path.append(message_id)
        message_id = tree[message_id]
    return path[::-1]


def line(length: int) -> list[int | None]:
    return [None, *range(length - 1)]


@pytest.mark.parametrize("has_jumps", [True, False], ids=["jumps", "every step"])
async def test_what_is_asked_of_a_tree_is_what_the_long_way_finds(world: ChatWorld, has_jumps: bool) -> None:
    """Trees of all shapes, including those of older rows, which have no jump pointers."""
    chance = Random(11)
    person = await world.somebody()
    parents = (max(0, n - chance.choice((1, 1, 1, 1, 2, 5, 40))) for n in range(1, 250))
    dialog_id, ids = await planted(world, person, [None, *parents])
    async with world.database.write() as db:
        rows = list(await db.exec(select(Message).where(Message.dialog_id == dialog_id, col(Message.id).in_(ids))))
        for row in rows:
            row.deleted_at = now() if row.parent_id and chance.random() < 0.03 else None
            row.jump_id = row.jump_id if has_jumps else None
        await db.flush()
        tree = {row.id: row.parent_id for row in rows}
        dead = {row.id for row in rows if row.deleted_at}
        for row in chance.sample(rows, 30):
            path = above(tree, row.id)
            other = chance.choice(ids)
            assert await is_deleted(db, row) == bool(dead & set(path))
            assert await is_on_path(db, row.id, other) == (other in path)
            assert [each.id for each in await path_up(db, row.id, 7)] == path[-7:]
            after = chance.choice(path)
            assert [each.id for each in await path_below(db, row.id, after, 5)] == [i for i in path if i > after][:5]
            beside = [i for i, parent in tree.items() if parent == row.parent_id and i not in dead and i > row.id]
            found = await sibling_beside(db, row, 1)
            assert (found and found.id) == min(beside, default=None)
            below = row.id
            while children := [i for i, parent in tree.items() if parent == below and i not in dead]:
                below = max(children)
            assert await end_of_branch(db, row.id) == below
            assert await end_of_branch(db, row.id, known=below) == below
            if row.id not in above(tree, other) or dead & set(above(tree, other)):
                assert await end_of_branch(db, row.id, known=other) == below, "a guess that is wrong does no harm"


@pytest.mark.parametrize("at_once", [1, 2])
async def test_messages_said_one_after_the_other_know_far_ones_above(world: ChatWorld, at_once: int) -> None:
    person = await world.somebody()
    dialog_id, ids = await planted(world, person, [None])
    async with world.database.write() as db:
        dialog = await db.get_one(Dialog, dialog_id)
        dialog.leaf_id = ids[0]
        said = [await db.get_one(Message, ids[0])]
        for _ in range(40 // at_once):
            added = [Message(dialog_id=dialog_id, role=Role.USER, text="…") for _ in range(at_once)]
            added[0].parent_id = dialog.leaf_id
            await add_below(db, dialog, *added)
            said += added
    depths = {each.id: each.depth for each in said}
    jumps = [each.depth - depths[each.jump_id] for each in said if each.jump_id]
    assert [each.depth for each in said] == list(range(41))
    assert jumps[:15] == [1, 1, 3, 1, 1, 3, 7, 1, 1, 3, 1, 1, 3, 7, 15]


class Meter:
    def __init__(self) -> None:
        self.count = 0

    def tick(self, *_args: object) -> None:
        self.count += 1


@asynccontextmanager
async def work_of_the_writer(database: Database) -> AsyncGenerator[Meter]:
    """Count of work for which all others wait: on SQLite in thousands of its own steps, on PostgreSQL in statements."""
    meter = Meter()
    if database.dialect == "sqlite":
        await _have(database, meter.tick)
        yield meter
        await _have(database, None)
        return
    engine: Engine = database._writer.sync_engine
    event.listen(engine, "before_cursor_execute", meter.tick)
    yield meter
    event.remove(engine, "before_cursor_execute", meter.tick)


async def _have(database: Database, handler: Callable[[], None] | None) -> None:
    async with database.write() as db:
        driver = (await (await db.connection()).get_raw_connection()).driver_connection
        assert driver
        await driver.set_progress_handler(handler, 1_000)


ACTIONS: dict[str, Callable[[ChatWorld, Caller, int, list[int]], Awaitable[object]]] = {
    "step": lambda world, person, _dialog, ids: world.branches.switch_branch(person, ids[1], 1),
    "delete": lambda world, person, _dialog, ids: world.branches.delete(person, ids[1]),
    "turn": lambda world, person, dialog, ids: world.dialogs.switch_to(person, dialog, ids[-1]),
}


@pytest.mark.parametrize("action", ACTIONS)
async def test_an_action_holds_the_writer_no_longer_beside_a_long_branch_than_beside_a_short_one(
    world: ChatWorld, action: str
) -> None:
    person = await world.somebody()
    work = []
    for length in (30, LONG):
        dialog, ids = await planted(world, person, [None, 0, 0, *range(2, length)], read=1)
        async with work_of_the_writer(world.database) as meter:
            await ACTIONS[action](world, person, dialog, ids)
        work.append(meter.count)
        assert (await world.messages(person, dialog))[-1].id == ids[-1], "the long branch is read, to its end"
    assert work[1] <= 2 * work[0] + 5


@asynccontextmanager
async def work_of_the_readers(database: Database) -> AsyncGenerator[Meter]:
    """Count of work by readers: on SQLite in hundreds of its own steps, on PostgreSQL in rows read."""
    meter = Meter()
    engine: Engine = database._reader.sync_engine
    if database.dialect == "sqlite":

        def watch(connection: DBAPIConnection, *_: object) -> None:
            connection.run_async(lambda driver: driver.set_progress_handler(meter.tick, 100))

        event.listen(engine, "checkout", watch)
        yield meter
        event.remove(engine, "checkout", watch)
        await database._reader.dispose()
        return

    def count(_connection: object, cursor: DBAPICursor, *_: object) -> None:
        meter.count += cursor.rowcount

    event.listen(engine, "after_cursor_execute", count)
    yield meter
    event.remove(engine, "after_cursor_execute", count)


PAGES: dict[str, Callable[[ChatWorld, Caller, int, list[int]], Awaitable[object]]] = {
    "end": lambda world, person, dialog, _ids: world.chat.open(person, dialog),
    "before": lambda world, person, dialog, ids: world.chat.open(person, dialog, before=ids[-60]),
    "after": lambda world, person, dialog, ids: world.chat.open(person, dialog, after=ids[-200]),
    "around": lambda world, person, dialog, ids: world.chat.open(person, dialog, around=ids[60]),
    "program's first": lambda world, person, dialog, _ids: world.chat.page(person, dialog, 50),
    "program's next": lambda world, person, dialog, ids: world.chat.page(person, dialog, 50, ids[100]),
    "beginning": lambda world, person, dialog, ids: world.chat.open(person, dialog, around=ids[0]),
}


async def test_a_page_of_a_long_dialog_costs_what_a_page_of_a_shorter_one_does(world: ChatWorld) -> None:
    person = await world.somebody()
    work: dict[str, list[int]] = {name: [] for name in PAGES}
    # The model reads at most so many messages, and a page has to know it: it says where they begin.
    for length in (MOST_REMEMBERED + 200, 4 * MOST_REMEMBERED):
        dialog, ids = await planted(world, person, line(length))
        for name, page in PAGES.items():
            await page(world, person, dialog, ids)
            async with work_of_the_readers(world.database) as meter:
                await page(world, person, dialog, ids)
            work[name].append(meter.count)
    assert {name for name, (short, long) in work.items() if not 0 < long <= 1.3 * short + 20} == set(), work


async def test_a_window_anywhere_in_a_long_dialog_is_the_right_one(world: ChatWorld) -> None:
    person = await world.somebody()
    dialog, ids = await planted(world, person, line(LONG))

    async def window(**where: int) -> tuple[list[int], bool, bool]:
        conversation = await world.chat.open(person, dialog, **where)
        return [each.id for each in conversation.messages], conversation.has_older, conversation.has_newer

    end = (ids[-WINDOW:], True, False)
    assert await window() == end
    assert await window(before=ids[1000]) == (ids[1000 - WINDOW : 1000], True, True)
    assert await window(before=ids[20]) == (ids[:20], False, True)
    assert await window(before=ids[0]) == ([], False, False)
    assert await window(after=ids[1000]) == (ids[1001 : 1001 + WINDOW], True, True)
    assert await window(after=ids[-1]) == ([], False, False), "a page that asks too often"
    assert await window(around=ids[1000]) == (ids[1000 - WINDOW // 2 : 1000 + WINDOW // 2], True, True)
    assert await window(around=ids[3]) == (ids[:WINDOW], False, True)
    assert await window(around=ids[-3]) == (ids[-WINDOW:], True, False)
    for nowhere in (-1, 2**31, 2**63, 10**100):
        assert await window(before=nowhere) == await window(after=nowhere) == await window(around=nowhere) == end
    assert await world.chat.page(person, dialog, 10, 10**100) == []
    assert [each.id for each in await world.chat.page(person, dialog, 2, -(10**100))] == ids[:2]
    read: list[int] = []
    while page := await world.chat.page(person, dialog, 700, read[-1] if read else None):
        read += [each.id for each in page]
    assert read == ids, "and a program reads all of it, page by page"


async def test_the_model_reads_the_opening_and_the_end_of_a_long_dialog(world: ChatWorld) -> None:
    person = await world.somebody()
    dialog, ids = await planted(world, person, line(LONG))
    world.llm.answer("Да.")
    await world.chat.send(person, dialog, "А помнишь?", "1")
    await world.ended(person, dialog)
    sent = world.llm.requests[-1].body["messages"]
    assert "слово 0" in sent[0]["content"], "its first words"
    assert sent[-1]["content"].endswith("А помнишь?")
    assert sent[-2]["content"] == f"слово {LONG - 2}"
    assert MOST_REMEMBERED * 0.9 < len(sent) <= MOST_REMEMBERED + 1
    remembered = (await world.chat.open(person, dialog)).remembered_from
    assert remembered in ids[-MOST_REMEMBERED:]


async def test_of_an_endless_opening_the_model_reads_the_beginning(world: ChatWorld) -> None:
    """Only in a loaded file does the character speak a hundred times before anybody answers."""
    person = await world.somebody()
    dialog, ids = await planted(world, person, line(200))
    async with world.database.write() as db:
        await db.exec(update(Message).where(col(Message.id).in_(ids)).values(role=Role.ASSISTANT))
    world.llm.answer("Да.")
    await world.chat.send(person, dialog, "Наконец и я", "1")
    await world.ended(person, dialog)
    system, *talk = world.llm.requests[-1].body["messages"]
    assert [each["content"] for each in talk] == ["Наконец и я"]
    assert f"слово {LONGEST_OPENING - 1}" in system["content"]
    assert f"слово {LONGEST_OPENING}" not in system["content"]
    assert (await world.chat.open(person, dialog)).remembered_from is None


async def test_a_long_way_to_a_message_is_remembered_and_found_again(world: ChatWorld) -> None:
    """At every fork the way to the message is not the one that is read by default."""
    person = await world.somebody()
    parents: list[int | None] = [None, 0]
    for _ in range(700):  # each time the way continues with the older of two
        parents += [len(parents) - (1 if len(parents) == 2 else 2)] * 2
    dialog, ids = await planted(world, person, parents, read=1)
    aim = ids[-2]
    await world.dialogs.switch_to(person, dialog, aim)
    assert (await world.messages(person, dialog))[-1].id == aim
    async with world.database.read() as db:
        assert await way_to(db, ids[1], await db.get_one(Message, aim)) == {}, "nothing is left to be remembered"
        assert await end_of_branch(db, ids[0]) == aim

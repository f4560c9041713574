"""Import of a large file: others write meanwhile, nobody sees half of it, and an interrupted one is removed."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import event
from sqlmodel import col, func, select, update

from domain.accounts.sessions import Caller
from domain.chat.import_export import CHUNK
from domain.chat.replies.abandoned_replies import AbandonedReplies
from domain.chat.transcript.export import as_text
from domain.chat.transcript.json_reader import read_object
from domain.chat.transcript.saved_dialog import SavedDialog, read_json
from domain.chat.tree.unfinished_imports import LONGEST_LOADING
from domain.clock import now
from domain.errors import Busy, Invalid, NotFound
from domain.instances.leases import lease_for
from domain.language import Texts
from domain.llm.port import Role
from domain.model.dialog import Dialog, Message, State
from tests.clock import Clock
from tests.domain.chat.conftest import ChatWorld

LONG = CHUNK * 4


def file(length: int, **head: object) -> bytes:
    day = datetime(2026, 1, 1, tzinfo=UTC).isoformat()
    messages = [
        {
            "id": n,
            "parent_id": n - 1 or None,
            "role": Role.USER if n % 2 else Role.ASSISTANT,
            "text": f"слово {n}",
            "state": State.DONE,
            "created_at": day,
        }
        for n in range(1, length + 1)
    ]
    content = {
        "format": "beseda-dialog",
        "version": 1,
        "character": {"id": 1, "name": "Марина"},
        "title": "",
        "started_at": day,
        "messages": messages,
        "leaf_id": length,
    }
    return json.dumps(content | head).encode()


def saved(length: int) -> SavedDialog:
    return read_json(file(length))


async def rows(world: ChatWorld) -> tuple[int, int]:
    """Number of dialogs, and of messages."""
    async with world.database.read() as db:
        count = select(func.count())
        return (await db.exec(count.select_from(Dialog))).one(), (await db.exec(count.select_from(Message))).one()


class BrokenOff(Exception):
    """Stands for a server that goes down."""


async def begun(world: ChatWorld, person: Caller) -> int:
    """Import a file until its third part, where it breaks off; returns the id of the unfinished dialog."""
    written = 0

    def go_down(_mapper: Any, _connection: Any, statement: str, *_rest: Any) -> None:
        nonlocal written
        if statement.startswith("INSERT INTO message "):
            written += 1
            if written == 3:
                raise BrokenOff

    engine = world.database._writer.sync_engine
    event.listen(engine, "before_cursor_execute", go_down)
    with pytest.raises(BrokenOff):
        await world.dialogs.import_dialog(person, saved(LONG))
    event.remove(engine, "before_cursor_execute", go_down)
    async with world.database.read() as db:
        return (await db.exec(select(func.max(Dialog.id)))).one() or 0


async def test_others_may_write_between_any_two_parts_of_a_long_file(world: ChatWorld) -> None:
    person = await world.somebody()
    await world.character(person)
    steps: list[str] = []

    def note_part(_mapper: Any, _connection: Any, statement: str, *_rest: Any) -> None:
        if statement.startswith("INSERT INTO message "):
            steps.append("part")

    def note_commit(_connection: Any) -> None:
        steps.append("commit")

    engine = world.database._writer.sync_engine
    event.listen(engine, "before_cursor_execute", note_part)
    event.listen(engine, "commit", note_commit)
    await world.dialogs.import_dialog(person, saved(LONG))
    event.remove(engine, "before_cursor_execute", note_part)
    event.remove(engine, "commit", note_commit)
    assert steps.count("part") == LONG // CHUNK
    assert ("part", "part") not in pairwise(steps), "each is a transaction of its own"


async def test_nobody_sees_a_part_of_a_long_file_that_is_being_taken_in(world: ChatWorld) -> None:
    person = await world.somebody()
    await world.character(person)
    loading = asyncio.create_task(world.dialogs.import_dialog(person, saved(LONG)))
    while not loading.done():
        for line in await world.dialogs.list_own(person):
            there = await world.chat.page(person, line.dialog.id, LONG + 1)
            assert len(there) == LONG
    dialog = await loading
    read = await world.chat.page(person, dialog, LONG + 1)
    assert [each.text for each in read] == [f"слово {n}" for n in range(1, LONG + 1)]
    assert len({each.jump_id for each in read}) > LONG // 3, "far ones are known, as of what was said here"


async def test_what_broke_off_is_nowhere_and_goes_at_the_next_start(world: ChatWorld) -> None:
    person = await world.somebody()
    await world.character(person)
    before = await rows(world)
    dialog = await begun(world, person)
    assert await rows(world) == (before[0] + 1, before[1] + 2 * CHUNK)
    assert await world.dialogs.list_own(person) == await world.dialogs.list_own(person, "слово") == []
    for action in (
        world.dialogs.restore(person, dialog),
        world.chat.open(person, dialog),
        world.dialogs.transcript(person, dialog),
        world.chat.send(person, dialog, "Есть кто?", "1"),
    ):
        with pytest.raises(NotFound):
            await action
    if world.database.dialect == "postgresql":  # another process may still be loading it
        async with world.database.write() as db:
            late = now() - timedelta(seconds=1)
            await db.exec(update(Dialog).where(col(Dialog.id) == dialog).values(loading_until=late))
    abandoned_replies = AbandonedReplies(world.database, world.bus, world.reply_writer.is_writing)
    await abandoned_replies.start()
    await abandoned_replies.close()
    assert await rows(world) == before


async def test_one_file_at_a_time_is_loaded_and_a_dead_one_bars_others_for_ten_minutes_at_most(
    world: ChatWorld, clock: Clock
) -> None:
    person = await world.somebody()
    await world.character(person)
    dialog = await begun(world, person)
    async with world.database.write() as db:  # as if its process had been killed and could not note it
        lease = {"loading_until": lease_for(LONGEST_LOADING)}
        await db.exec(update(Dialog).where(col(Dialog.id) == dialog).values(lease))
    await world.time_passes(clock, LONGEST_LOADING - timedelta(seconds=5))
    with pytest.raises(Busy):
        await world.dialogs.import_dialog(person, saved(1))
    await world.time_passes(clock, timedelta(seconds=5))
    assert await world.dialogs.import_dialog(person, saved(1))


@pytest.mark.parametrize(
    "data",
    [
        b"[]",
        b"{} {}",
        b'{"messages": [1, 2',
        b'{"messages": [1 2]}',
        b'{"a": 1,}',
        b'{"a" 1}',
        b"{a: 1}",
        b'{"a": "' + b"x" * 300_000 + b'"}',
        b'{"a": ' + b"1" * 300_000 + b"}",
        b'{"a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        "{}".encode("utf-16") + b"\x00",
    ],
    ids=lambda data: data[:20].decode(errors="replace"),
)
def test_what_is_no_such_file_is_refused_in_one_sentence(data: bytes) -> None:
    with pytest.raises(Invalid, match="not a chat saved from Beseda"):
        read_json(data)


@pytest.mark.parametrize(
    "content",
    [
        {},
        {"messages": []},
        {"a": None, "messages": [{"b": [1, {"c": 'д\ud83d\udc4b\n"\\'}]}, 12345, "x" * 9_000], "z": -1.5e3},
        {"messages": {"no": "list"}, "n": int("1" * 4_200), "m": "\u00e9" * 10_000},
    ],
)
@pytest.mark.parametrize("indent", [None, 2])
def test_a_file_read_in_pieces_is_what_the_interpreter_reads_at_once(content: dict[str, Any], indent: int) -> None:
    text = json.dumps(content, indent=indent)
    assert read_object(text, {"messages": {}}, 100_000) == json.loads(text)


async def test_a_file_may_hold_nothing_that_a_terminal_obeys(world: ChatWorld) -> None:
    person = await world.somebody()
    await world.character(person)
    day = datetime(2026, 1, 1, tzinfo=UTC).isoformat()
    said = {
        "id": 1,
        "parent_id": None,
        "role": "user",
        "text": "\x1b[1mЖир\u202eно",
        "state": "done",
        "created_at": day,
    }
    dialog = await world.dialogs.import_dialog(person, read_json(file(1, messages=[said], leaf_id=1)))
    assert (await world.messages(person, dialog))[0].text == "[1mЖирно"
    async with world.database.write() as db:  # as older versions kept it
        await db.exec(update(Message).where(col(Message.dialog_id) == dialog).values(text="\x1b[1mЖир\u202eно"))
    assert "\x1b" not in "".join(as_text(await world.dialogs.transcript(person, dialog), UTC, Texts("ru")))

"""Move from SQLite to PostgreSQL: every row arrives unchanged, and later ones fit in."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Generator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from domain.backup.moving import move
from domain.characters.gallery import Gallery
from domain.characters.gallery_query import GalleryQuery
from domain.memory.recall.words import WordIndex
from domain.model.dialog import Message
from domain.rate_limits import InMemory, RateLimiter
from domain.sample_data.fill import fill
from domain.settings.settings import Settings
from storage.backup.postgres_tools import connect
from storage.backup.refused import Refused
from storage.bulk import add_rows, reserve_ids
from storage.bus import Bus
from storage.database import Database
from storage.migrate import differences, upgrade
from storage.sqlite_file import only_server_of
from tests.conftest import UNLIMITED, numbers
from tests.domain.backup.conftest import Home
from tests.domain.memory.memory_world import remember_something_of_every_kind
from tests.postgres import EMPTY, Server

MESSAGES = 10_000
TABLES = "SELECT count(*) FROM {}"


@pytest.fixture
def target(postgres: Server) -> Generator[str]:
    name = f"target_{next(numbers)}"
    yield postgres.create(name, EMPTY)
    postgres.drop(name)


@pytest.fixture
def source(migrated_file: Path, tmp_path: Path) -> Home:
    """A server on SQLite, with people, characters and dialogs."""
    home = Home(Settings(_env_file=None, data_dir=tmp_path))
    (tmp_path / "beseda.db").write_bytes(migrated_file.read_bytes())
    asyncio.run(_filled(home.settings.database, 12, 10))
    return home


async def _filled(url: str, characters: int, dialogs: int) -> None:
    database = Database(url)
    until = datetime(2026, 11, 1, 12, 30, 15, 123456, tzinfo=UTC)
    await fill(database, characters, dialogs, lambda _: None, until=until)
    await database.close()


async def _say_much(url: str, count: int) -> None:
    """Add many messages, more than any conversation of the tests has, and memory of every kind."""
    database = Database(url)
    async with database.write() as db:
        table = Message.__table__  # type: ignore[attr-defined]  # of a table class it is there
        one = dict((await (await db.connection()).execute(table.select().limit(1))).mappings().one())
        ids = await reserve_ids(db, table, count)
        rows = [one | {"id": each, "client_id": None, "text": f"Реплика {each}: «ёж», 🦔\t\\N"} for each in ids]
        await add_rows(db, table, rows)
        await remember_something_of_every_kind(db, one["dialog_id"], one["id"], "Ира любит море: «ёж»\t\\N")
    await database.close()


@pytest.mark.slow
def test_ten_thousand_messages_arrive_as_they_were(
    source: Home, target: str, capsys: pytest.CaptureFixture[str]
) -> None:
    url = source.settings.database
    asyncio.run(_say_much(url, MESSAGES))
    assert move(source.settings, target) == 0
    assert "compared row by row" in capsys.readouterr().out
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as there, connect(target) as here:
        names = [name for (name,) in here.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
        assert {"message", "journal", "character_words", "alembic_version"} <= {*names}
        for name in names:
            asked = f'SELECT count(*) FROM "{name}"'
            assert here.execute(asked.encode()).fetchone() == there.execute(asked).fetchone(), name
        texts = "SELECT id, text FROM message ORDER BY id"
        assert here.execute(texts.encode()).fetchall() == there.execute(texts).fetchall()
        assert len(here.execute(texts.encode()).fetchall()) > MESSAGES
        for memory in ("memory_pin", "memory_chapter", "memory_fact", "memory_vector"):
            rows = f"SELECT * FROM {memory} ORDER BY id"
            assert len(here.execute(rows.encode()).fetchall()) == len(there.execute(rows).fetchall()) > 0
        last = there.execute("SELECT max(id) FROM message").fetchone()[0]
        assert here.execute("SELECT nextval(pg_get_serial_sequence('message', 'id'))").fetchone() == (last + 1,)
    assert differences(target) == []


def test_the_gallery_finds_the_same_and_the_journal_is_still_only_added_to(source: Home, target: str) -> None:
    move(source.settings, target)
    with connect(target) as here:
        name = str(here.execute("SELECT name FROM character WHERE is_public ORDER BY id").fetchone()[0])  # type: ignore[index]  # there is one
        values = "now(), 1, 'x', 'user', 1, '', '{}'"
        insert = (
            f"INSERT INTO journal (at, actor_id, action, target_kind, target_id, reason, changes) VALUES ({values})"
        )
        here.execute(insert.encode())
    assert asyncio.run(_found(target, name)) == asyncio.run(_found(source.settings.database, name))
    with connect(target) as here, pytest.raises(psycopg.IntegrityError, match="only added to"):
        here.execute("DELETE FROM journal")


@pytest.mark.slow
def test_what_was_said_is_recalled_as_before(source: Home, target: str) -> None:
    asyncio.run(_indexed(source.settings.database))
    file = source.settings.database.removeprefix("sqlite:///")
    with closing(sqlite3.connect(file)) as there:
        rows = there.execute("SELECT rowid, said, replied FROM message_words ORDER BY rowid").fetchall()
        orphan = there.execute("SELECT max(id) + 1 FROM message").fetchone()[0]
        there.execute("INSERT INTO message_words (rowid, said, replied) VALUES (?, 'x', '')", (orphan,))
        there.commit()
    assert rows
    assert move(source.settings, target) == 0
    with connect(target) as here:
        moved = here.execute("SELECT id, tsvector_to_array(tokens) FROM message_words ORDER BY id").fetchall()
    assert [(row_id, {*tokens}) for row_id, tokens in moved] == [
        (row_id, {f"0{each}" for each in said.split()} | {f"1{each}" for each in replied.split()})
        for row_id, said, replied in rows
    ]


async def _indexed(url: str) -> None:
    database = Database(url)
    await WordIndex(database, Bus()).look()
    await database.close()


async def _found(url: str, words: str) -> list[int]:
    database = Database(url)
    page = await Gallery(database, RateLimiter(InMemory(), UNLIMITED)).page(None, GalleryQuery(words=words))
    await database.close()
    assert page.cards
    return [card.character.id for card in page.cards]


def test_a_row_that_postgresql_does_not_take_leaves_the_target_empty_and_can_be_mended(
    source: Home, target: str
) -> None:
    file = source.settings.database.removeprefix("sqlite:///")
    with closing(sqlite3.connect(file)) as db:
        db.execute("UPDATE message SET text = text || char(0) WHERE id = 3")
        db.commit()
    with pytest.raises(Refused, match="a row of message"):
        move(source.settings, target)
    with connect(target) as here:
        assert here.execute('SELECT count(*) FROM "user"').fetchone() == (0,), "all or nothing"
    with closing(sqlite3.connect(file)) as db:
        db.execute("UPDATE message SET text = 'Привет' WHERE id = 3")
        db.commit()
    assert move(source.settings, target) == 0, "and again"


def test_a_target_with_something_in_it_is_left_alone(source: Home, target: str) -> None:
    upgrade(target)
    asyncio.run(_filled(target, 1, 1))
    with connect(target) as here:
        before = here.execute('SELECT count(*) FROM "user"').fetchone()
    with pytest.raises(Refused, match="must be empty"):
        move(source.settings, target)
    with connect(target) as here:
        assert here.execute('SELECT count(*) FROM "user"').fetchone() == before


@pytest.mark.parametrize("to", ["sqlite:///other.db", "mysql://x", "postgresql://x:y@127.0.0.1:9/nobody"])
def test_only_postgresql_is_moved_to(source: Home, to: str) -> None:
    with pytest.raises(Refused, match="--to"):
        move(source.settings, to)


def test_what_a_server_is_using_is_not_moved(source: Home, target: str) -> None:
    with only_server_of(source.settings.database), pytest.raises(Refused, match="stop it first"):
        move(source.settings, target)

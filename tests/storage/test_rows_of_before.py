"""Migration 0009: what it can tell of rows from before it, and what it cannot."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, DateTime, MetaData, Table, bindparam, create_engine, insert, text

from storage.migrate import MIGRATIONS, upgrade
from storage.url import read_url

pytestmark = pytest.mark.own_database
WHEN = datetime(2026, 11, 1, tzinfo=UTC)
BEFORE = "0007"
MOMENT = DateTime(timezone=True)


@contextmanager
def connected(url: str) -> Generator[Connection]:
    engine = create_engine(read_url(url, blocking=True))
    with engine.begin() as connection:
        yield connection
    engine.dispose()


def downgraded(database_url: str, revision: str) -> str:
    with connected(database_url) as connection:
        config = Config(attributes={"connection": connection})
        config.set_main_option("script_location", str(MIGRATIONS))
        config.set_main_option("path_separator", "os")
        command.downgrade(config, revision)
    return database_url


@pytest.fixture
def old_database_url(database_url: str) -> str:
    return downgraded(database_url, BEFORE)


def put(connection: Connection, table: str, row: Mapping[str, object]) -> None:
    """A row with the columns that there were then."""
    connection.execute(insert(Table(table, MetaData(), autoload_with=connection)).values(row))


def put_people_and_a_character(connection: Connection) -> None:
    for user_id in (1, 2):
        person = {"id": user_id, "display_name": f"Гость {user_id}", "language": "ru", "created_at": WHEN}
        put(connection, "user", person)
    put(connection, "character", marina(1))


def marina(character_id: int) -> dict[str, object]:
    words = dict.fromkeys(("teaser", "bio", "greeting", "context"), "…")
    fixed = {"gender": "female", "age_mark": "12+", "interests": [], "is_public": True}
    return words | fixed | {"id": character_id, "owner_id": 1, "name": "Марина", "created_at": WHEN, "updated_at": WHEN}


def said(connection: Connection, dialog_id: int, *rows: tuple[int, str, str, str | None, str]) -> None:
    """Messages, each below the one before: id, role, state, the mark of the page, the model."""
    dialog = {"id": dialog_id, "user_id": 2, "character_id": 1, "messages": len(rows)}
    put(connection, "dialog", dialog | {"started_at": WHEN, "spoken_at": WHEN})
    parent_id = None
    for message_id, role, state, client_id, model in rows:
        place = {"id": message_id, "dialog_id": dialog_id, "parent_id": parent_id, "created_at": WHEN}
        what = {"role": role, "text": "…", "state": state, "client_id": client_id, "model": model}
        put(connection, "message", place | what | {"fault": "", "reference": ""})
        parent_id = message_id


def test_what_was_loaded_before_is_told_by_what_it_lacks(old_database_url: str) -> None:
    with connected(old_database_url) as db:
        put_people_and_a_character(db)
        said(
            db,
            1,
            (1, "assistant", "done", None, ""),  # the greeting
            (2, "user", "done", "a", ""),
            (3, "assistant", "done", None, "yandexgpt"),
            (4, "user", "done", "b", ""),
            (5, "assistant", "interrupted", None, ""),  # the server went down
        )
        said(
            db,
            2,
            (11, "assistant", "done", None, ""),
            (12, "user", "done", None, ""),
            (13, "assistant", "interrupted", None, ""),
            (14, "user", "done", None, ""),
            (15, "assistant", "done", None, ""),
            (16, "user", "done", "c", ""),  # and from here it went on
            (17, "assistant", "done", None, "yandexgpt"),
        )
        said(db, 3, (21, "user", "done", None, ""), (22, "assistant", "done", None, "demo"))  # by main.py demo
    upgrade(old_database_url)
    with connected(old_database_url) as db:
        loaded = db.scalars(text("SELECT id FROM message WHERE is_loaded ORDER BY id")).all()
        dialogs = db.execute(text("SELECT id, is_loaded, messages FROM dialog ORDER BY id")).all()
    assert loaded == [11, 12, 13, 14, 15]
    assert [(each.id, bool(each.is_loaded), each.messages) for each in dialogs] == [
        (1, False, 5),
        (2, True, 1),
        (3, False, 2),
    ]


def test_what_admins_deleted_is_known_from_the_journal(old_database_url: str) -> None:
    deletions = {1: WHEN, 2: WHEN, 3: None}
    with connected(old_database_url) as db:
        put_people_and_a_character(db)
        for character_id in (2, 3):
            put(db, "character", marina(character_id))
        for character_id, when in deletions.items():
            db.execute(
                text("UPDATE character SET deleted_at = :at WHERE id = :id").bindparams(bindparam("at", type_=MOMENT)),
                {"at": when, "id": character_id},
            )
        # The first by its author, who had undone an admin's deletion a day before.
        for character_id, when in ((1, WHEN - timedelta(days=1)), (2, WHEN + timedelta(milliseconds=30))):
            entry = {"at": when, "actor_id": 2, "deed": "character.deleted", "target_kind": "character"}
            put(db, "journal", entry | {"target_id": character_id, "reason": "", "changes": {}})
    upgrade(old_database_url)
    with connected(old_database_url) as db:
        rows = db.execute(text("SELECT id, deleted_by_id FROM character ORDER BY id")).all()
    assert [tuple(row) for row in rows] == [(1, 1), (2, 2), (3, None)]


def test_votes_for_ones_own_characters_are_taken_out_of_the_sums(old_database_url: str) -> None:
    with connected(old_database_url) as db:
        put_people_and_a_character(db)
        for user_id, value in ((1, 10), (2, 4)):
            put(db, "vote", {"character_id": 1, "user_id": user_id, "value": value, "created_at": WHEN})
        db.execute(text("UPDATE character SET votes_sum = 14, votes_count = 2, score = 6.2"))
    upgrade(old_database_url)
    with connected(old_database_url) as db:
        row = db.execute(text("SELECT votes_sum, votes_count, score FROM character")).one()
    assert (row.votes_sum, row.votes_count, round(row.score, 6)) == (4, 1, round((4 + 48) / 9, 6))

"""Migrations: what an upgrade makes, that it happens once, and that a newer database is left alone."""

from __future__ import annotations

import logging
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect, text
from sqlmodel import SQLModel

from domain.email_address import email_key
from storage.migrate import MIGRATIONS, SchemaTooNew, UpgradeFailed, differences, upgrade
from storage.url import read_url
from tests.storage.old_database import upgrade_to

pytestmark = pytest.mark.own_database
PROJECT = Path(__file__).parents[2]
HEADS = set(ScriptDirectory(str(MIGRATIONS)).get_heads())

WHEN_TOLD = """
import sys
from domain.email_address import email_key
from storage.migrate import upgrade
print("ready", flush=True)
sys.stdin.readline()
upgrade(sys.argv[1])
"""


DAY = "'2026-01-01'"
PERSON = f"""
INSERT INTO "user" (id, display_name, email, email_key, is_admin, is_blocked, language, created_at)
VALUES (1, 'Ира', 'i@example.org', 'i@example.org', false, false, 'ru', {DAY})
"""
CHARACTER = f"""
INSERT INTO character (
    id, owner_id, name, gender, age_mark, teaser, bio, greeting, context, interests, is_public, created_at, updated_at
) VALUES (1, 1, 'Марина', 'female', '12+', '', '', '', 'Ты', '[]', true, {DAY}, {DAY})
"""
USAGE = """
INSERT INTO usage (hour, user_id, character_id, model, replies, tokens_in, tokens_out, cost, failed, filtered)
VALUES (1, 1, {character}, 'm', 1, {tokens}, 0, 0, 0, 0)
"""


def revisions(url: str) -> list[str]:
    engine = create_engine(read_url(url, blocking=True))
    with engine.begin() as connection:
        found = list(connection.scalars(text("SELECT version_num FROM alembic_version")))
    engine.dispose()
    return found


def mark(url: str, revision: str) -> None:
    engine = create_engine(read_url(url, blocking=True))
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM alembic_version"))
        connection.execute(text("INSERT INTO alembic_version VALUES (:revision)"), {"revision": revision})
    engine.dispose()


def execute(url: str, statement: str) -> None:
    engine = create_engine(read_url(url, blocking=True))
    with engine.begin() as connection:
        connection.execute(text(statement))
    engine.dispose()


def tables(url: str) -> dict[str, list[str]]:
    """Each table with its columns and indexes."""
    engine = create_engine(read_url(url, blocking=True))
    with engine.begin() as connection:
        seen = inspect(connection)
        found = {
            name: sorted(str(each["name"]) for each in (*seen.get_columns(name), *seen.get_indexes(name)))
            for name in seen.get_table_names()
        }
    engine.dispose()
    return found


def test_an_upgraded_database_has_exactly_the_declared_tables(empty_database_url: str) -> None:
    upgrade(empty_database_url)
    assert differences(empty_database_url) == []
    assert set(revisions(empty_database_url)) == HEADS


def test_no_migration_makes_sqlite_give_an_id_twice(tmp_path: Path) -> None:
    upgrade(f"sqlite:///{tmp_path}/ids.db")
    with sqlite3.connect(tmp_path / "ids.db") as db:
        made = dict(db.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'table'"))
    promised = [
        name for name, table in SQLModel.metadata.tables.items() if table.dialect_options["sqlite"]["autoincrement"]
    ]
    assert promised
    assert [name for name in promised if "AUTOINCREMENT" not in made[name]] == []


@pytest.mark.slow
def test_servers_that_start_together_upgrade_once(empty_database_url: str) -> None:
    servers = [
        subprocess.Popen(
            [sys.executable, "-c", WHEN_TOLD, empty_database_url],
            cwd=PROJECT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    for server in servers:
        assert server.stdout
        assert server.stdout.readline() == "ready\n"
    for server in servers:
        assert server.stdin
        server.stdin.write("\n")
        server.stdin.flush()
    ends = [(server.communicate(timeout=180)[1], server.returncode) for server in servers]
    assert ends == [("", 0)] * 3
    assert set(revisions(empty_database_url)) == HEADS
    assert differences(empty_database_url) == []


def test_upgrading_again_changes_nothing(database_url: str) -> None:
    upgrade(database_url)
    assert set(revisions(database_url)) == HEADS


def test_a_database_of_a_newer_version_is_refused_and_left_alone(database_url: str) -> None:
    mark(database_url, "f00dfeed1234")
    with pytest.raises(SchemaTooNew, match="f00dfeed1234"):
        upgrade(database_url)
    assert revisions(database_url) == ["f00dfeed1234"]


def test_an_upgrade_that_fails_names_its_step_and_leaves_everything_as_it_was(empty_database_url: str) -> None:
    upgrade_to(empty_database_url, "0004")
    execute(empty_database_url, "DROP INDEX ix_user_blocked")
    before = tables(empty_database_url)
    with pytest.raises(UpgradeFailed, match=r"revision 0006 \(usage hours.*Nothing was changed") as failed:
        upgrade(empty_database_url)
    assert "ix_user_blocked" in str(failed.value.__cause__)
    assert revisions(empty_database_url) == ["0004"], "0005 is taken back with it"
    assert tables(empty_database_url) == before
    execute(empty_database_url, 'CREATE INDEX ix_user_blocked ON "user" (id)')
    upgrade(empty_database_url)
    assert differences(empty_database_url) == []


def test_the_log_tells_of_an_upgrade_in_our_words_only(
    empty_database_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    upgrade(empty_database_url)
    upgrade(empty_database_url)
    assert len(caplog.messages) == len(HEADS)  # none for the second time
    assert not [record.name for record in caplog.records if record.name.startswith("alembic")]


def test_revisions_form_one_line() -> None:
    assert len(HEADS) <= 1


def test_every_constraint_and_index_has_its_name() -> None:
    nameless = [
        f"{type(rule).__name__} of {table.name}"
        for table in SQLModel.metadata.tables.values()
        for rule in (*table.constraints, *table.indexes)
        if not getattr(rule, "name", None)
    ]
    assert nameless == []


BEFORE_ADDRESSES = "0007"
PEOPLE_BEFORE = [
    # id, address, key as it was then, key as it is now
    (1, "anna@strasse.de", "anna@strasse.de", "anna@strasse.de"),
    (2, "Ira@пример.рф", "ira@пример.рф", "ira@xn--e1afmkfd.xn--p1ai"),
    (3, "ａnna@straße.de", "anna@strasse.de of another", "ａnna@xn--strae-oqa.de"),
    (4, "νικος@example.gr", "νικοσ@example.gr", "νικος@example.gr"),
    (5, "beseda@system.invalid", "beseda@system.invalid", "beseda@system.invalid"),
    (6, None, None, None),
    # Two that come to one key: the older keeps it, whoever had it before.
    (7, "Boris@xn--strae-oqa.de", "boris@xn--strae-oqa.de by hand", "boris@xn--strae-oqa.de"),
    (8, "boris@straße.de", "boris@xn--strae-oqa.de", None),
    # One whose new key is the old one of somebody else, who gets another.
    (9, "olga@strasse.de", "olga@strasse.de, once", "olga@strasse.de"),
    (10, "olga@straße.de", "olga@strasse.de", "olga@xn--strae-oqa.de"),
]


def test_accounts_from_before_are_compared_by_their_addresses_as_they_are(empty_database_url: str) -> None:
    upgrade_to(empty_database_url, BEFORE_ADDRESSES)
    engine = create_engine(read_url(empty_database_url, blocking=True))
    moment = datetime(2026, 11, 27, tzinfo=UTC)
    with engine.begin() as db:
        for user_id, email, key, _ in PEOPLE_BEFORE:
            values = {"id": user_id, "email": email, "key": key, "then": moment}
            db.execute(
                text(
                    'INSERT INTO "user" (id, email, email_key, display_name, language, created_at)'
                    " VALUES (:id, :email, :key, 'Somebody', 'ru', :then)"
                ),
                values,
            )
            db.execute(
                text(
                    "INSERT INTO standing (user_id, name_key, username_key, email_key, registered_at, seen_at, dialogs,"
                    " messages, tokens, cost, reports)"
                    " VALUES (:id, '', '', coalesce(:key, ''), :then, :then, 0, 0, 0, 0, 0)"
                ),
                values,
            )
        db.execute(
            text(
                "INSERT INTO mailed_link (purpose, email, email_key, user_id, token_hash, code_hash, wrong_codes,"
                " language, created_at, expires_at, used_by) VALUES ('log_in', 'anna@straße.de', 'anna@strasse.de', 1,"
                " 'hash', 'hash', 0, 'ru', :then, :then, '')"
            ),
            {"then": moment},
        )
    upgrade(empty_database_url)
    with engine.begin() as db:
        people = db.execute(text('SELECT id, email, email_key FROM "user" ORDER BY id')).all()
        lines = db.execute(text("SELECT user_id, email_key FROM standing ORDER BY user_id")).all()
        links = db.scalar(text("SELECT count(*) FROM mailed_link"))
    engine.dispose()
    assert [tuple(row) for row in people] == [(user_id, email, key) for user_id, email, _, key in PEOPLE_BEFORE]
    assert [tuple(row) for row in lines] == [(user_id, key or "") for user_id, _, _, key in PEOPLE_BEFORE]
    for row in people:  # as the product compares them now
        assert row.email_key in (None, email_key(row.email or ""))
    assert links == 0, "a link that went to a look-alike still opens the account"
    assert differences(empty_database_url) == []


def test_what_was_used_is_still_known_when_usage_needs_no_character_any_more(empty_database_url: str) -> None:
    upgrade_to(empty_database_url, str(ScriptDirectory(str(MIGRATIONS)).get_revision("0011").down_revision))
    engine = create_engine(read_url(empty_database_url, blocking=True))
    with engine.begin() as connection:
        for row in (PERSON, CHARACTER, USAGE.format(character=1, tokens=11)):
            connection.execute(text(row))
    upgrade(empty_database_url)
    assert differences(empty_database_url) == []
    with engine.begin() as connection:
        connection.execute(text(USAGE.format(character=0, tokens=5)))
        kept = connection.execute(text("SELECT character_id, tokens_in FROM usage ORDER BY character_id")).all()
        connection.execute(text('DELETE FROM "user"'))
        gone = connection.execute(text("SELECT count(*) FROM usage")).scalar_one()
    engine.dispose()
    assert [tuple(row) for row in kept] == [(0, 5), (1, 11)]
    assert gone == 0 or empty_database_url.startswith("sqlite"), "where foreign keys are on, it goes with the person"

"""People who are in, their characters and chats, for tests that are about something else than how one gets there."""

from __future__ import annotations

import sqlite3
from collections.abc import Generator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta

from playwright.sync_api import expect

from domain.accounts.sessions import hash_of, new_token
from tests.e2e.people import PASSWORD, Person
from tests.suite.cheap_passwords import CHEAP

FORM = "%Y-%m-%d %H:%M:%S.%f"


def arrive(person: Person, *, is_admin: bool = False) -> None:
    """An account and a session in the product's SQLite file, its cookie in the browser."""
    now = datetime.now(UTC).strftime(FORM)
    with _rows(person) as db:
        db.execute(
            "INSERT INTO user (email, email_key, display_name, password_hash, is_admin, language, created_at)"
            " VALUES (?, ?, ?, ?, ?, 'ru', ?)",
            (person.email, person.email, person.name, CHEAP.hash(PASSWORD), is_admin, now),
        )
    enter(person)


def enter(person: Person) -> None:
    """A session of whoever has an account."""
    token, moment = new_token(), datetime.now(UTC)
    now, soon = moment.strftime(FORM), (moment + timedelta(days=1)).strftime(FORM)
    with _rows(person) as db:
        db.execute(
            "INSERT INTO login_session (user_id, token_hash, created_at, entered_at, expires_at, seen_at)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (_id_of(person, db), hash_of(token), now, now, soon, now),
        )
    person.context.add_cookies([{"name": "beseda", "value": token, "url": person.product.url}])


def make_character(person: Person, name: str, context: str, *, is_public: bool = True) -> str:
    """The address of a character of theirs, which has no greeting."""
    now = datetime.now(UTC).strftime(FORM)
    with _rows(person) as db:
        made = db.execute(
            "INSERT INTO character (owner_id, name, name_key, gender, age_mark, teaser, bio, greeting, context,"
            " interests, is_public, created_at, updated_at)"
            " VALUES (?, ?, ?, 'female', '12+', '', '', '', ?, '[]', ?, ?, ?)",
            (_id_of(person, db), name, name.lower(), context, is_public, now, now),
        )
    return f"{person.product.url}/characters/{made.lastrowid}"


def begin_chat(person: Person, name: str = "Тихон Рогозин") -> None:
    """The person, who has an account, is in a chat in which nobody has said a word but the greeting."""
    now = datetime.now(UTC).strftime(FORM)
    with _rows(person) as db:
        (character_id, greeting) = db.execute("SELECT id, greeting FROM character WHERE name = ?", (name,)).fetchone()
        dialog_id = db.execute(
            "INSERT INTO dialog (user_id, character_id, started_at, spoken_at) VALUES (?, ?, ?, ?)",
            (_id_of(person, db), character_id, now, now),
        ).lastrowid
        if greeting:
            first = db.execute(
                "INSERT INTO message (dialog_id, role, text, state, fault, reference, model, created_at)"
                " VALUES (?, 'assistant', ?, 'done', '', '', '', ?)",
                (dialog_id, greeting, now),
            )
            db.execute("UPDATE dialog SET leaf_id = ? WHERE id = ?", (first.lastrowid, dialog_id))
    person.open(f"/chat/{dialog_id}")
    expect(person.composer).to_be_visible()


@contextmanager
def _rows(person: Person) -> Generator[sqlite3.Connection]:
    with closing(sqlite3.connect(person.product.data / "beseda.db", timeout=10)) as db, db:
        yield db


def _id_of(person: Person, db: sqlite3.Connection) -> int:
    (found,) = db.execute("SELECT id FROM user WHERE email_key = ?", (person.email,)).fetchone()
    return int(found)

"""Logged-in people and chats that have begun, for tests that are about something else than how one gets there."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta

from playwright.sync_api import expect

from domain.accounts.sessions import hash_of, new_token
from tests.cheap_passwords import CHEAP
from tests.e2e.people import PASSWORD, Person

FORM = "%Y-%m-%d %H:%M:%S.%f"


def arrive(person: Person, *, is_admin: bool = False) -> None:
    """An account and a session in the product's SQLite file, its cookie in the browser."""
    token, moment = new_token(), datetime.now(UTC)
    now, soon = moment.strftime(FORM), (moment + timedelta(days=1)).strftime(FORM)
    with sqlite3.connect(person.product.data / "beseda.db", timeout=10) as db:
        made = db.execute(
            "INSERT INTO user (email, email_key, display_name, password_hash, is_admin, language, created_at)"
            " VALUES (?, ?, ?, ?, ?, 'ru', ?)",
            (person.email, person.email, person.name, CHEAP.hash(PASSWORD), is_admin, now),
        )
        db.execute(
            "INSERT INTO login_session (user_id, token_hash, created_at, entered_at, expires_at, seen_at)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (made.lastrowid, hash_of(token), now, now, soon, now),
        )
    person.context.add_cookies([{"name": "beseda", "value": token, "url": person.product.url}])


def begin_chat(person: Person, name: str = "Тихон Рогозин") -> None:
    """The person, who has an account, is in a chat in which nobody has said a word but the greeting."""
    now = datetime.now(UTC).strftime(FORM)
    with sqlite3.connect(person.product.data / "beseda.db", timeout=10) as db:
        (user_id,) = db.execute("SELECT id FROM user WHERE email_key = ?", (person.email,)).fetchone()
        (character_id, greeting) = db.execute("SELECT id, greeting FROM character WHERE name = ?", (name,)).fetchone()
        dialog_id = db.execute(
            "INSERT INTO dialog (user_id, character_id, started_at, spoken_at) VALUES (?, ?, ?, ?)",
            (user_id, character_id, now, now),
        ).lastrowid
        first = db.execute(
            "INSERT INTO message (dialog_id, role, text, state, fault, reference, model, created_at)"
            " VALUES (?, 'assistant', ?, 'done', '', '', '', ?)",
            (dialog_id, greeting, now),
        )
        db.execute("UPDATE dialog SET leaf_id = ? WHERE id = ?", (first.lastrowid, dialog_id))
    person.open(f"/chat/{dialog_id}")
    expect(person.composer).to_be_visible()

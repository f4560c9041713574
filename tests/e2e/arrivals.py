"""Logged-in people, for tests that are about something else than logging in."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta

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

"""Test data: dialogs too long to be held in a test, put into the product's database as if they had been said."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime

from tests.e2e.people import Person


def talk_for_long(talker: Person, messages: int, words_each: int = 3) -> list[int]:
    """Add so many messages to the end of the open dialog; their ids, oldest first. Reload the page afterwards."""
    dialog_id = int(talker.page.url.rsplit("/", 1)[1])
    ids: list[int] = []
    with sqlite3.connect(talker.product.data / "beseda.db", timeout=10) as db:
        (leaf,) = db.execute("SELECT leaf_id FROM dialog WHERE id = ?", (dialog_id,)).fetchone()
        for n in range(1, messages + 1):
            role = "user" if n % 2 else "assistant"
            cursor = db.execute(
                "INSERT INTO message (dialog_id, parent_id, role, text, state, fault, reference, model, created_at)"
                " VALUES (?, ?, ?, ?, 'done', '', '', '', ?)",
                (
                    dialog_id,
                    leaf,
                    role,
                    f"Сказанное {n}. " + "И ещё слова. " * words_each,
                    datetime.now(UTC).isoformat(),
                ),
            )
            leaf = int(cursor.lastrowid or 0)
            ids.append(leaf)
        db.execute("UPDATE dialog SET leaf_id = ? WHERE id = ?", (leaf, dialog_id))
    return ids

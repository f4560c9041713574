"""Migration 0028: what books that are there hold is counted from what their entries say."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import text

from storage.migrate import upgrade
from tests.storage.test_rows_of_before import WHEN, connected, downgraded, put

pytestmark = pytest.mark.own_database

ENTRIES: tuple[dict[str, object], ...] = (
    {"keys": ["кот", "кошка"], "secondary_keys": ["море"], "content": "Кот."},
    {"keys": [], "secondary_keys": None, "content": "Всегда."},
    {"keys": ["маяк"], "content": "Маяк: «да», 'нет'."},
)


def test_keys_and_what_files_brought_are_counted(database_url: str) -> None:
    url = downgraded(database_url, "0027")
    told = [json.dumps(entry, ensure_ascii=False) for entry in ENTRIES]
    with connected(url) as db:
        put(db, "user", {"id": 1, "display_name": "Ира", "language": "ru", "created_at": WHEN})
        for book_id in (1, 2):
            book = {"id": book_id, "owner_id": 1, "name": "Остров", "rest": "{}", "entries": 3, "revision": 0}
            put(db, "book", book | {"made_at": WHEN, "changed_at": WHEN})
        for place, entry in enumerate(told):
            row = {"book_id": 1, "position": place, "is_on": True, "title": "", "keys": "", "tokens": 1, "entry": entry}
            put(db, "book_entry", row)
    upgrade(url)
    with connected(url) as db:
        keys = db.scalars(text("SELECT key_count FROM book_entry ORDER BY position")).all()
        sizes = db.scalars(text("SELECT size FROM book ORDER BY id")).all()
    assert keys == [3, 0, 1]
    assert sizes == [sum(map(len, told)), 0]

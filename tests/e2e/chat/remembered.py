"""Test data: what a dialog remembers, put into the product's database as if it had been found and told."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from typing import Any

from tests.e2e.arrivals import FORM
from tests.e2e.people import Person


class Remembered:
    """Rows of the open dialog's memory. Reload the page afterwards."""

    def __init__(self, talker: Person) -> None:
        self._talker = talker
        self._dialog_id = int(talker.page.url.partition("#")[0].rsplit("/", 1)[1])

    def fact(self, text: str, message_id: int, **fields: Any) -> int:
        given = {"keys": "", "roots": "", "key_hash": text, "made_by": "model"}
        return self._add("memory_fact", text=text, message_id=message_id, **given | fields)

    def chapter(self, text: str, first_id: int, last_id: int, **fields: Any) -> int:
        given = {
            "level": 0,
            "covered": 0,
            "made_by": "model",
            "state": "done",
            "fault": "",
            "reference": "",
            "model": "",
        }
        counts = dict.fromkeys(("tokens_in", "tokens_out", "cost", "attempts"), 0)
        return self._add("memory_chapter", text=text, first_id=first_id, last_id=last_id, **given | counts | fields)

    def recalled(self, reply_id: int, *message_ids: int) -> None:
        self._do("UPDATE message SET recalled = ? WHERE id = ?", json.dumps(message_ids), reply_id)

    def _add(self, table: str, **fields: Any) -> int:
        row = {"dialog_id": self._dialog_id, "made_at": datetime.now(UTC).strftime(FORM), **fields}
        places = ", ".join("?" * len(row))
        added = self._do(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({places})", *row.values())
        self._do("UPDATE dialog SET memory_version = memory_version + 1 WHERE id = ?", self._dialog_id)
        return added

    def _do(self, statement: str, *values: object) -> int:
        with closing(sqlite3.connect(self._talker.product.data / "beseda.db", timeout=10)) as db, db:
            return int(db.execute(statement, values).lastrowid or 0)

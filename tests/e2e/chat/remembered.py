"""Test data: what a dialog remembers, put into the product's database as if it had been found and told."""

from __future__ import annotations

import json
import sqlite3
import time
from contextlib import closing
from datetime import UTC, datetime
from typing import Any

from tests.e2e.arrivals import FORM
from tests.e2e.people import Person

INDEXED_WITHIN = 60  # seconds; far more than it takes, since the machine may be busy


class Remembered:
    """Rows of the open dialog's memory. Reload the page afterwards."""

    def __init__(self, talker: Person) -> None:
        self._talker = talker
        self._dialog_id = int(talker.page.url.partition("#")[0].rsplit("/", 1)[1])

    def fact(self, text: str, message_id: int, **fields: Any) -> int:
        given = {"keys": "", "roots": "", "key_hash": text, "made_by": "model", "times": 1}
        return self._add("memory_fact", text=text, message_id=message_id, **given | fields)

    def chapter(self, text: str, last_id: int, **fields: Any) -> int:
        """The first one."""
        given = {
            "level": 0,
            "covered": 0,
            "made_by": "model",
            "state": "done",
            "fault": "",
            "reference": "",
            "model": "",
        }
        counts = dict.fromkeys(("tokens_in", "tokens_out", "cost", "attempts", "is_retold"), 0)
        return self._add(
            "memory_chapter",
            text=text,
            first_id=self._read("SELECT MIN(id) FROM message"),
            last_id=last_id,
            **given | counts | fields,
        )

    def said(self, message_id: int, text: str) -> None:
        self._do("UPDATE message SET text = ? WHERE id = ?", text, message_id)

    def wait_until_indexed(self, message_id: int) -> None:
        """Until recall finds the words of this message, too; whoever opens the dialog begins it."""
        give_up = time.monotonic() + INDEXED_WITHIN
        while self._read("SELECT words_upto FROM dialog") < message_id:
            assert time.monotonic() < give_up, "its words are not indexed"
            time.sleep(0.02)

    def _read(self, what: str) -> int:
        about = "id" if what.endswith("FROM dialog") else "dialog_id"
        with closing(sqlite3.connect(self._talker.product.data / "beseda.db", timeout=10)) as db:
            (found,) = db.execute(f"{what} WHERE {about} = ?", (self._dialog_id,)).fetchone()
        return int(found)

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

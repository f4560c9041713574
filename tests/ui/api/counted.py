"""Counted product: `python -m tests.ui.api.counted` starts Beseda and writes down each statement that an action costs.

`STATEMENTS_FILE` gets a line for each, as the database's driver is given it. What the server does by itself, by the
clock, is not among them, and replies are saved at their end only, so that a slow machine asks no more.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TextIO

from sqlalchemy import Engine, event

import main
from domain.chat.replies import reply_row
from storage.fair_queue import BACKGROUND, acting_for

NEVER = 3600  # seconds


def count_into(file: TextIO) -> None:
    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if acting_for.get() != BACKGROUND:
            print(" ".join(statement.split()), file=file, flush=True)

    event.listen(Engine, "before_cursor_execute", note)


if __name__ == "__main__":
    reply_row.SAVED_EVERY = NEVER
    with Path(os.environ["STATEMENTS_FILE"]).open("w") as file:
        count_into(file)
        sys.exit(main.main())

"""PostgreSQL connection setup: limits that a frozen instance or a cut line cannot outstay, and waiting for a server
that is still starting.
"""

from __future__ import annotations

import logging
import time
from typing import Any

from sqlalchemy import URL, NullPool, create_engine, text
from sqlalchemy.exc import OperationalError

from storage.url import file_of, read_url

log = logging.getLogger(__name__)

CONNECT_WITHIN = 10  # seconds
LONGEST_STATEMENT = 15
"""Seconds after which PostgreSQL gives a statement up: whoever asked has long gone."""
LONGEST_PAUSE = 5
"""Seconds after which PostgreSQL ends a transaction that nobody goes on with: its instance is frozen or cut off, and
others wait for what it has locked.
"""
NO_TIME_LIMIT = text("SET LOCAL statement_timeout = 0")
"""For the statements of one transaction."""
PAUSED_TOO_LONG = "25P03"
"""PostgreSQL's error code for that."""
REPLAN = "cached plan must not change result type"
"""What PostgreSQL says of a prepared statement whose columns a newer release has changed since. The rollback that
follows makes this connection forget it.
"""
LINE = {
    "connect_timeout": CONNECT_WITHIN,
    # After how long TCP notices that the other machine has gone without a word.
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,  # milliseconds
}
START_WITHIN = 30
"""Seconds that a server waits at its start: they are often started together."""
ASKED_EVERY = 0.5
FINAL = ("password authentication failed", "does not exist", "no pg_hba.conf entry")
"""What an English server says when waiting does not help."""


def connect_args(address: URL) -> dict[str, Any]:
    """The driver's arguments; what the address itself says counts more."""
    own = f"-c statement_timeout={LONGEST_STATEMENT}s -c idle_in_transaction_session_timeout={LONGEST_PAUSE}s"
    theirs = address.query.get("options", "")
    line = {name: value for name, value in LINE.items() if name not in address.query}
    return line | {"options": f"{own} {theirs}".strip()}


def wait_for_answer(url: str) -> None:
    """Wait until the database at `url` takes connections, or give up: whoever uses it next hears why."""
    address = read_url(url, blocking=True)
    if file_of(address):
        return
    engine = create_engine(address, poolclass=NullPool, hide_parameters=True, connect_args=LINE)
    give_up = time.monotonic() + START_WITHIN
    is_told = False
    while time.monotonic() < give_up:
        try:
            engine.connect().close()
        except OperationalError as error:
            if any(words in str(error.orig) for words in FINAL):
                return
            if not is_told:
                log.warning("The database does not answer yet: waiting for it, up to %s seconds", START_WITHIN)
            is_told = True
            time.sleep(ASKED_EVERY)
        else:
            return

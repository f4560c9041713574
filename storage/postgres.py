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
"""Seconds after which PostgreSQL aborts a statement: whoever was waiting for it has long gone."""
LONGEST_PAUSE = 5
"""Seconds after which PostgreSQL ends an idle transaction: its instance is frozen or cut off, and others wait for its
locks.
"""
NO_TIME_LIMIT = text("SET LOCAL statement_timeout = 0")
"""Lifts `LONGEST_STATEMENT` for one transaction."""
PAUSED_TOO_LONG = "25P03"
"""SQLSTATE of a transaction ended by `LONGEST_PAUSE`."""
REPLAN = "cached plan must not change result type"
"""PostgreSQL's error message for a prepared statement whose columns a newer release has changed since. The rollback
that follows makes the connection forget the statement.
"""
LINE = {
    "connect_timeout": CONNECT_WITHIN,
    # TCP timeouts after which a server that vanished without a word is noticed.
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,  # milliseconds
}
START_WITHIN = 30
"""Seconds that our server waits for the database at its start, since both are often started together."""
ASKED_EVERY = 0.5
FINAL = ("password authentication failed", "does not exist", "no pg_hba.conf entry")
"""Parts of PostgreSQL's error messages, in English, after which waiting is of no use."""


def connect_args(address: URL) -> dict[str, Any]:
    """Arguments for the driver; those in the address itself take precedence."""
    own = f"-c statement_timeout={LONGEST_STATEMENT}s -c idle_in_transaction_session_timeout={LONGEST_PAUSE}s"
    theirs = address.query.get("options", "")
    line = {name: value for name, value in LINE.items() if name not in address.query}
    return line | {"options": f"{own} {theirs}".strip()}


def wait_for_answer(url: str) -> None:
    """Wait until the database at `url` accepts connections, or give up silently: its next user learns why."""
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

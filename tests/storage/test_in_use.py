"""Use check of a PostgreSQL database that is about to be replaced."""

from __future__ import annotations

from threading import Timer

import pytest

from storage.backup import in_use
from storage.backup.in_use import unused
from storage.backup.postgres_tools import connect


@pytest.mark.own_database  # nobody else is connected to it
@pytest.mark.parametrize("dialect", ["postgresql"])
def test_a_session_that_is_just_ending_is_waited_for(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(in_use, "LINGERS", 60)  # seconds, on a busy machine
    connection = connect(database_url)
    ending = Timer(0.2, connection.close)
    ending.start()
    with unused(database_url):
        ending.join()

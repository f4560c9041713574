"""Server figures: what metrics read of the whole database; on both databases."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from domain.admin.server_figures import ServerFigures
from domain.backup.records import BackupRecord
from domain.chat.replies.reply_writer import ReplyWriter
from domain.clock import now
from domain.instances.clock_skew import ClockSkew
from domain.llm.demo.model import DemoModel
from domain.mail.outbox import QueuedMail
from domain.rate_limits import InMemory, RateLimiter
from storage.bus import Bus
from storage.database import Database


@pytest.fixture
def figures(database: Database, tmp_path: Path) -> ServerFigures:
    bus = Bus()
    writer = ReplyWriter(database, bus, DemoModel(), RateLimiter(InMemory()), places=3)
    return ServerFigures(database, bus, writer, ClockSkew(database), tmp_path)


async def test_letters_that_wait_are_told_with_the_age_of_the_oldest(
    database: Database, figures: ServerFigures
) -> None:
    quiet = await figures.of_database()
    assert (quiet["letters_waiting"], quiet["letters_failing"]) == (0, 0)
    assert "letter_oldest_timestamp_seconds" not in quiet
    async with database.write() as db:
        for minutes, tries in ((20, 2), (5, 0)):
            written_at = now() - timedelta(minutes=minutes)
            db.add(
                QueuedMail(
                    recipient="ira@example.org",
                    subject="Вход",
                    text="…",
                    html="",
                    tries=tries,
                    created_at=written_at,
                    good_until=now() + timedelta(hours=1),
                )
            )
    told = await figures.of_database()
    assert (told["letters_waiting"], told["letters_failing"]) == (2, 1)
    assert now().timestamp() - told["letter_oldest_timestamp_seconds"] == pytest.approx(1200, abs=60)


async def test_places_are_those_of_the_settings(figures: ServerFigures) -> None:
    told = dict(await figures.of_process()) | dict(await figures.of_database())
    assert (told["places"], told["places_taken"], told["replies_running"]) == (3, 0, 0)


async def test_the_newest_backup_is_told_with_what_its_check_found(database: Database, figures: ServerFigures) -> None:
    assert not [name for name in await figures.of_database() if name.startswith("backup")]
    made_at = now() - timedelta(hours=30)
    async with database.write() as db:
        db.add(BackupRecord(key="a", made_at=made_at, size=1, checked_at=now(), is_sound=False))
    told = await figures.of_database()
    assert told["backup_last_success_timestamp_seconds"] == pytest.approx(made_at.timestamp())
    assert not told["backup_sound"]

"""Records of backups, as admins see them: the age of the last backup, and whether one has been verified."""

from __future__ import annotations

from asyncio import to_thread
from datetime import timedelta
from pathlib import Path

import pytest

from domain.backup import console
from domain.backup.records import BackupHealth, backup_health
from domain.checks.backup_check import check_backups
from domain.checks.finding import Verdict
from domain.language import Texts
from storage.database import Database
from tests.clock import Clock
from tests.domain.backup.conftest import Home


async def health(database: Database) -> BackupHealth | None:
    async with database.read() as db:
        return await backup_health(db)


async def words(database: Database) -> tuple[Verdict, str]:
    finding = await check_backups(database)
    return finding.verdict, finding.in_words(Texts("ru"))


async def test_the_first_backup_turns_them_on_and_a_day_without_one_is_a_fault(
    home: Home, database: Database, clock: Clock
) -> None:
    assert await health(database) is None
    assert (await words(database))[0] == Verdict.NOTE, "there may be other means"
    archive = await to_thread(home.back_up)
    made = await health(database)
    assert made
    assert made.size == archive.stat().st_size
    assert not made.is_late
    assert (await words(database))[0] == Verdict.OK
    clock.advance(timedelta(hours=27))
    late = await health(database)
    assert late
    assert late.is_late
    verdict, told = await words(database)
    assert verdict == Verdict.WRONG
    assert told.startswith("Последней копии 27 ч.")
    await to_thread(home.back_up)
    assert (await words(database))[0] == Verdict.OK


async def test_a_backup_dated_by_a_clock_that_was_ahead_hides_neither_that_there_is_none_nor_those_that_follow(
    home: Home, database: Database, clock: Clock
) -> None:
    today = clock.time
    clock.advance(timedelta(days=3650))
    archive = await to_thread(home.back_up)
    await to_thread(home.verify, archive)
    clock.set(today)
    assert await health(database) is None
    await to_thread(home.back_up)
    made = await health(database)
    assert made
    assert made.made_at == today
    assert made.checked_at is None
    clock.advance(timedelta(hours=27))
    assert (await words(database))[0] == Verdict.WRONG


async def test_what_a_check_found_is_shown(home: Home, database: Database, capsys: pytest.CaptureFixture[str]) -> None:
    archive = await to_thread(home.back_up)
    await to_thread(home.verify, archive)
    checked = await health(database)
    assert checked
    assert checked.checked_at
    assert checked.is_sound
    damaged = bytearray(archive.read_bytes())
    damaged[5000] ^= 1
    archive.write_bytes(damaged)
    assert await to_thread(home.verify, archive) == 1
    assert "database." in capsys.readouterr().err
    checked = await health(database)
    assert checked
    assert checked.is_sound is False
    assert (await words(database))[0] == Verdict.WRONG


async def test_a_restored_server_counts_from_the_backup_it_was_restored_from(inhabited: Home, elsewhere: Home) -> None:
    archive = await to_thread(inhabited.back_up)
    await to_thread(elsewhere.restore, archive)
    database = Database(elsewhere.settings.database)
    last = await health(database)
    await database.close()
    assert last
    assert last.size == archive.stat().st_size


async def test_a_backup_that_is_written_to_a_pipe_is_noted_too(
    home: Home, database: Database, capfdbinary: pytest.CaptureFixture[bytes], tmp_path: Path
) -> None:
    assert await to_thread(console.back_up, home.settings, Path("-"), None) == 0
    archive, said = capfdbinary.readouterr()
    assert b"to the standard output" in said
    (tmp_path / "piped.tar").write_bytes(archive)
    assert await to_thread(home.verify, tmp_path / "piped.tar") == 0
    assert await health(database)


@pytest.mark.parametrize("dialect", ["sqlite"])
async def test_a_backup_can_be_checked_where_no_server_is(inhabited: Home, elsewhere: Home) -> None:
    archive = await to_thread(inhabited.back_up)
    assert await to_thread(elsewhere.verify, archive) == 0
    assert list(elsewhere.data.iterdir()) == []

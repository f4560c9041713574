"""A restore into PostgreSQL that was killed: nobody works on what is half there, and the next one puts things back."""

from __future__ import annotations

import subprocess
import sys
from argparse import Namespace
from pathlib import Path

import pytest

import main
from domain.backup.moving import move
from domain.checks.database_check import check_database
from domain.checks.finding import Verdict
from domain.settings import Settings
from storage.backup.refused import Refused
from storage.database import Database
from storage.migrate import differences, upgrade
from tests.domain.backup.conftest import Home

pytestmark = pytest.mark.parametrize("dialect", ["postgresql"])
MAIN = Path(main.__file__)
KILLED = "import os, sys; from storage.backup.postgres_aside import replaced\nwith replaced(sys.argv[1]): os._exit(9)"


@pytest.fixture
def archive(inhabited: Home) -> Path:
    return inhabited.back_up()


@pytest.fixture
def half_done(archive: Path, elsewhere: Home) -> Home:
    """A restore was killed after the tables were put aside."""
    elsewhere.restore(archive)
    elsewhere.change("UPDATE message SET text = 'Моё' WHERE role = 'user'")
    killed = [sys.executable, "-c", KILLED, elsewhere.settings.database]
    assert subprocess.run(killed, check=False, cwd=MAIN.parent, timeout=60).returncode == 9
    return elsewhere


def test_the_tables_from_before_are_put_back_by_the_next(half_done: Home, archive: Path) -> None:
    half_done.change("CREATE TABLE half_done (id integer)")
    with pytest.raises(Refused, match="--replace"):
        half_done.restore(archive)
    assert half_done.ask("SELECT text FROM message WHERE role = 'user'") == ["Моё"]
    assert differences(half_done.settings.database) == []
    half_done.restore(archive, replace=True)
    assert half_done.ask("SELECT text FROM message WHERE role = 'user' AND text = 'Моё'") == []


def test_until_then_nothing_else_works_on_what_is_there(
    half_done: Home, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(main, "writes_json", lambda: False)
    assert main.migrate(half_done.settings, Namespace()) == 2
    assert "main.py restore FILE again" in capsys.readouterr().err
    with pytest.raises(Refused, match="restore FILE again"):
        upgrade(half_done.settings.database, by_server=True)
    with pytest.raises(Refused, match="restore FILE again"):
        half_done.back_up()
    source = Settings(_env_file=None, data_dir=half_done.data)
    with pytest.raises(Refused, match="restore FILE again"):
        move(source, half_done.settings.database)
    assert half_done.ask("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == [0], "no new installation"


async def test_the_checks_tell_what_to_do(half_done: Home) -> None:
    database = Database(half_done.settings.database)
    finding = await check_database(database)
    await database.close()
    assert finding.verdict == Verdict.WRONG
    assert "main.py restore FILE again" in finding.advice


def test_nothing_is_put_back_for_a_file_that_is_no_backup(half_done: Home, tmp_path: Path) -> None:
    half_done.change("CREATE TABLE written_since (id integer)")
    for file in (tmp_path / "missing.tar", Path(__file__)):
        with pytest.raises((OSError, Refused)):
            half_done.restore(file, replace=True)
    assert half_done.ask("SELECT count(*) FROM written_since") == [0]

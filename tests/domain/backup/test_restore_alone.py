"""Restores into PostgreSQL: each is alone while it runs. After a kill, nobody works on the half-restored database until
the next one puts the old tables back.
"""

from __future__ import annotations

import os
import subprocess
import sys
from argparse import Namespace
from pathlib import Path

import pytest

import main
from domain.backup.moving import move
from domain.checks.database_check import check_database
from domain.checks.finding import Verdict
from domain.settings.settings import Settings
from storage.backup.in_use import unused
from storage.backup.postgres_aside import replaced
from storage.backup.postgres_tools import connect
from storage.backup.refused import Refused
from storage.backup.restore_under_way import TRY_TO_SHARE
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
def restored(archive: Path, elsewhere: Home) -> Home:
    elsewhere.restore(archive)
    elsewhere.change("UPDATE message SET text = 'Моё' WHERE role = 'user'")
    return elsewhere


@pytest.fixture
def half_done(restored: Home) -> Home:
    """A server whose restore was killed after the tables were put aside."""
    killed = [sys.executable, "-c", KILLED, restored.settings.database]
    assert subprocess.run(killed, check=False, cwd=MAIN.parent, timeout=60).returncode == 9
    return restored


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


def test_while_one_runs_neither_another_begins_nor_a_server(restored: Home, archive: Path, tmp_path: Path) -> None:
    """The lock ends with the session, so that a killed restore locks nobody out."""
    url = restored.settings.database
    with unused(url):
        with pytest.raises(Refused, match="Another restore into this database is under way"):
            restored.restore(archive, replace=True)
        with pytest.raises(Refused, match="Another restore into this database is under way"):
            move(Settings(_env_file=None, data_dir=tmp_path), url)
        with pytest.raises(Refused, match="A restore into this database, or a move, is under way"):
            upgrade(url, by_server=True)
        with replaced(url), pytest.raises(Refused, match="A restore into this database, or a move, is under way"):
            restored.back_up()
    upgrade(url, by_server=True)


def test_while_a_server_brings_the_database_up_to_date_no_restore_begins(restored: Home, archive: Path) -> None:
    with connect(restored.settings.database) as connection:
        connection.execute(TRY_TO_SHARE)
        with pytest.raises(Refused, match="or a server just starts"):
            restored.restore(archive, replace=True)


@pytest.mark.slow
def test_two_restores_at_the_same_moment_do_not_mix(restored: Home, archive: Path) -> None:
    program = [sys.executable, str(MAIN), "restore", "--replace", str(archive)]
    environment = os.environ | {"DATABASE_URL": restored.settings.database, "DATA_DIR": str(restored.data)}
    both = [
        subprocess.Popen(program, env=environment, cwd=restored.data, text=True, stderr=subprocess.PIPE)
        for _ in range(2)
    ]
    told = [process.communicate(timeout=60)[1] for process in both]
    refused = [words for process, words in zip(both, told, strict=True) if process.returncode]
    assert all("under way" in words or "connected" in words for words in refused)
    assert restored.ask("SELECT count(*) FROM message WHERE text = 'Моё'") == [len(refused) // 2]
    assert differences(restored.settings.database) == []

"""Backup and restore on both databases: what comes back, what does not, and that nothing is lost on the way."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from domain.backup import console
from domain.settings.settings import Settings
from storage.backup.in_use import unused
from storage.backup.postgres_tools import connect
from storage.backup.refused import Refused
from storage.migrate import SchemaTooNew, differences
from tests.clock import Clock
from tests.domain.backup.conftest import SECRET, Home
from tests.storage.old_database import upgrade_to

MAIN = Path(__file__).parents[3] / "main.py"
Said = pytest.CaptureFixture[str]


def photos(home: Home) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in (home.data / "pictures").glob("??/*")}


def test_what_was_backed_up_is_there_again_elsewhere(inhabited: Home, elsewhere: Home, capsys: Said) -> None:
    archive = inhabited.back_up()
    assert elsewhere.verify(archive) == 0
    assert "Every byte is as it was written" in capsys.readouterr().out
    assert elsewhere.restore(archive) == 0
    texts = "SELECT text FROM message ORDER BY id"
    assert elsewhere.ask(texts) == inhabited.ask(texts)
    for table in ("memory_pin", "memory_chapter", "memory_fact"):
        remembered = f"SELECT text FROM {table} ORDER BY id"
        assert elsewhere.ask(remembered) == inhabited.ask(remembered) != []
    words = "said" if inhabited.settings.database.startswith("sqlite") else "CAST(tokens AS text)"
    indexed = f"SELECT {words} FROM message_words"
    assert elsewhere.ask(indexed) == inhabited.ask(indexed) != []
    assert len(photos(elsewhere)) == 2
    assert photos(elsewhere) == photos(inhabited)
    assert (elsewhere.data / "jwt_secret").read_text() == SECRET
    assert differences(elsewhere.settings.database) == []
    assert sorted(path.name for path in elsewhere.data.iterdir() if "beseda.db" not in path.name) == [
        *("jwt_secret", "pictures")
    ], "nothing lies about"


def test_after_a_restore_nothing_that_was_good_once_is_good_again(
    inhabited: Home, elsewhere: Home, capsys: Said
) -> None:
    elsewhere.restore(inhabited.back_up())
    for table in ("login_session", "mailed_link", "outgoing_letter", "first_admin_link"):
        assert elsewhere.ask(f"SELECT count(*) FROM {table}") == [0], table
    assert elsewhere.ask("SELECT state FROM message WHERE role = 'assistant'") == ["interrupted"]
    assert elsewhere.ask("SELECT text FROM message WHERE state = 'interrupted'") == ["Нача"], "its text stays"
    told = capsys.readouterr().out
    assert "sessions: 1" in told
    assert "replies being written are interrupted (1)" in told


def test_ids_go_on_where_they_were(inhabited: Home, elsewhere: Home) -> None:
    elsewhere.restore(inhabited.back_up())
    if elsewhere.settings.database.startswith("postgresql"):
        assert elsewhere.ask("SELECT nextval(pg_get_serial_sequence('message', 'id'))") == [3]
    else:
        assert elsewhere.ask("SELECT seq FROM sqlite_sequence WHERE name = 'message'") == [2]


def test_only_the_owner_can_read_a_backup(inhabited: Home) -> None:
    before = os.umask(0)
    try:
        archive = inhabited.back_up()
        console.back_up(inhabited.settings, None, None)
    finally:
        os.umask(before)
    [other] = (inhabited.data / "backups").iterdir()
    assert {stat.S_IMODE(file.stat().st_mode) for file in (archive, other)} == {0o600}
    assert stat.S_IMODE(other.parent.stat().st_mode) == 0o700


def test_no_file_is_overwritten_and_of_daily_ones_the_newest_stay(
    inhabited: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = inhabited.data / "mine.tar"
    mine.write_text("a letter")
    with pytest.raises(Refused, match=r"mine\.tar is there already"):
        console.back_up(inhabited.settings, mine, None)
    assert mine.read_text() == "a letter"
    for day in range(4):
        monkeypatch.setattr(console, "STAMP", f"2026-01-0{day}T000000Z")
        console.back_up(inhabited.settings, None, 2)
    kept = sorted(file.name for file in (inhabited.data / "backups").iterdir())
    assert kept == ["beseda-2026-01-02T000000Z.tar", "beseda-2026-01-03T000000Z.tar"]


@pytest.mark.parametrize("dialect", ["sqlite"])
def test_a_new_backup_stays_whatever_the_clock_said_before_and_so_do_files_that_somebody_named(
    inhabited: Home, clock: Clock
) -> None:
    folder = inhabited.data / "backups"
    folder.mkdir()
    named = ["beseda-2026-before-the-move.tar", "beseda-2026-01-01T000000Z.tar.gpg"]
    dated = ["beseda-2026-01-02T000000Z.tar", "beseda-2099-01-01T000000Z.tar", "beseda-2099-01-02T000000Z.tar"]
    for name in named + dated:
        (folder / name).touch()
    clock.set(datetime(2026, 2, 1, tzinfo=UTC))
    console.back_up(inhabited.settings, None, 2)
    new = "beseda-2026-02-01T000000Z.tar"
    assert {file.name for file in folder.iterdir()} == {*named, new, dated[-1]}
    clock.advance(timedelta(seconds=1))
    console.back_up(inhabited.settings, None, 9)
    assert len(list(folder.iterdir())) == 5, "fewer than nine: all stay"
    with pytest.raises(Refused, match="--keep"):
        console.back_up(inhabited.settings, inhabited.data / "mine.tar", 2)
    assert not (inhabited.data / "mine.tar").exists()


@pytest.mark.parametrize("dialect", ["sqlite"])
def test_what_stands_in_somebodys_archive_cannot_steer_the_terminal(
    inhabited: Home, monkeypatch: pytest.MonkeyPatch, capsys: Said
) -> None:
    monkeypatch.setattr(console, "product_version", lambda: "\x1b[2J\x1b]0;owned\x07")
    archive = inhabited.back_up()
    assert inhabited.verify(archive) == 0
    assert r"Beseda \x1b[2J" in (told := capsys.readouterr().out)
    assert "\x1b" not in told


def test_what_is_there_is_only_replaced_when_asked_and_backed_up_before(
    inhabited: Home, elsewhere: Home, capsys: Said
) -> None:
    first = inhabited.back_up()
    elsewhere.restore(first)
    renamed = "UPDATE message SET text = 'Другое' WHERE role = 'user'"
    elsewhere.change(renamed)
    with pytest.raises(Refused, match="--replace"):
        elsewhere.restore(first)
    assert elsewhere.ask("SELECT text FROM message WHERE role = 'user'") == ["Другое"]
    capsys.readouterr()
    assert elsewhere.restore(first, replace=True) == 0
    [former] = (elsewhere.data / "backups").iterdir()
    assert str(former) in capsys.readouterr().out
    assert elsewhere.ask("SELECT count(*) FROM message WHERE text = 'Другое'") == [0]
    assert elsewhere.restore(former, replace=True) == 0, "and the way back is open"
    assert elsewhere.ask("SELECT text FROM message WHERE role = 'user'") == ["Другое"]
    assert differences(elsewhere.settings.database) == []


def test_a_restore_that_fails_at_its_end_leaves_what_was_there(
    inhabited: Home, elsewhere: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = inhabited.back_up()
    elsewhere.restore(archive)
    elsewhere.change("UPDATE message SET text = 'Моё' WHERE role = 'user'")

    def breaks_off(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(console, "put_photos", breaks_off)
    with pytest.raises(OSError, match="No space"):
        elsewhere.restore(archive, replace=True)
    assert elsewhere.ask("SELECT text FROM message WHERE role = 'user'") == ["Моё"]
    assert differences(elsewhere.settings.database) == []


def test_an_older_backup_is_migrated_up_and_a_newer_one_refused(
    empty_database_url: str, elsewhere: Home, tmp_path: Path
) -> None:
    upgrade_to(empty_database_url, "0018")
    data = tmp_path / "old"
    data.mkdir()
    old = Home(Settings(_env_file=None, data_dir=data, database_url=empty_database_url))
    old.change("INSERT INTO starter_set VALUES ('xx')")
    elsewhere.restore(old.back_up())
    assert differences(elsewhere.settings.database) == []
    assert elsewhere.ask("SELECT language FROM starter_set ORDER BY 1") == ["xx"]

    old.change("UPDATE alembic_version SET version_num = 'f00dfeed1234'")
    newer = old.back_up()
    with pytest.raises(SchemaTooNew, match="f00dfeed1234"):
        elsewhere.restore(newer, replace=True)
    assert elsewhere.ask("SELECT language FROM starter_set ORDER BY 1") == ["xx"]
    assert differences(elsewhere.settings.database) == []


def test_a_photo_without_a_file_is_told_and_keeps_nobody_from_a_backup(inhabited: Home, capsys: Said) -> None:
    shutil.rmtree(inhabited.data / "pictures")
    archive = inhabited.back_up()
    assert "The files of 1 photos were missing already" in capsys.readouterr().out
    assert inhabited.verify(archive) == 0


def test_a_database_in_use_is_not_replaced(inhabited: Home, elsewhere: Home) -> None:
    archive = inhabited.back_up()
    elsewhere.restore(archive)
    if elsewhere.settings.database.startswith("postgresql"):
        with connect(elsewhere.settings.database), pytest.raises(Refused, match="Somebody is connected"):
            elsewhere.restore(archive, replace=True)
    else:
        with unused(elsewhere.settings.database), pytest.raises(Refused, match="stop it first"):
            elsewhere.restore(archive, replace=True)


def test_nothing_is_backed_up_where_nothing_is(elsewhere: Home) -> None:
    with pytest.raises(Refused, match="nothing to back up"):
        elsewhere.back_up()
    assert [path.name for path in elsewhere.data.iterdir() if path.suffix in {".tar", ".part"}] == []


def test_a_secret_that_is_not_there_is_not_made_up(home: Home, elsewhere: Home, capsys: Said) -> None:
    """The data folder may be on another machine, as is possible with PostgreSQL."""
    archive = home.back_up()
    assert "There is no secret in DATA_DIR" in capsys.readouterr().out
    assert not (home.data / "jwt_secret").exists()
    assert elsewhere.restore(archive) == 0
    assert not (elsewhere.data / "jwt_secret").exists()


def test_no_kill_leaves_the_old_database_with_a_new_secret(
    inhabited: Home, elsewhere: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = inhabited.back_up()
    elsewhere.restore(archive)
    elsewhere.change("UPDATE message SET text = 'Моё' WHERE role = 'user'")
    (elsewhere.data / "jwt_secret").write_text("another secret that is long enough")

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    is_sqlite = elsewhere.settings.database.startswith("sqlite")
    monkeypatch.setattr(console, "put_sqlite" if is_sqlite else "put_photos", killed)
    with pytest.raises(KeyboardInterrupt):
        elsewhere.restore(archive, replace=True)
    assert elsewhere.ask("SELECT text FROM message WHERE role = 'user'") == ["Моё"]
    assert (elsewhere.data / "jwt_secret").read_text() == "another secret that is long enough"


@pytest.mark.parametrize("dialect", ["sqlite"])
def test_a_full_disk_is_told_in_a_word_and_leaves_no_half_backup(inhabited: Home) -> None:
    program = "import resource as r; r.setrlimit(r.RLIMIT_FSIZE, (100_000, 100_000)); import runpy, sys; "
    program += f"sys.argv = ['main.py', 'backup']; runpy.run_path({str(MAIN)!r}, run_name='__main__')"
    environment = {"DATABASE_URL": inhabited.settings.database, "PATH": os.environ["PATH"]}
    answer = subprocess.run(
        [sys.executable, "-c", program],
        check=False,
        capture_output=True,
        text=True,
        cwd=inhabited.data,
        env=environment | {"DATA_DIR": str(inhabited.data), "PYTHONPATH": str(MAIN.parent)},
        timeout=60,
    )
    assert (answer.returncode, answer.stderr) == (2, "The disk is full, or cannot be written to.\n")
    assert list((inhabited.data / "backups").iterdir()) == []

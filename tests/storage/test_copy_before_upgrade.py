"""The copy of a SQLite file before an upgrade: the way back, made by itself."""

from __future__ import annotations

import logging
import shutil
import sqlite3
import stat
from collections import namedtuple
from contextlib import closing
from pathlib import Path

import pytest

from storage.migrate import UpgradeFailed, upgrade
from tests.storage.old_database import upgrade_to

Usage = namedtuple("Usage", "total used free")  # noqa: PYI024 - as shutil has it


def revision(file: Path) -> str:
    with closing(sqlite3.connect(file)) as db:
        return str(db.execute("SELECT version_num FROM alembic_version").fetchone()[0])


def an_old_one(folder: Path) -> Path:
    file = folder / "beseda.db"
    file.unlink(missing_ok=True)
    upgrade_to(f"sqlite:///{file}", "0018")
    return file


def test_an_upgrade_leaves_the_database_of_before_beside_it(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    file = an_old_one(tmp_path)
    upgrade(f"sqlite:///{file}")
    [copy] = (tmp_path / "backups").iterdir()
    assert (revision(copy), revision(file) > "0020") == ("0018", True)
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert any(str(copy) in line for line in caplog.messages)


def test_neither_a_first_start_nor_an_ordinary_one_makes_a_copy(tmp_path: Path) -> None:
    for _ in range(2):
        upgrade(f"sqlite:///{tmp_path}/beseda.db")
    assert not (tmp_path / "backups").exists()


@pytest.mark.slow
def test_the_newest_three_stay_and_nothing_else_is_deleted(tmp_path: Path) -> None:
    (tmp_path / "backups").mkdir()
    mine = tmp_path / "backups" / "mine.db"
    mine.write_text("a letter")
    for _ in range(4):
        upgrade(f"sqlite:///{an_old_one(tmp_path)}")
    names = sorted(path.name for path in (tmp_path / "backups").iterdir())
    assert len(names) == 4
    assert "mine.db" in names


def test_without_room_for_it_nothing_is_upgraded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = an_old_one(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(10, 10, 0))
    with pytest.raises(
        UpgradeFailed, match=r"cannot be copied before: it needs .* MB on the disk and 0 MB are free"
    ) as told:
        upgrade(f"sqlite:///{file}")
    assert told.value.__cause__ is None, "its traceback would be printed before, and say the same"
    assert revision(file) == "0018"
    assert list((tmp_path / "backups").iterdir()) == []

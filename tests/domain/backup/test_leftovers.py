"""Leftovers of killed commands hold the database and the secret: the next command removes them, and nothing else."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from domain.backup import console
from storage.backup.backup import alone_in
from storage.backup.refused import Refused
from storage.backup.working_folder import DUMP, KINDS, working_folder
from tests.domain.backup.conftest import Home

pytestmark = pytest.mark.parametrize("dialect", ["sqlite"])
ROOT = Path(__file__).parents[3]
KILLED = """
import os, sys
from pathlib import Path
from storage.backup.working_folder import working_folder
with working_folder(Path(sys.argv[1]), sys.argv[2]) as folder:
    (folder / "jwt_secret").write_text("a secret")
    os._exit(9)
"""


def leave(where: Path, kind: str) -> None:
    killed = [sys.executable, "-c", KILLED, str(where), kind]
    assert subprocess.run(killed, check=False, cwd=ROOT, timeout=60).returncode == 9


def hidden(home: Home) -> list[Path]:
    return [path for path in home.data.rglob(".*") if path.is_dir()]


@pytest.mark.parametrize("kind", KINDS)
def test_the_folders_of_killed_commands_go_with_whatever_command_comes_next(inhabited: Home, kind: str) -> None:
    archive = inhabited.back_up()
    (inhabited.data / "backups").mkdir()
    commands = (lambda: inhabited.verify(archive), inhabited.back_up, lambda: inhabited.restore(archive, replace=True))
    for command in commands:
        for where in (inhabited.data, inhabited.data / "backups"):
            leave(where, kind)
        assert len(hidden(inhabited)) == 2
        command()
        assert hidden(inhabited) == []


def test_the_folder_of_a_running_command_stays(inhabited: Home) -> None:
    """Such as that of a command that writes into a pipe, beside one that writes a file in the same folder."""
    with working_folder(inhabited.data, DUMP) as running:
        (running / "database.sqlite").write_text("half")
        assert inhabited.verify(inhabited.back_up()) == 0
        assert (running / "database.sqlite").exists()
    assert not running.exists()


def test_a_half_backup_goes_with_the_next_and_two_at_once_do_not_mix(inhabited: Home) -> None:
    folder = inhabited.data / "backups"
    folder.mkdir()
    (folder / "beseda-2026-01-01T000000Z.tar.part").write_text("half")
    (folder / "mine.tar.part").write_text("of another program")
    with alone_in(folder), pytest.raises(Refused, match="Another backup"):
        console.back_up(inhabited.settings, None, None)
    console.back_up(inhabited.settings, None, None)
    [kept, mine] = sorted(folder.iterdir(), key=lambda file: file.suffix)[::-1]
    assert (kept.suffix, mine.name) == (".tar", "mine.tar.part")

"""Backups: the commands of the README, run as they stand there, beside a server that is being used."""

from __future__ import annotations

import re
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from tests.e2e.product import Product
from tests.test_architecture import ROOT
from tests.ui.api.conftest import Town

MESSAGES = "SELECT count(*) FROM message"


def commands(readme: str) -> str:
    """The shell commands of the part about backups."""
    [block] = re.findall(r"```sh\n(mkdir -p backup\n.*?)```", (ROOT / readme).read_text("utf-8"), re.DOTALL)
    return str(block)


def test_both_readmes_name_the_same_commands() -> None:
    assert commands("README.md") == commands("README.ru.md")


@pytest.mark.skipif(not shutil.which("sh"), reason="the commands are for a shell")
def test_a_backup_of_a_running_server_is_whole_and_can_be_started(tmp_path: Path) -> None:
    product = Product(tmp_path, DEMO_PAUSE="0")
    product.start()
    town = Town(product, f"sqlite:///{product.data / 'beseda.db'}")
    kira = town.come("kira")
    marina = kira.character()
    for words in ("Добрый вечер!", "Как ваши дела?", "Мне пора."):
        kira.say(marina, words)
    program = commands("README.md").replace(".venv/bin/python", sys.executable)
    subprocess.run(["sh", "-e", "-c", program], check=True, cwd=tmp_path, timeout=60)
    kira.say(marina, "Этого в копии уже нет.")
    town.leave()
    product.kill()

    backup = tmp_path / "backup"
    with closing(sqlite3.connect(backup / "beseda.db")) as copy:
        assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert copy.execute(MESSAGES).fetchone()[0] >= 6, "what was said and what was answered"
        said = copy.execute("SELECT count(*) FROM message WHERE text LIKE 'Этого в копии%'").fetchone()
        assert said == (0,)
    assert sorted(path.name for path in backup.iterdir()) == ["beseda.db", "jwt_secret", "pictures"]
    assert len(list((backup / "pictures").rglob("*"))) == len(list((product.data / "pictures").rglob("*")))

    restored = Product(tmp_path / "elsewhere", DATA_DIR=str(backup), DEMO_PAUSE="0")
    (tmp_path / "elsewhere").mkdir()
    restored.start()
    again = Town(restored, f"sqlite:///{backup / 'beseda.db'}")
    kira = again.log_in(kira.name)
    assert kira.say(marina, "А вот и я.")
    again.leave()
    assert restored.stop() == 0

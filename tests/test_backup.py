"""Backup drills with real servers: backed up while people talk, restored elsewhere, started, and used again."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import pytest

from domain.settings.settings import Settings
from tests.conftest import numbers
from tests.domain.backup.conftest import PROGRAMS, Home
from tests.e2e.product import ROOT, Product
from tests.postgres import Server
from tests.ui.api.conftest import Program, Town

COMMAND = re.compile(r"main\.py (?:backup|verify|restore|move)\b[ \w./:@=-]*\b")


def test_both_readmes_name_the_same_commands() -> None:
    english, russian = (COMMAND.findall((ROOT / name).read_text("utf-8")) for name in ("README.md", "README.ru.md"))
    assert english == russian


@pytest.fixture
def urls(dialect: str, request: pytest.FixtureRequest) -> Generator[list[str]]:
    """Two databases; for SQLite their files lie in the data folders."""
    if dialect == "sqlite":
        yield ["", ""]
        return
    server: Server = request.getfixturevalue("postgres")
    names = [f"drill_{next(numbers)}" for _ in range(2)]
    yield [server.create(name) for name in names]
    for name in names:
        server.drop(name)


def a_server(folder: Path, url: str) -> tuple[Product, Town]:
    folder.mkdir()
    product = Product(folder, DEMO_PAUSE="0", **({"DATABASE_URL": url} if url else {}))
    return product, Town(product, url or f"sqlite:///{product.data / 'beseda.db'}")


def main(data: Path, url: str, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": f"{PROGRAMS}:{os.environ['PATH']}", "DATA_DIR": str(data), "PYTHONIOENCODING": "utf-8"}
    return subprocess.run(
        [sys.executable, str(ROOT / "main.py"), *words],
        check=False,
        capture_output=True,
        text=True,
        cwd=data.parent,
        env=environment | ({"DATABASE_URL": url} if url else {}),
        timeout=120,
    )


@pytest.mark.slow
def test_a_backup_under_writes_is_whole_and_can_be_started_elsewhere(urls: list[str], tmp_path: Path) -> None:
    product, town = a_server(tmp_path / "here", urls[0])
    product.start()
    people = [town.come(name) for name in ("kira", "boris")]
    marina = people[0].character()
    dialog = people[0].say(marina, "Это сказано до копии.")["dialog_id"]
    archive, done = tmp_path / "backup.tar", Event()

    def talk(somebody: Program) -> int:
        count = 0
        while not done.is_set():
            somebody.say(marina, f"Реплика {count}")
            count += 1
        return count

    with ThreadPoolExecutor() as talking:
        talks = [talking.submit(talk, each) for each in people]
        made = main(product.data, urls[0], "backup", str(archive))
        done.set()
        counts = [each.result() for each in talks]
    assert made.returncode == 0, made.stderr
    assert all(counts), "nobody had to stop"
    people[0].say(marina, "Этого в копии уже нет.")
    checked = main(product.data, urls[0], "verify", str(archive))
    assert checked.returncode == 0, checked.stderr
    refused = main(product.data, urls[0], "restore", str(archive), "--replace")
    assert refused.returncode == 2, "a server is running on it"
    assert "stop" in refused.stderr.splitlines()[-1]
    town.leave()
    product.kill()

    elsewhere, town = a_server(tmp_path / "elsewhere", urls[1])
    restored = main(elsewhere.data, urls[1], "restore", str(archive))
    assert restored.returncode == 0, restored.stderr
    settings = Settings(_env_file=None, data_dir=elsewhere.data, database_url=urls[1])
    assert Home(settings).ask("SELECT count(*) FROM message WHERE text LIKE 'Этого в копии%'") == [0]
    elsewhere.start()
    kira = people[0]
    stale = Program(elsewhere.url)
    stale.tokens = kira.tokens
    assert stale.get("/api/auth/me").status_code == 401, "nobody is logged in any more"
    stale.close()
    kira = town.log_in(kira.name)
    texts = str(kira.get(f"/api/dialogs/{dialog}/messages", limit=100).json())
    assert "Это сказано до копии." in texts
    assert kira.say(marina, "А вот и я.")
    town.leave()
    assert elsewhere.stop() == 0

"""Benchmark of backups: a million messages backed up while somebody writes, verified, restored, moved to PostgreSQL.

`MESSAGES=100000` in the environment makes fewer of them. A write is a transaction like the product's; writes during the
backup are compared with those just before it.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
import sys
import time
from asyncio.subprocess import DEVNULL
from contextlib import closing
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from domain.characters.starter_characters import StarterSet
from domain.sample_data.fill import fill
from storage.database import Database
from storage.migrate import upgrade
from tests.bench.table import Line
from tests.bench.upstream import Upstream
from tests.domain.backup.conftest import PROGRAMS
from tests.e2e.product import ROOT
from tests.postgres import EMPTY, Server

MESSAGES = int(os.environ.get("MESSAGES", "1000000"))
BACKUP, RESTORE = 60, 300  # seconds, at most
SLOWER = 2
BEFORE = 100  # writes
PAUSE = 0.02  # seconds between two writes
MORE = """
    WITH RECURSIVE n (k) AS (SELECT 1 UNION ALL SELECT k + 1 FROM n WHERE k < :times)
    INSERT INTO message ({columns}) SELECT {values} FROM message, n LIMIT :missing
"""


async def backup(_upstream: Upstream) -> list[Line]:
    with TemporaryDirectory() as folder:
        here = Path(folder)
        url = f"sqlite:///{here}/data/beseda.db"
        (here / "data").mkdir()
        await asyncio.to_thread(upgrade, url)
        database = Database(url)
        await fill(database, 50, 300, lambda _: None)
        await database.close()
        await asyncio.to_thread(_multiply, here / "data" / "beseda.db")
        lines = await _drill("SQLite", here, url, "")
        server = Server()
        try:
            source, target = server.create("source", EMPTY), server.create("target", EMPTY)
            took = await _main(here / "data", url, "move", "--to", source)
            lines.append(Line("moving to PostgreSQL", took, "s", RESTORE))
            lines += await _drill("PostgreSQL", here, source, target)
        finally:
            server.stop()
    return lines


def _multiply(file: Path) -> None:
    """Copy the same messages again and again: only their number matters."""
    with closing(sqlite3.connect(file)) as db:
        columns = [name for _, name, *_ in db.execute("PRAGMA table_info(message)") if name not in {"id", "client_id"}]
        there = db.execute("SELECT count(*) FROM message").fetchone()[0]
        named = ", ".join(columns)
        more = MORE.format(columns=named, values=named)
        db.execute(more, {"times": MESSAGES // there + 1, "missing": MESSAGES - there})
        db.commit()


async def _drill(kind: str, here: Path, url: str, target: str) -> list[Line]:
    archive, elsewhere = here / f"{kind}.tar", here / f"{kind} again"
    database = Database(url)
    before = [await _write(database, f"{kind[0]}{number}") for number in range(BEFORE)]
    backing_up = asyncio.create_task(_main(here / "data", url, "backup", str(archive)))
    meanwhile: list[float] = []
    while not backing_up.done():
        meanwhile.append(await _write(database, f"{kind[0]}{BEFORE + len(meanwhile)}"))
    took = await backing_up
    await database.close()
    verified = await _main(here / "data", url, "verify", str(archive))
    restored = await _main(elsewhere, target or f"sqlite:///{elsewhere}/beseda.db", "restore", str(archive))
    size = f"{MESSAGES} messages, {archive.stat().st_size >> 20} MB; longest write {max(meanwhile):.0f} ms"
    usual = median(before)
    return [
        Line(f"{kind}: backup", took, "s", BACKUP, note=size),
        Line(f"{kind}: write meanwhile, median", median(meanwhile), "ms", SLOWER, ("before", usual)),
        Line(f"{kind}: verify", verified, "s"),
        Line(f"{kind}: restore", restored, "s", RESTORE),
    ]


async def _write(database: Database, name: str) -> float:
    """Add one row in one transaction; returns the milliseconds it took."""
    await asyncio.sleep(PAUSE)
    begun = time.perf_counter()
    async with database.write() as db:
        db.add(StarterSet(language=name))
    return (time.perf_counter() - begun) * 1000


async def _main(data: Path, url: str, *words: str) -> float:
    """Run a command of main.py; returns the seconds it took."""
    environment = {"PATH": f"{PROGRAMS}:{os.environ['PATH']}", "DATA_DIR": str(data), "DATABASE_URL": url}
    begun = time.perf_counter()
    command = [sys.executable, str(ROOT / "main.py"), *words]
    process = await asyncio.create_subprocess_exec(*command, cwd=data.parent, env=environment, stdout=DEVNULL)
    if await process.wait():
        raise RuntimeError(f"main.py {words[0]} failed")
    return time.perf_counter() - begun

"""Benchmark set-up of several instances: two of the product over one PostgreSQL, behind Caddy as in deploy/."""

from __future__ import annotations

import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import AsyncGenerator, Generator, Sequence
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.bench.rows import Seat, seat
from tests.bench.stage import cpu_of
from tests.bench.upstream import Upstream
from tests.e2e.product import ROOT, Product
from tests.ports import free_port
from tests.postgres import EMPTY, Server

SECRET = "a-secret-of-the-benchmarks"
CADDY = Path(sys.executable).with_name("caddy")
CADDYFILE = ROOT / "deploy" / "Caddyfile.many"
STARTED_WITHIN = 30  # seconds


@dataclass(frozen=True)
class Cluster:
    """`url` is the proxy's; those of the instances bypass it."""

    url: str
    instances: list[Product]
    seats: list[Seat]

    def cpu(self) -> float:
        """CPU seconds of all instances so far; the proxy and the database are not the product."""
        return sum(cpu_of(instance.pid) for instance in self.instances)


@asynccontextmanager
async def cluster(upstream: Upstream, talks: Sequence[int]) -> AsyncGenerator[Cluster]:
    """`talks`: for each person, the number of turns already in their dialog."""
    with ExitStack() as running:
        folder = Path(running.enter_context(TemporaryDirectory()))
        server = Server()
        running.callback(server.stop)
        database = server.create("bench", EMPTY)
        seats = await seat(database, talks)
        model = {"BASE_URL": upstream.url, "API_KEY": "key", "LLM_MODEL": "model", "LOG_LEVEL": "WARNING"}
        first = Product(folder, DATABASE_URL=database, INSTANCE="a", TRUSTED_PROXIES="127.0.0.1", **model)
        instances = [first, first.another("b")]
        for instance in instances:
            instance.start()
            running.callback(instance.stop)
        yield Cluster(running.enter_context(_caddy(folder, instances)), instances, seats)


@contextmanager
def _caddy(folder: Path, instances: Sequence[Product]) -> Generator[str]:
    url = f"http://127.0.0.1:{free_port()}"
    settings = {
        "SITE": url,
        "INSTANCES": " ".join(f"127.0.0.1:{instance.port}" for instance in instances),
        "COOKIE_SECRET": SECRET,
        "CADDY_ADMIN": f"127.0.0.1:{free_port()}",
        "HOME": str(folder),
    }
    with (folder / "caddy.log").open("wb") as log:
        command = [str(CADDY), "run", "--config", str(CADDYFILE), "--adapter", "caddyfile"]
        process = subprocess.Popen(command, stdout=log, stderr=log, env=settings)
    try:
        _wait_for(f"{url}/livez")
        yield url
    finally:
        process.terminate()
        process.wait()


def _wait_for(address: str) -> None:
    give_up = time.monotonic() + STARTED_WITHIN
    while True:
        try:
            urllib.request.urlopen(address, timeout=5).close()
        except (urllib.error.URLError, OSError):
            assert time.monotonic() < give_up, f"nobody answers at {address}"
            time.sleep(0.1)
        else:
            return

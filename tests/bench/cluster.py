"""Benchmark set-up of several instances: two of the product over one PostgreSQL, behind Caddy with a sticky cookie."""

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
from tests.e2e.product import Product, free_port
from tests.postgres import EMPTY, Server

INSTANCES = ("a", "b")
SECRET = "a secret of the benchmarks, the same in both"
CADDY = Path(sys.executable).with_name("caddy")
CADDYFILE = """
{{
	admin off
	auto_https off
	persist_config off
	log {{
		level ERROR
	}}
}}
http://127.0.0.1:{port} {{
	reverse_proxy {upstreams} {{
		lb_policy cookie instance "{secret}"
		lb_try_duration 5s
	}}
}}
"""
STARTED_WITHIN = 30  # seconds


@dataclass(frozen=True)
class Cluster:
    """`url` is the proxy's; those of the instances pass it by."""

    url: str
    instances: list[Product]
    seats: list[Seat]

    def cpu(self) -> float:
        """Seconds of all instances so far; the proxy and the database are not the product."""
        return sum(cpu_of(instance.pid) for instance in self.instances)


@asynccontextmanager
async def cluster(upstream: Upstream, talks: Sequence[int]) -> AsyncGenerator[Cluster]:
    """`talks`: for each person the turns already behind them."""
    with ExitStack() as running:
        folder = Path(running.enter_context(TemporaryDirectory()))
        server = Server()
        running.callback(server.stop)
        database = server.create("bench", EMPTY)
        seats = await seat(database, talks)
        instances = []
        for name in INSTANCES:
            (folder / name).mkdir()
            instance = Product(
                folder / name,
                BASE_URL=upstream.url,
                API_KEY="key",
                LLM_MODEL="model",
                LOG_LEVEL="WARNING",
                DATABASE_URL=database,
                JWT_SECRET=SECRET,
                TRUSTED_PROXIES="127.0.0.1",
            )
            instance.start()
            running.callback(instance.stop)
            instances.append(instance)
        yield Cluster(running.enter_context(_caddy(folder, instances)), instances, seats)


@contextmanager
def _caddy(folder: Path, instances: Sequence[Product]) -> Generator[str]:
    port = free_port()
    upstreams = " ".join(f"127.0.0.1:{instance.port}" for instance in instances)
    config = folder / "Caddyfile"
    config.write_text(CADDYFILE.format(port=port, upstreams=upstreams, secret=SECRET))
    with (folder / "caddy.log").open("wb") as log:
        command = [str(CADDY), "run", "--config", str(config), "--adapter", "caddyfile"]
        process = subprocess.Popen(command, stdout=log, stderr=log, env={"HOME": str(folder)})
    url = f"http://127.0.0.1:{port}"
    try:
        _wait_for(f"{url}/healthz")
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

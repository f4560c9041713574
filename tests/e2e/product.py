"""Product under test: `main.py` in a process of its own, on a free port, with a fresh data folder."""

from __future__ import annotations

import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from contextlib import closing
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.conftest import UNLIMITED
from tests.ports import free_port

ROOT = Path(__file__).parents[2]
STARTED_WITHIN = 90  # seconds; far more than it takes, since the machine may be busy
ENDED_WITHIN = 90  # from the signal on, if it does not wait for anybody
LETTERS_WITHIN = 60  # they are sent after the page has answered


class Product:
    """`settings` are environment variables that override the defaults; the tests' own environment is kept out, but for
    a few variables. `program` is the interpreter's command line.
    """

    def __init__(self, folder: Path, *, program: Sequence[str] = (str(ROOT / "main.py"),), **settings: str) -> None:
        self.log = folder / "server.log"
        self.data = folder / "data"
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.host = "example.test"  # where people of the tests have their addresses
        kept = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG", "SYSTEMROOT"}}
        self._environment = kept | {
            "PORT": str(self.port),
            "DATA_DIR": str(self.data),
            "PYTHONPATH": str(ROOT),
            "PYTHONUNBUFFERED": "1",
            "LLM_CHECK_AT_START": "false",  # the fake model's answers are for those who talk
            "LIMITS": ",".join(f"{name}={times}" for name, times in UNLIMITED.items()),
            **settings,
        }
        self._folder = folder
        self._program = program
        self._settings = settings
        self._logs = [self.log]
        self._process: subprocess.Popen[bytes] | None = None

    def another(self, name: str, **settings: str) -> Product:
        """Another instance on the same database and data folder, with its own port and log; not started yet."""
        folder = self._folder / name
        folder.mkdir()
        shared = {"PUBLIC_URL": self.url} | self._settings | {"DATA_DIR": str(self.data)}
        other = Product(folder, program=self._program, **shared | {"INSTANCE": name} | settings)
        other.data, other.host, other._logs = self.data, self.host, self._logs
        self._logs.append(other.log)
        return other

    def spawn(self) -> None:
        """Start it without waiting until it answers."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, *self._program],
                cwd=self._folder,  # no .env of the developer's
                env=self._environment,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def start(self) -> None:
        """Start it and wait until it answers."""
        elsewhere = self._environment.keys() & {"DATABASE_URL", "PICTURES_URL"}
        begins, kept = not self.data.exists() and not elsewhere, _after_a_first_start()
        if begins and kept.exists():
            shutil.copytree(kept, self.data)
        self.spawn()
        assert self._process is not None
        try:
            self._wait_until_it_answers(self._process)
        except AssertionError:
            self.kill()  # a caller that could not start it will not stop it
            raise
        if begins and not kept.exists():
            _keep(self.data, kept)

    def _wait_until_it_answers(self, process: subprocess.Popen[bytes]) -> None:
        give_up = time.monotonic() + STARTED_WITHIN
        while not self._answers():
            assert process.poll() is None, f"the server stopped at once:\n{self.log.read_text()}"
            assert time.monotonic() < give_up, f"the server does not answer:\n{self.log.read_text()}"
            time.sleep(0.05)

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def stop(self) -> int:
        """Ctrl+C; returns the exit code."""
        return self._end(signal.SIGINT)

    def kill(self) -> None:
        """End it as a power cut does."""
        self._end(signal.SIGKILL)

    def letters_to(self, email: str, count: int = 1) -> list[tuple[str, str]]:
        """(link, code) of every letter with a link printed for the address, oldest first, once there are so many."""
        give_up = time.monotonic() + LETTERS_WITHIN
        while len(found := self._printed_for(email)) < count:
            assert time.monotonic() < give_up, f"{count} letters to {email} did not come, {len(found)} did"
            time.sleep(0.02)
        return found

    def _printed_for(self, email: str) -> list[tuple[str, str]]:
        # Any instance may send them; the log may end in the middle of a letter.
        logs = [log.read_text("utf-8", errors="replace") for log in self._logs if log.exists()]
        frames = [frame for log in logs for frame in re.findall(r"┌.*?┘", log, re.DOTALL)]
        return [
            (link.group(), code.group())
            for frame in frames
            if f"To: {email} " in frame
            and (link := re.search(r"http://\S+/(?:sign-up|log-in|profile/email)/[\w-]+", frame))
            and (code := re.search(r"\b\d{6}\b", frame))
        ]

    def freeze(self) -> None:
        """Pause it, as on a machine that is suspended or swaps itself to death."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def begin_to_stop(self) -> None:
        """Send the signal by which an administrator or the machine stops it."""
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)

    def ended(self) -> int:
        """Wait until it has exited; returns the exit code."""
        assert self._process is not None
        code = self._process.wait(timeout=ENDED_WITHIN)
        self._process = None
        return code

    def _end(self, how: signal.Signals) -> int:
        assert self._process is not None
        if self._process.poll() is None:
            self._process.send_signal(how)
        return self.ended()

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=10) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False


def _after_a_first_start() -> Path:
    """Folder for the data that a first start makes: tables and the starter characters, half of its time. The first
    product of this process leaves a copy there for the others to start from.
    """
    return Path(_shelf().name) / "data"


@cache
def _shelf() -> TemporaryDirectory[str]:
    """Deleted with the process."""
    return TemporaryDirectory(prefix="product-")


def _keep(data: Path, copy: Path) -> None:
    """Copy the data; the database by SQLite's backup API, since the product has it open."""
    shutil.copytree(data, copy, ignore=shutil.ignore_patterns("beseda.db*"))
    with (
        closing(sqlite3.connect(data / "beseda.db")) as used,
        closing(sqlite3.connect(copy / "beseda.db")) as kept,
    ):
        used.backup(kept)

"""llama.cpp's server as a process: started, looked at, stopped, frozen, killed."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

import httpx

from tests.ports import free_port

SERVER = os.environ.get("LLAMA_SERVER", "")
WINDOW = 2048
WITHIN = 60  # seconds until a small model is loaded, on a busy machine


class LlamaServer:
    """A llama.cpp server, with one slot and a window of `WINDOW` unless `arguments` say otherwise."""

    def __init__(self, model: Path | str, log: Path, *arguments: str) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}/v1"
        usual = ("-m", str(model), "-c", str(WINDOW), "--port", str(self.port), "--host", "127.0.0.1", "-np", "1")
        self._command = [SERVER, *usual, *arguments]
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start without waiting: it loads its model while it already listens."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(self._command, stdout=log, stderr=subprocess.STDOUT)

    def listens(self) -> bool:
        """Whether it listens within a minute; a server that is still loading its model listens, and says so."""
        give_up = time.monotonic() + WITHIN
        while time.monotonic() < give_up:
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
                return True
            time.sleep(0.1)
        return False

    def is_writing(self) -> bool:
        return bool(self._slot()["is_processing"])

    def would_go_on(self) -> bool:
        """Whether the newest reply has not come to its end."""
        return bool(self._slot()["next_token"][0]["has_next_token"])

    def _slot(self) -> dict[str, Any]:
        return dict(httpx.get(f"{self.url.removesuffix('/v1')}/slots").json()[0])

    def send(self, which: signal.Signals) -> None:
        assert self._process
        self._process.send_signal(which)
        if which is signal.SIGKILL:
            self._process.wait()

    def __enter__(self) -> Self:
        """Start, and wait until the model is loaded."""
        self.start()
        give_up = time.monotonic() + WITHIN
        while not self._is_ready():
            assert time.monotonic() < give_up, self._log.read_text(errors="replace")
            time.sleep(0.05)
        return self

    def __exit__(self, *_: object) -> None:
        self.send(signal.SIGKILL)

    def _is_ready(self) -> bool:
        with suppress(httpx.HTTPError):
            return httpx.get(f"{self.url.removesuffix('/v1')}/health", timeout=1).is_success
        return False

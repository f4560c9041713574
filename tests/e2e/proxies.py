"""Reverse proxies in front of the product: a real nginx or Caddy, where one is at hand, on loopback and a free port."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

NGINX, CADDY = shutil.which("nginx"), shutil.which("caddy")
STARTED_WITHIN = 30  # seconds
AROUND = """
daemon off;
pid {folder}/nginx.pid;
error_log stderr;
{user}
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    {site}
}}
"""


@contextmanager
def nginx(folder: Path, site: str, port: int) -> Generator[None]:
    """Nginx with the servers of `site`, until the block ends; `port` is where it listens."""
    user = "user root;" if os.geteuid() == 0 else ""  # its workers must read the folder
    file = folder / "nginx.conf"
    file.write_text(AROUND.format(folder=folder, user=user, site=site))
    with _running([str(NGINX), "-c", str(file)], folder, port):
        yield


@contextmanager
def caddy(folder: Path, site: str, port: int) -> Generator[None]:
    file = folder / "Caddyfile"
    file.write_text(f"{{\n\tadmin off\n\tauto_https off\n\tskip_install_trust\n}}\n{site}")
    with _running([str(CADDY), "run", "--adapter", "caddyfile", "--config", str(file)], folder, port):
        yield


@contextmanager
def _running(command: list[str], folder: Path, port: int) -> Generator[None]:
    log = folder / "proxy.log"
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder)}
    with log.open("wb") as lines:
        process = subprocess.Popen(command, stdout=lines, stderr=lines, env=environment, cwd=folder)
    try:
        give_up = time.monotonic() + STARTED_WITHIN
        while not _listens(port):
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < give_up, log.read_text()
            time.sleep(0.05)
        yield
    finally:
        process.terminate()
        process.wait(timeout=20)


def _listens(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5):
            return True
    except OSError:
        return False

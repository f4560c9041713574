"""Reverse proxies in front of the product, real ones, on loopback and a free port: Caddy, which the tests bring, and
others where they are at hand.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import httpx

OURS = Path(sys.executable).parent  # where pip puts programs
NGINX, HAPROXY, TRAEFIK = map(shutil.which, ("nginx", "haproxy", "traefik"))
CADDY = shutil.which("caddy", path=f"{OURS}{os.pathsep}{os.environ['PATH']}")
STARTED_WITHIN = 90  # seconds; far more than it takes, since the machine may be busy
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
def caddy(folder: Path, site: str, port: int, **named: str) -> Generator[None]:
    """`named` is what `site` names as {$…}."""
    file = folder / "Caddyfile"
    file.write_text(f"{{\n\tadmin off\n\tauto_https off\n\tskip_install_trust\n}}\n{site}")
    with _running([str(CADDY), "run", "--adapter", "caddyfile", "--config", str(file)], folder, port, **named):
        yield


@contextmanager
def haproxy(folder: Path, site: str, port: int) -> Generator[None]:
    file = folder / "haproxy.cfg"
    file.write_text(site)
    with _running([str(HAPROXY), "-db", "-f", str(file)], folder, port):
        yield


@contextmanager
def traefik(folder: Path, site: str, port: int) -> Generator[None]:
    file = folder / "dynamic.yaml"  # as traefik.yaml it would be read as its own configuration
    file.write_text(site)
    entry = f"--entrypoints.websecure.address=127.0.0.1:{port}"
    with _running([str(TRAEFIK), entry, f"--providers.file.filename={file}"], folder, port):
        give_up = time.monotonic() + STARTED_WITHIN
        while not _leads_on(port):  # it listens before it has read the file
            assert time.monotonic() < give_up, (folder / "proxy.log").read_text()
            time.sleep(0.1)
        yield


def _leads_on(port: int) -> bool:
    try:
        with httpx.Client(verify=False, headers={"Host": "beseda.localhost"}, timeout=STARTED_WITHIN) as caller:
            return caller.get(f"https://127.0.0.1:{port}/livez").status_code == 200
    except httpx.TransportError:
        return False


@contextmanager
def _running(command: list[str], folder: Path, port: int, **named: str) -> Generator[None]:
    log = folder / "proxy.log"
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), **named}
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
        process.wait(timeout=STARTED_WITHIN)


def _listens(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5):
            return True
    except OSError:
        return False

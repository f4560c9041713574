"""PostgreSQL's own dump programs, of the server's major version, and the connection parameters they are given."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from storage.backup.refused import Refused
from storage.url import read_url

VERSION = re.compile(r"\(PostgreSQL\) (\d+)")
ELSEWHERE = ("/usr/lib/postgresql/{major}/bin", "/usr/pgsql-{major}/bin", "/opt/homebrew/opt/postgresql@{major}/bin")
"""Folders in which systems keep several versions side by side, only one of which is on PATH."""


def tool(name: str, major: int) -> str:
    """The path of `pg_dump` or `pg_restore` of this major version. An older one refuses the server; a newer one writes
    what the server does not understand when it is restored. Raises `Refused`.
    """
    found = []
    for place in (None, *(each.format(major=major) for each in ELSEWHERE)):
        path = shutil.which(name, path=place)
        if path is None:
            continue
        if (version := _version(path)) == major:
            return path
        found.append(version)
    here = f"the one here is of {found[0]}" if found else "there is none here"
    raise Refused(
        f"PostgreSQL {major} needs the {name} of its own version, and {here}: install postgresql-client-{major}."
    )


def _version(path: str) -> int:
    told = subprocess.run([path, "--version"], check=False, capture_output=True, text=True)  # noqa: S603 - found by name
    version = VERSION.search(told.stdout)
    return int(version[1]) if version else 0


def conninfo(url: str) -> str:
    """The database URL as a libpq connection string."""
    address = read_url(url)
    options = {"host": address.host, "port": address.port, "user": address.username, "password": address.password}
    given = {name: str(value) for name, value in options.items() if value is not None}
    more = {name: ",".join(value) if isinstance(value, tuple) else value for name, value in address.query.items()}
    return make_conninfo(**given, **more, dbname=address.database or "")


def connect(url: str) -> psycopg.Connection:
    return psycopg.connect(conninfo(url), connect_timeout=10)


def major_of(connection: psycopg.Connection) -> int:
    return connection.info.server_version // 10_000


def run_tool(command: Sequence[str | Path], url: str) -> None:
    """The password is passed in the environment: anybody on the machine can read a command line."""
    parts = {name: str(value) for name, value in conninfo_to_dict(conninfo(url)).items()}
    password = parts.pop("password", "")
    environment = os.environ | ({"PGPASSWORD": password} if password else {})
    to = ["--no-password", "--dbname", make_conninfo(**parts)]
    ended = subprocess.run([*command, *to], check=False, capture_output=True, text=True, env=environment)  # noqa: S603 - found by name
    if ended.returncode:
        raise Refused(f"{Path(command[0]).name} failed: {_first_error(ended.stderr)}")


def _first_error(told: str) -> str:
    lines = [line.strip() for line in told.splitlines() if "error:" in line] or told.splitlines() or ["no word why"]
    return lines[0].partition("error: ")[2] or lines[0]

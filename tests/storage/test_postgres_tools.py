"""PostgreSQL's programs: found in the right version, or missed in one sentence; the password stays out of sight."""

from __future__ import annotations

from pathlib import Path

import pytest

from storage.backup.postgres_tools import conninfo, run_tool, tool
from storage.backup.refused import Refused


def program(folder: Path, name: str, says: str) -> Path:
    file = folder / name
    file.write_text(f"#!/bin/sh\n{says}\n")
    file.chmod(0o700)
    return file


def test_a_program_of_another_version_is_told_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    mine = program(tmp_path, "pg_dump", "echo 'pg_dump (PostgreSQL) 91.18 (Debian 91.18-0+deb12u1)'")
    assert tool("pg_dump", 91) == str(mine)
    with pytest.raises(
        Refused, match=r"PostgreSQL 92 needs .*, and the one here is of 91: install postgresql-client-92\.$"
    ):
        tool("pg_dump", 92)
    with pytest.raises(Refused, match="there is none here"):
        tool("pg_restore", 92)


def test_the_password_is_not_on_the_command_line_and_not_in_the_error(tmp_path: Path) -> None:
    heard = tmp_path / "heard"
    url = "postgresql://ira:a%20secret@db.example:5433/beseda?sslmode=require"
    says = f'echo "$@" > {heard}; echo "$PGPASSWORD" >> {heard}; echo "pg_dump: error: no such host" >&2; exit 1'
    with pytest.raises(Refused, match=r"^pg_dump failed: no such host$"):
        run_tool([program(tmp_path, "pg_dump", says)], url)
    arguments, password = heard.read_text().splitlines()
    assert "secret" not in arguments
    assert "sslmode=require" in arguments
    assert "port=5433" in arguments
    assert password == "a secret"
    assert "dbname=beseda" in conninfo(url)

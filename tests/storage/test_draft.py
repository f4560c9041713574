"""A new migration, as CONTRIBUTING.md says it is made: drafted with the next number, it brings both databases along."""

from __future__ import annotations

import shutil
from collections.abc import Generator
from pathlib import Path

import pytest
from sqlalchemy import Column, Integer, String, Table
from sqlmodel import SQLModel

from storage import migrate
from storage.migrate import differences, draft, newest_revisions, upgrade

pytestmark = pytest.mark.own_database


@pytest.fixture
def versions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[Path]:
    """The migrations so far, to which one is added for this test."""
    copy = shutil.copytree(migrate.MIGRATIONS, tmp_path / "migrations", ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(migrate, "MIGRATIONS", copy)
    migrate._revision_files.cache_clear()
    yield copy / "versions"
    migrate._revision_files.cache_clear()


@pytest.fixture
def new_table() -> Generator[Table]:
    columns = Column("id", Integer, primary_key=True), Column("text", String(20), nullable=False)
    table = Table("scratch_note", SQLModel.metadata, *columns)
    yield table
    SQLModel.metadata.remove(table)


@pytest.mark.usefixtures("new_table")
def test_a_new_table_comes_with_a_migration_that_is_drafted_and_that_both_databases_go_through(
    database_url: str, versions: Path
) -> None:
    [newest] = newest_revisions()
    following = f"{int(newest) + 1:04}"
    before = set(versions.glob("*.py"))
    draft("notes for a while")
    migrate._revision_files.cache_clear()
    [new] = set(versions.glob("*.py")) - before
    assert new.name == f"{following}_notes_for_a_while.py"
    written = new.read_text("utf-8")
    assert "scratch_note" in written
    assert "words" not in written, "what only migrations know of, the full-text indexes, is not to be dropped"
    assert newest_revisions() == {following}
    upgrade(database_url)
    assert differences(database_url) == []

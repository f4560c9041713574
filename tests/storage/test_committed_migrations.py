"""A migration that is committed is never changed again: databases out there have already been through it."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from storage.migrate import MIGRATIONS

VERSIONS = MIGRATIONS / "versions"
KEPT = Path(__file__).with_name("migration_hashes.txt")
TO_ADD = "cd storage/migrations/versions && sha256sum {name} >> ../../../tests/storage/migration_hashes.txt"


def test_no_committed_migration_is_changed() -> None:
    """One that is not right is mended by the next one."""
    kept = {name: sum_ for sum_, name in map(str.split, KEPT.read_text("utf-8").splitlines())}
    found = {file.name: sha256(file.read_bytes()).hexdigest() for file in sorted(VERSIONS.glob("*.py"))}
    new = [TO_ADD.format(name=name) for name in found if name not in kept]
    assert not new, "with a migration comes its line: " + "; ".join(new)
    changed = [name for name, sum_ in kept.items() if found.get(name) != sum_]
    assert not changed, "databases have been through these as they were: take the change back, write a new migration"

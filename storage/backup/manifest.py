"""Manifest of a backup, as JSON: its contents and the checksum of each file; the last entry but its own checksum."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from storage.backup.refused import DamagedArchive

FORMAT = 1
OF_A_FILE, OF_OTHERS = 256, 64 << 20
"""Maximum bytes of a manifest: per file in the archive, and for everything else. A file's line has some 125, so a
million photos in three sizes have 375 MB. Lost photos, of which the archive holds no other trace, have 38 each: there
is room for over a million.
"""
NESTED, SHORTEST, SHORTER = 16, 30, 1000
"""Limits on the JSON before it is parsed: the number of objects and lists, of which we write four; and one comma per
`SHORTEST` bytes, plus `SHORTER` more. JSON that is nested, or has many small values, would be twenty times as large in
memory.
"""


@dataclass(frozen=True)
class DatabaseFacts:
    """Facts about a database, read in the same snapshot as its dump."""

    dialect: str
    server: int
    """Major version of the PostgreSQL server; 0 for SQLite."""
    revision: str
    rows: Mapping[str, int]
    """Number of rows by table."""
    pictures: frozenset[str]
    """Tokens of the photos that the database names; not part of the manifest."""


@dataclass(frozen=True)
class Manifest:
    key: str
    """Random id, by which the record of this backup is found again."""
    made_at: datetime
    version: str
    dialect: str
    server: int
    revision: str
    rows: Mapping[str, int]
    files: Mapping[str, str]
    """SHA-256 of every other entry, in hexadecimal, by name."""
    lost: list[str] = field(default_factory=list)
    """Tokens of photos that the database names and the store did not have."""

    def as_json(self) -> bytes:
        values = asdict(self) | {"made_at": self.made_at.isoformat(), "format": FORMAT}
        return json.dumps(values, ensure_ascii=False, indent=1).encode()


def largest_manifest(files: int) -> int:
    """Maximum size in bytes of the manifest of an archive with this many files."""
    return OF_OTHERS + OF_A_FILE * files


def read_manifest(data: bytes) -> Manifest:
    """Raises `DamagedArchive` for anything but what `as_json` writes."""
    if data.count(b"{") + data.count(b"[") > NESTED or data.count(b",") > SHORTER + len(data) // SHORTEST:
        raise DamagedArchive("manifest.json is of another kind than ours.")
    try:
        values: Any = json.loads(data)
        if values["format"] != FORMAT:
            raise DamagedArchive("The archive was made by a newer version of Beseda.")
        manifest = Manifest(
            key=_text(values["key"]),
            made_at=datetime.fromisoformat(_text(values["made_at"])),
            version=_text(values["version"]),
            dialect=_text(values["dialect"]),
            server=int(values["server"]),
            revision=_text(values["revision"]),
            rows={_text(name): int(count) for name, count in values["rows"].items()},
            files={_text(name): _text(digest) for name, digest in values["files"].items()},
            lost=[_text(token) for token in values["lost"]],
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise DamagedArchive("manifest.json cannot be read.") from error
    return manifest


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("not a text")
    return value

"""Manifest of a backup: what is in it and what each file should be, as JSON; the last entry but its own checksum."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from storage.backup.refused import DamagedArchive

FORMAT = 1
OF_A_FILE, OF_OTHERS = 256, 64 << 20
"""Bytes at most: a file's line has some 125, so a million photos in three sizes have 375 MB. Lost photos, of which
nothing else in the archive tells, have 37 each: here is room for over a million.
"""
NESTED, SHORTEST, SHORTER = 16, 30, 1000
"""How many objects and lists there may be, where we write four; and bytes of the shortest line but for so many. What is
nested or has many small values would be twenty times as large in memory.
"""


@dataclass(frozen=True)
class DatabaseFacts:
    """What a database says of itself, read in the same snapshot as its dump."""

    dialect: str
    server: int
    """The major version of a PostgreSQL server; 0 for SQLite."""
    revision: str
    rows: Mapping[str, int]
    """How many, by table."""
    pictures: frozenset[str]
    """The tokens of the photos that it names; not part of the manifest."""


@dataclass(frozen=True)
class Manifest:
    key: str
    """Random: by it a backup is found again where its end was recorded."""
    made_at: datetime
    version: str
    dialect: str
    server: int
    revision: str
    rows: Mapping[str, int]
    files: Mapping[str, str]
    """The SHA-256 of every other entry, in hexadecimal, by name."""
    lost: list[str] = field(default_factory=list)
    """Tokens of photos that the database named and the disk did not have."""

    def as_json(self) -> bytes:
        values = asdict(self) | {"made_at": self.made_at.isoformat(), "format": FORMAT}
        return json.dumps(values, ensure_ascii=False, indent=1).encode()


def largest_manifest(files: int) -> int:
    """Bytes that a manifest can have in an archive of so many files."""
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

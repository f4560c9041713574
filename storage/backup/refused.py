"""Refusals of backup commands: exceptions whose text is one sentence for the operator."""

from __future__ import annotations

from pathlib import Path


class Refused(Exception):
    """The command is refused. Nothing was changed."""


class DamagedArchive(Refused):
    """Not an archive of ours, or a damaged one; the text says where."""


class DamagedDatabase(Refused):
    """SQLite cannot read its file."""

    def __init__(self, file: Path, why: object) -> None:
        super().__init__(f"The database is damaged ({why}): it cannot be backed up.")
        self.file = file

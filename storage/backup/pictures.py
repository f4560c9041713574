"""The files of the photos that a database names, in their folder (storage/files.py)."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import groupby
from pathlib import Path

from storage.backup.archive import PICTURES

UNFINISHED = ".part"


def files_of(folder: Path, tokens: Collection[str]) -> Iterator[tuple[str, Path]]:
    """Each file with the name of its entry. Every folder is read once: there may be thousands of files in it."""
    for start, group in groupby(sorted(tokens), key=lambda token: token[:2]):
        wanted = set(group)
        try:
            files = sorted((folder / start).iterdir())
        except FileNotFoundError:
            continue
        for file in files:
            if file.name.partition("-")[0] in wanted and not file.name.endswith(UNFINISHED):
                yield f"{PICTURES}{start}/{file.name}", file


def without_files(tokens: Collection[str], entries: Collection[str]) -> list[str]:
    """The tokens of which none of `entries` is a file."""
    there = {name.rpartition("/")[2].partition("-")[0] for name in entries if name.startswith(PICTURES)}
    return sorted(set(tokens) - there)

"""The files of the photos that a database names, wherever they lie (storage/files.py)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

from storage.backup.archive import PICTURES
from storage.backup.progress import Progress
from storage.files import Files

Item = TypeVar("Item")
AT_ONCE = 16
"""A bucket takes milliseconds for each, and many at the same time."""


async def pictures_of(files: Files, tokens: Collection[str]) -> AsyncIterator[tuple[str, bytes]]:
    """Each file with the name of its entry; all names are listed once, which a bucket does by the thousand."""
    names = sorted([name async for name in files.names() if name.partition("/")[0] in tokens])
    for batch in _batches(names):
        found = await asyncio.gather(*(files.read(name) for name in batch))
        for name, file in zip(batch, found, strict=True):
            if file:  # else deleted meanwhile
                yield f"{PICTURES}{name}", file.data


async def put_pictures(staged: Path, files: Files, progress: Progress) -> None:
    """Photos have names that are never used again, so that those of the target may stay: what no row names goes by
    itself.
    """
    paths = sorted((staged / PICTURES).glob("*/*"))
    progress.begin("Putting photos back", len(paths))
    for batch in _batches(paths):
        await asyncio.gather(*(files.write(f"{path.parent.name}/{path.name}", path.read_bytes()) for path in batch))
        progress.advance(len(batch))


def without_files(tokens: Collection[str], entries: Collection[str]) -> list[str]:
    """The tokens of which none of `entries` is a file."""
    there = {name.split("/")[1] for name in entries if name.startswith(PICTURES)}
    return sorted(set(tokens) - there)


def _batches(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    for start in range(0, len(items), AT_ONCE):
        yield items[start : start + AT_ONCE]

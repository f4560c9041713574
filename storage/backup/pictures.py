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
"""Files read or written concurrently: a bucket takes milliseconds for each, and serves many at the same time."""


async def pictures_of(files: Files, tokens: Collection[str]) -> AsyncIterator[tuple[str, bytes]]:
    """Files with their names in the archive; all names are listed once, which a bucket does a thousand at a time."""
    names = sorted([name async for name in files.names() if name.partition("/")[0] in tokens])
    for batch in _batches(names):
        found = await asyncio.gather(*(files.read(name) for name in batch))
        for name, file in zip(batch, found, strict=True):
            if file:  # else it has been deleted meanwhile
                yield f"{PICTURES}{name}", file.data


async def put_pictures(staged: Path, files: Files, progress: Progress) -> None:
    """Store the staged photos. Their names are never reused, so the target's own may stay: photos that no row names
    are removed later (domain/characters/unused_photos.py).
    """
    paths = sorted((staged / PICTURES).glob("*/*"))
    progress.begin("Putting photos back", len(paths))
    for batch in _batches(paths):
        await asyncio.gather(*(files.write(f"{path.parent.name}/{path.name}", path.read_bytes()) for path in batch))
        progress.advance(len(batch))


def without_files(tokens: Collection[str], entries: Collection[str]) -> list[str]:
    """The tokens of photos that have no file among `entries`, sorted."""
    there = {name.split("/")[1] for name in entries if name.startswith(PICTURES)}
    return sorted(set(tokens) - there)


def _batches(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    for start in range(0, len(items), AT_ONCE):
        yield items[start : start + AT_ONCE]

"""Files in a folder, the default: `4f…/small.webp` lies at `<folder>/4f/4f…-small.webp`."""

from __future__ import annotations

import asyncio
import os
import secrets
from collections.abc import AsyncIterator, Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from storage.files import TOKEN, DiskFull, Entry, StoredFile, is_disk_full

CHECKED = b"a check"


class Folder:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def write(self, files: Mapping[str, bytes]) -> None:
        try:
            await asyncio.to_thread(_write, {self._path(name): data for name, data in files.items()})
        except OSError as error:
            if is_disk_full(error):
                raise DiskFull(str(error.strerror)) from error
            raise

    async def read(self, name: str) -> StoredFile | None:
        return await asyncio.to_thread(_read, self._path(name))

    async def entries(self, token: str = "") -> AsyncIterator[Entry]:
        for folder in await asyncio.to_thread(self._folders, token):
            for entry in await asyncio.to_thread(_entries, folder, token):  # one by one: the store may be large
                yield entry

    async def delete(self, names: Iterable[str]) -> None:
        await asyncio.to_thread(_delete, [self._path(name) for name in names])

    async def check(self) -> None:
        name = f"{secrets.token_hex(16)}/check.txt"
        await self.write({name: CHECKED})
        await self.delete([name])

    def _path(self, name: str) -> Path:
        token, _, rest = name.partition("/")
        return self._folder / token[:2] / f"{token}-{rest}"  # 256 folders, none of which grows too large

    def _folders(self, token: str) -> list[Path]:
        return [self._folder / token[:2]] if token else sorted(self._folder.glob("??"))


def _read(path: Path) -> StoredFile | None:
    try:
        with path.open("rb") as file:
            return StoredFile(file.read(), datetime.fromtimestamp(os.fstat(file.fileno()).st_mtime, UTC))
    except FileNotFoundError:
        return None


def _entries(folder: Path, token: str) -> list[Entry]:
    found = []
    for path in folder.glob(f"{token}-*" if token else "*"):
        own, _, rest = path.name.partition("-")
        if TOKEN.fullmatch(own):
            try:
                modified_at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
            except FileNotFoundError:  # deleted concurrently
                continue
            found.append(Entry(f"{own}/{rest}", modified_at))
    return found


def _write(files: Mapping[Path, bytes]) -> None:
    """Write each file atomically (temporary file, then rename): whoever sees a name sees the complete file, even after
    a crash.
    """
    try:
        for file, data in files.items():
            file.parent.mkdir(parents=True, exist_ok=True)
            with _aside(file).open("xb") as aside:
                aside.write(data)
                aside.flush()
                os.fsync(aside.fileno())
        for file in files:
            _aside(file).replace(file)
        for folder in {file.parent for file in files}:
            _make_names_last(folder)
    except OSError:
        for file in files:
            _aside(file).unlink(missing_ok=True)
            file.unlink(missing_ok=True)
        raise


def _aside(file: Path) -> Path:
    return file.with_name(f"{file.name}.part")


def _make_names_last(folder: Path) -> None:
    """Sync the folder (fsync): a rename survives a power cut only once its folder, and that folder's own name, is on
    the disk.
    """
    for each in (folder, folder.parent):
        descriptor = os.open(each, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _delete(paths: Iterable[Path]) -> None:
    for path in paths:
        path.unlink(missing_ok=True)

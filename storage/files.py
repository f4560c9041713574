"""File storage (uploads): a folder of pictures under names that nobody can guess and no visitor chose."""

from __future__ import annotations

import asyncio
import errno
import os
import re
import secrets
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path

TOKEN = re.compile(r"[0-9a-f]{32}")
SIZE = re.compile(r"[a-z]{1,16}")
SUFFIX = re.compile(r"\.[a-z0-9]{1,8}")


DISK_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
"""Error codes of a write that would succeed at another time, or elsewhere."""


class DiskFull(Exception):
    """The disk or our quota of it is full. Nothing was stored; a retry succeeds once space has been freed."""


class Files:
    """Files in `folder`. One token identifies one picture, stored in several sizes: `<folder>/4f/4f…-small.webp`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def store(self, data_by_size: Mapping[str, bytes], suffix: str) -> str:
        """Write all sizes durably and return their new token, 32 hexadecimal digits.

        Sizes are short lower-case words, `suffix` is like `.webp`. Raises `DiskFull` on a full disk, and then has
        stored nothing.
        """
        token = secrets.token_hex(16)
        files = {self._file(token, size, suffix): data for size, data in data_by_size.items()}
        try:
            await asyncio.to_thread(_write, files)
        except OSError as error:
            if is_disk_full(error):
                raise DiskFull(str(error.strerror)) from error
            raise
        return token

    def path(self, token: str, size: str, suffix: str) -> Path | None:
        """The path of one size; None if it does not exist, and for any name that `store` would not have made."""
        if not (TOKEN.fullmatch(token) and SIZE.fullmatch(size) and SUFFIX.fullmatch(suffix)):
            return None
        file = self._file(token, size, suffix)
        return file if file.is_file() else None

    async def remove(self, token: str) -> None:
        """Delete all sizes. Idempotent: missing files are no error."""
        if TOKEN.fullmatch(token):
            await asyncio.to_thread(_delete, self._folder_of(token), token)

    async def older_than(self, moment: datetime) -> list[str]:
        """The tokens of all files last written before `moment`, sorted; of half-written files too."""
        return await asyncio.to_thread(_written_before, self._folder, moment.timestamp())

    async def copy(self, token: str, suffix: str) -> str | None:
        """Copy every size under a new token, which is returned; None if there is nothing to copy."""
        if not TOKEN.fullmatch(token):
            return None
        data_by_size = await asyncio.to_thread(_read, self._folder_of(token), token, suffix)
        return await self.store(data_by_size, suffix) if data_by_size else None

    def _file(self, token: str, size: str, suffix: str) -> Path:
        return self._folder_of(token) / f"{token}-{size}{suffix}"

    def _folder_of(self, token: str) -> Path:
        return self._folder / token[:2]  # 256 folders: none of them grows too large


def is_disk_full(error: BaseException | None) -> bool:
    return isinstance(error, OSError) and error.errno in DISK_FULL


def _read(folder: Path, token: str, suffix: str) -> dict[str, bytes]:
    return {
        file.name.removeprefix(f"{token}-").removesuffix(suffix): file.read_bytes()
        for file in folder.glob(f"{token}-*{suffix}")
    }


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


def _written_before(folder: Path, moment: float) -> list[str]:
    written: dict[str, float] = {}
    for file in folder.glob("??/*"):
        token = file.name.partition("-")[0]
        if TOKEN.fullmatch(token):
            with suppress(FileNotFoundError):  # deleted concurrently
                written[token] = max(file.stat().st_mtime, written.get(token, 0))
    return sorted(token for token, last in written.items() if last < moment)


def _delete(folder: Path, token: str) -> None:
    for file in folder.glob(f"{token}-*"):
        file.unlink(missing_ok=True)

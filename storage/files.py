"""File storage (uploads): pictures under names that nobody can guess and no visitor chose.

Where they are kept is up to an adapter: a folder (storage/folder.py) or a bucket (storage/bucket.py).
"""

from __future__ import annotations

import errno
import re
import secrets
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

TOKEN = re.compile(r"[0-9a-f]{32}")
SIZE = re.compile(r"[a-z]{1,16}")
SUFFIX = re.compile(r"\.[a-z0-9]{1,8}")
NAME = re.compile(rf"{TOKEN.pattern}/{SIZE.pattern}{SUFFIX.pattern}")

DISK_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
"""Error codes of a write for which there is no room: it may succeed at another time, or elsewhere."""


class DiskFull(Exception):
    """The disk or our quota of it is full. Nothing was stored; a retry succeeds once space has been freed."""


class FilesUnavailable(OSError):
    """The file store does not answer, or refuses us. The text is a short cause for the log, without any secret; the
    same call may succeed a moment later.
    """


@dataclass(frozen=True)
class StoredFile:
    data: bytes
    modified_at: datetime


@dataclass(frozen=True)
class Entry:
    """A stored file, perhaps half written: then its name does not match `NAME`."""

    name: str
    modified_at: datetime


class FileStore(Protocol):
    """An adapter. A file's name is its token, a slash and the rest: `4f…/small.webp`. All methods may raise
    `FilesUnavailable`.
    """

    async def write(self, files: Mapping[str, bytes]) -> None:
        """Write all of them durably. Raises `DiskFull` too."""

    async def read(self, name: str) -> StoredFile | None: ...

    def entries(self, token: str = "") -> AsyncIterator[Entry]:
        """All files, or those of one token."""

    async def delete(self, names: Iterable[str]) -> None:
        """Idempotent: missing files are no error."""

    async def check(self) -> None:
        """Write, read and delete something small."""


class Files:
    """One token identifies one picture, stored in several sizes."""

    def __init__(self, store: FileStore) -> None:
        self._store = store

    async def store(self, data_by_size: Mapping[str, bytes], suffix: str) -> str:
        """Write all sizes durably and return their new token, 32 hexadecimal digits.

        Sizes are short lower-case words, `suffix` is like `.webp`. Raises `DiskFull` and `FilesUnavailable`.
        """
        token = secrets.token_hex(16)
        await self._store.write({f"{token}/{size}{suffix}": data for size, data in data_by_size.items()})
        return token

    async def find(self, token: str, size: str, suffix: str) -> StoredFile | None:
        """One size; None if it does not exist, and for any name that `store` would not have made. Raises
        `FilesUnavailable`.
        """
        return await self.read(f"{token}/{size}{suffix}")

    async def remove(self, token: str) -> None:
        """Delete all sizes. Idempotent: missing files are no error. Raises `FilesUnavailable`."""
        if TOKEN.fullmatch(token):
            await self._store.delete([entry.name async for entry in self._store.entries(token)])

    async def older_than(self, moment: datetime) -> list[str]:
        """The tokens of all files last written before `moment`, sorted; of half-written files too."""
        written: dict[str, datetime] = {}
        async for entry in self._store.entries():
            token = entry.name.partition("/")[0]
            written[token] = max(entry.modified_at, written.get(token, entry.modified_at))
        return sorted(token for token, last in written.items() if last < moment)

    async def copy(self, token: str, suffix: str) -> str | None:
        """Copy every size under a new token, which is returned; None if there is nothing to copy."""
        if not TOKEN.fullmatch(token):
            return None
        data_by_size = {}
        async for name in self.names(token):
            if name.endswith(suffix) and (found := await self._store.read(name)):
                data_by_size[name.partition("/")[2].removesuffix(suffix)] = found.data
        return await self.store(data_by_size, suffix) if data_by_size else None

    async def names(self, token: str = "") -> AsyncIterator[str]:
        """The names of all whole files, or of those of one token, such as `4f…/small.webp`: what a backup copies."""
        if token and not TOKEN.fullmatch(token):
            return
        async for entry in self._store.entries(token):
            if NAME.fullmatch(entry.name):
                yield entry.name

    async def read(self, name: str) -> StoredFile | None:
        """A file by one of `names`; None if there is none."""
        return await self._store.read(name) if NAME.fullmatch(name) else None

    async def write(self, name: str, data: bytes) -> None:
        """Put back a file under its name, as restoring a backup does; raises `ValueError` for no picture's name."""
        if not NAME.fullmatch(name):
            raise ValueError("This is not the name of a picture.")
        await self._store.write({name: data})

    async def check(self) -> None:
        """Check that files can be stored; raises `FilesUnavailable`."""
        await self._store.check()

    async def is_alive(self) -> bool:
        """Health check: whether the store answers a request for a file that does not exist."""
        try:
            await self.find("0" * 32, "none", ".webp")
        except FilesUnavailable:
            return False
        return True


def is_disk_full(error: BaseException | None) -> bool:
    return isinstance(error, OSError) and error.errno in DISK_FULL

"""Backup archive: an uncompressed tar file, written and read as a stream, so that it can go through a pipe.

Any `tar` can list and unpack it. Our own reader accepts only what our writer makes, since an archive may come from
anywhere: plain files under known names, each once. Nothing is compressed, so what is unpacked is never larger than the
archive; links, paths and the many extensions of the format are refused by the header they come with.
"""

from __future__ import annotations

import errno
import re
import tarfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from typing import BinaryIO

from storage.backup.refused import DamagedArchive
from storage.files import NAME as FILE

DATABASES = {"sqlite": "database.sqlite", "postgresql": "database.dump"}
"""Name of the database's entry, by dialect."""
SECRET = "jwt_secret"  # noqa: S105 - the name of an entry
PICTURES = "pictures/"
MANIFEST = "manifest.json"
SEAL = "manifest.json.sha256"
NAME = re.compile(
    r"database\.(sqlite|dump)|jwt_secret|manifest\.json(\.sha256)?"
    rf"|pictures/{FILE.pattern}"
)
BLOCK = tarfile.BLOCKSIZE
CHUNK = 1 << 20
NOTHING = bytes(BLOCK)


@dataclass(frozen=True)
class Entry:
    name: str
    size: int
    chunks: Iterator[bytes]
    """The content, to be read before the next entry."""


class ArchiveWriter:
    def __init__(self, out: BinaryIO, told: Callable[[int], None]) -> None:
        self._out = out
        self._told = told

    def add(self, name: str, source: BinaryIO, size: int) -> str:
        """Write `size` bytes of `source`; returns their SHA-256. `told` is called with the length of each chunk."""
        header = tarfile.TarInfo(name)
        header.size, header.mode, header.mtime = size, 0o600, int(time.time())
        self._out.write(header.tobuf(tarfile.GNU_FORMAT))
        digest, left = sha256(), size
        while left:
            chunk = source.read(min(CHUNK, left))
            if not chunk:
                raise OSError(errno.EIO, f"{name} became shorter while it was read")
            self._out.write(chunk)
            digest.update(chunk)
            left -= len(chunk)
            self._told(len(chunk))
        self._out.write(bytes(-size % BLOCK))
        return digest.hexdigest()

    def add_bytes(self, name: str, data: bytes) -> str:
        return self.add(name, BytesIO(data), len(data))

    def close(self) -> None:
        self._out.write(2 * NOTHING)


def entries(source: BinaryIO) -> Iterator[Entry]:
    """Entries in the archive's order; raises `DamagedArchive` where it is not as our writer makes it."""
    place = "at its beginning"
    seen: set[str] = set()
    while (block := _read_whole(source, BLOCK, place)) != NOTHING:
        try:
            header = tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
        except tarfile.HeaderError:
            raise DamagedArchive(f"The archive is damaged {place}, or is none of Beseda's.") from None
        if header.type != tarfile.REGTYPE or not NAME.fullmatch(header.name) or header.size < 0:
            raise DamagedArchive(f"The archive holds what no backup does, {place}: {header.name!a}.")
        if header.name in seen:
            raise DamagedArchive(f"The archive holds {header.name} twice.")
        seen.add(header.name)
        place = f"in {header.name}"
        chunks = _chunks(source, header.size, place)
        yield Entry(header.name, header.size, chunks)
        for _ in chunks:  # skip the rest that the caller has not read
            pass
        place = f"after {header.name}"
    if _read_whole(source, BLOCK, place) != NOTHING or not _is_padding(source):  # two such blocks mark the end
        raise DamagedArchive("The archive does not end where it should.")


def _is_padding(source: BinaryIO) -> bool:
    """Whether only zeros follow, as other programs fill an archive up to a whole record."""
    left = tarfile.RECORDSIZE
    while part := source.read(left):
        left -= len(part)
        if not left or part.strip(b"\0"):
            return False
    return True


def _chunks(source: BinaryIO, size: int, place: str) -> Iterator[bytes]:
    left = size
    while left:
        chunk = _read_whole(source, min(CHUNK, left), place)
        left -= len(chunk)
        yield chunk
    if _read_whole(source, -size % BLOCK, place).strip(b"\0"):
        raise DamagedArchive(f"The archive is damaged {place}.")


def _read_whole(source: BinaryIO, size: int, place: str) -> bytes:
    """Read exactly `size` bytes: a pipe returns them in pieces."""
    parts = []
    while size:
        part = source.read(size)
        if not part:
            raise DamagedArchive(f"The archive ends too soon, {place}.")
        parts.append(part)
        size -= len(part)
    return b"".join(parts)

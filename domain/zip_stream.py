"""ZIP archives that are written while they are being sent: never whole in memory, nor on the disk."""

from __future__ import annotations

import re
from collections.abc import Iterable
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from domain.clock import now

BLOCK = 65_536
"""Maximum bytes sent at once."""
NOT_IN_NAMES = re.compile(r'[\\/:*?"<>|\s\x00-\x1f]+')
"""Characters that some operating system does not allow in a file name."""
LONGEST_NAME = 60


class ZipStream:
    """A ZIP archive whose bytes can be taken away as they are written. Its methods block: call them in a thread."""

    def __init__(self) -> None:
        self._outgoing = _Outgoing()
        self._zip = ZipFile(self._outgoing, "w")

    def write(self, name: str, pieces: Iterable[str]) -> None:
        with self._zip.open(_entry(name, ZIP_DEFLATED), "w") as entry:
            for piece in pieces:
                entry.write(piece.encode())

    def copy(self, name: str, file: bytes | None) -> None:
        """Add a file that is compressed already, if there is one."""
        if file:
            self._zip.writestr(_entry(name, ZIP_STORED), file)

    def close(self) -> None:
        self._zip.close()

    def taken(self) -> list[bytes]:
        """The pieces written since the last call."""
        return self._outgoing.taken()


class _Outgoing:
    """A file that cannot seek, so that the archive is written from its beginning to its end."""

    def __init__(self) -> None:
        self._written = bytearray()

    def write(self, data: bytes) -> int:
        self._written += data
        return len(data)

    def flush(self) -> None:
        """There is nothing to flush."""

    def close(self) -> None:
        """There is nothing to close."""

    def taken(self) -> list[bytes]:
        pieces = [bytes(self._written[start : start + BLOCK]) for start in range(0, len(self._written), BLOCK)]
        self._written.clear()
        return pieces


def _entry(name: str, packing: int) -> ZipInfo:
    entry = ZipInfo(name, now().timetuple()[:6])
    entry.compress_type = packing
    return entry


def file_name(title: str) -> str:
    """The title as part of a file name; it may be empty."""
    return NOT_IN_NAMES.sub(" ", title).strip(" .")[:LONGEST_NAME].strip(" .")

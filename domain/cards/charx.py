"""CHARX: a ZIP archive with `card.json` at its root and the files that the card names; also one that is appended to a
JPEG picture.

Nothing is extracted to disk, and no file is read unless it is asked for by name.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Mapping
from lzma import LZMAError
from struct import error as struct_error
from struct import unpack_from
from typing import Any

from domain.cards.faults import Fault, UnreadableCard

CARD = "card.json"
MOST_FILES = 2_000
MOST_BYTES = 100_000_000
"""Maximum bytes of all files together, unpacked."""
LARGEST_FILE = 25_000_000
MOST_TIMES = 200
"""Maximum ratio between the unpacked and the packed size of a file, for files above `ANY_RATIO` bytes."""
ANY_RATIO = 1_000_000
ZIP_BEGINS, JPEG_BEGINS = b"PK\x03\x04", b"\xff\xd8\xff"
DIRECTORY_ENDS = b"PK\x05\x06"
LONGEST_DIRECTORY = 1_000_000
"""Maximum bytes of the archive's directory: 500 per file."""
ENCRYPTED = 0x1
LINK = 0o120000
READING_FAILS = (
    zipfile.BadZipFile,
    NotImplementedError,
    RuntimeError,
    EOFError,
    OSError,
    ValueError,
    zlib.error,
    LZMAError,
)
_UNSAFE = re.compile(r"(^|/)\.\.(/|$)|^/|^[A-Za-z]:|[\\\0]")


def is_charx(data: bytes) -> bool:
    return data.startswith(ZIP_BEGINS) or (data.startswith(JPEG_BEGINS) and ZIP_BEGINS in data)


class Archive:
    """The files of an archive by name. Raises `UnreadableCard` if the archive is damaged or malicious."""

    def __init__(self, data: bytes) -> None:
        _check_directory(data)
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError, EOFError, struct_error) as error:
            raise UnreadableCard(Fault.BROKEN_ARCHIVE) from error
        self._files = {each.filename: each for each in self._zip.infolist() if not each.is_dir()}
        self.picture = _picture_before(data)
        """The JPEG to which the archive is appended; may be empty."""
        _check(list(self._files.values()))

    @property
    def names(self) -> list[str]:
        return list(self._files)

    def read(self, name: str) -> bytes | None:
        """The content of a file; None if there is no file of this name."""
        info = self._files.get(name)
        if info is None:
            return None
        try:
            with self._zip.open(info) as file:
                content = file.read(info.file_size + 1)
        except READING_FAILS as error:
            raise UnreadableCard(Fault.BROKEN_ARCHIVE) from error
        if len(content) != info.file_size:
            raise UnreadableCard(Fault.BROKEN_ARCHIVE)
        return content

    def asset(self, name: str) -> bytes | None:
        """Like `read`, but a damaged file gives None as well: it is only one of many."""
        try:
            return self.read(name)
        except UnreadableCard:
            return None


def is_safe(path: str) -> bool:
    """Whether a file in an archive that we write may have this path."""
    return bool(path) and path != CARD and not _UNSAFE.search(path) and not path.endswith("/")


def write_archive(files: Mapping[str, bytes]) -> bytes:
    """An archive of these files; the same content gives the same bytes. Only JSON is deflated: pictures are already
    compressed.
    """
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        for name, content in files.items():
            info = zipfile.ZipInfo(name)  # has the earliest possible date instead of today's
            info.compress_type = zipfile.ZIP_DEFLATED if name.endswith(".json") else zipfile.ZIP_STORED
            archive.writestr(info, content)
    return written.getvalue()


def _check_directory(data: bytes) -> None:
    """Check the length of the archive's directory first: the library reads it whole."""
    end = data.rfind(DIRECTORY_ENDS)
    if end >= 0 and end + 16 <= len(data) and unpack_from("<I", data, end + 12)[0] > LONGEST_DIRECTORY:
        raise UnreadableCard(Fault.TOO_LARGE)


def _check(files: list[Any]) -> None:
    if len(files) > MOST_FILES or sum(each.file_size for each in files) > MOST_BYTES:
        raise UnreadableCard(Fault.TOO_LARGE)
    for each in files:
        if _UNSAFE.search(each.filename) or each.external_attr >> 16 & 0o170000 == LINK:
            raise UnreadableCard(Fault.UNSAFE_ARCHIVE)
        if each.flag_bits & ENCRYPTED:
            raise UnreadableCard(Fault.PROTECTED)
        is_bomb = each.file_size > ANY_RATIO and each.file_size > MOST_TIMES * max(each.compress_size, 1)
        if each.file_size > LARGEST_FILE or is_bomb:
            raise UnreadableCard(Fault.TOO_LARGE)


def _picture_before(data: bytes) -> bytes:
    return data[: data.find(ZIP_BEGINS)] if data.startswith(JPEG_BEGINS) else b""

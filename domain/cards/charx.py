"""CHARX: a ZIP archive with `card.json` in its root and the files that this names; also one glued to a JPEG picture.

Nothing is unpacked to a disk, and nothing is read that is not asked for by its name.
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
"""All files together, unpacked."""
LARGEST_FILE = 25_000_000
MOST_TIMES = 200
"""How many times larger than its packed form a file may be, above `ANY_RATIO` bytes."""
ANY_RATIO = 1_000_000
ZIP_BEGINS, JPEG_BEGINS = b"PK\x03\x04", b"\xff\xd8\xff"
DIRECTORY_ENDS = b"PK\x05\x06"
LONGEST_DIRECTORY = 1_000_000
"""Bytes; 500 for each file."""
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
    """The files of an archive by name; raises `UnreadableCard` for what is damaged or made to do harm."""

    def __init__(self, data: bytes) -> None:
        _check_directory(data)
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError, EOFError, struct_error) as error:
            raise UnreadableCard(Fault.BROKEN_ARCHIVE) from error
        self._files = {each.filename: each for each in self._zip.infolist() if not each.is_dir()}
        self.picture = _picture_before(data)
        """The JPEG that the archive is glued to; empty: none."""
        _check(list(self._files.values()))

    @property
    def names(self) -> list[str]:
        return list(self._files)

    def read(self, name: str) -> bytes | None:
        """The content of a file; None if there is none of this name."""
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
        """As `read`; None also for what is damaged, which is only one of many files."""
        try:
            return self.read(name)
        except UnreadableCard:
            return None


def is_safe(path: str) -> bool:
    """Whether a file may be called so in an archive of ours."""
    return bool(path) and path != CARD and not _UNSAFE.search(path) and not path.endswith("/")


def write_archive(files: Mapping[str, bytes]) -> bytes:
    """An archive of these files, the same for the same content. Pictures are packed already, texts are deflated."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        for name, content in files.items():
            info = zipfile.ZipInfo(name)  # with the oldest date there is, not with today's
            info.compress_type = zipfile.ZIP_DEFLATED if name.endswith(".json") else zipfile.ZIP_STORED
            archive.writestr(info, content)
    return written.getvalue()


def _check_directory(data: bytes) -> None:
    """The archive's list of files is read whole by the library, so its length is looked at before."""
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

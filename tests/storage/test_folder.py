"""Files in a folder: whole or not there, and what a full disk leaves."""

from __future__ import annotations

import os
import resource
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from storage.files import DiskFull, Files
from storage.folder import Folder

PICTURE = {"small": b"a few bytes", "large": b"many bytes" * 100_000}


def files_below(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


async def test_a_picture_lies_in_one_of_many_folders(tmp_path: Path) -> None:
    token = await Files(Folder(tmp_path / "pictures")).store(PICTURE, ".webp")
    kept = tmp_path / "pictures" / token[:2] / f"{token}-small.webp"
    assert kept.read_bytes() == PICTURE["small"]


async def test_a_picture_that_cannot_be_written_whole_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="too long"):
        await Files(Folder(tmp_path)).store({"small": b"fits", "l" * 300: b"does not"}, ".webp")
    assert files_below(tmp_path) == []


async def test_no_scraps_stay_behind(tmp_path: Path) -> None:
    await Files(Folder(tmp_path)).store(PICTURE, ".webp")
    assert len(files_below(tmp_path)) == len(PICTURE)


async def test_what_does_not_fit_is_said_so_and_leaves_nothing(tmp_path: Path) -> None:
    files = Files(Folder(tmp_path))
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, before[1]))
    try:
        with pytest.raises(DiskFull):
            await files.store(PICTURE, ".webp")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert not files_below(tmp_path)
    assert await files.store(PICTURE, ".webp")


@pytest.mark.parametrize("size_that_stays", ["small", "large"])
async def test_a_picture_is_as_old_as_the_newest_of_its_files(tmp_path: Path, size_that_stays: str) -> None:
    """One that is being written anew is not swept away for the size that lies there still."""
    files = Files(Folder(tmp_path))
    old, half_new = [await files.store(PICTURE, ".webp") for _ in range(2)]
    for token, size in ((old, "small"), (old, "large"), (half_new, size_that_stays)):
        os.utime(tmp_path / token[:2] / f"{token}-{size}.webp", (1, 1))
    assert await files.older_than(datetime.now(UTC) - timedelta(days=1)) == [old]


async def test_what_is_half_written_is_swept_but_copied_by_no_backup(tmp_path: Path) -> None:
    files, torn = Files(Folder(tmp_path)), "0" * 32
    (tmp_path / "00").mkdir()
    (tmp_path / "00" / f"{torn}-small.webp.part").write_bytes(b"half of i")
    assert [name async for name in files.names()] == []
    assert await files.older_than(datetime.now(UTC) + timedelta(days=1)) == [torn]
    await files.remove(torn)
    assert files_below(tmp_path) == []

"""File storage of pictures."""

from __future__ import annotations

import asyncio
import os
import resource
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from storage.files import DiskFull, Files

PICTURE = {"small": b"a few bytes", "large": b"many bytes" * 100_000}


def files_below(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


async def test_a_kept_picture_is_found_in_every_size(tmp_path: Path) -> None:
    files = Files(tmp_path / "pictures")
    token = await files.store(PICTURE, ".webp")
    for size, data in PICTURE.items():
        path = files.path(token, size, ".webp")
        assert path
        assert path.read_bytes() == data
        assert path.is_relative_to(tmp_path / "pictures")


async def test_nothing_else_is_found(tmp_path: Path) -> None:
    files = Files(tmp_path)
    token = await files.store(PICTURE, ".webp")
    assert files.path(token, "medium", ".webp") is None
    assert files.path(token, "small", ".png") is None
    assert files.path("0" * 32, "small", ".webp") is None


@pytest.mark.parametrize(
    "name",
    [
        "",
        "..",
        "../../etc/passwd",
        "/etc/passwd",
        "secret",
        "*",
        "a" * 5000,
        "\0",
        "0" * 31 + "\n",
        "0" * 30 + "/.",
        "Ж",
    ],
)
async def test_names_that_were_never_given_reach_no_file(tmp_path: Path, name: str) -> None:
    files = Files(tmp_path / "pictures")
    token = await files.store(PICTURE, ".webp")
    (tmp_path / "secret").write_text("not a picture")
    assert files.path(name, "small", ".webp") is None
    assert files.path(token, name, ".webp") is None
    assert files.path(token, "small", name) is None
    await files.remove(name)
    assert files.path(token, "small", ".webp")
    assert (tmp_path / "secret").exists()


async def test_a_removed_picture_is_gone_and_can_be_removed_again(tmp_path: Path) -> None:
    files = Files(tmp_path)
    token, other = await files.store(PICTURE, ".webp"), await files.store(PICTURE, ".webp")
    await files.remove(token)
    await files.remove(token)
    assert files.path(token, "small", ".webp") is None
    assert files.path(token, "large", ".webp") is None
    assert files.path(other, "small", ".webp")


async def test_many_pictures_at_once_do_not_meet(tmp_path: Path) -> None:
    files = Files(tmp_path)
    tokens = await asyncio.gather(*(files.store({"small": b"%d" % n}, ".webp") for n in range(50)))
    paths = [files.path(token, "small", ".webp") for token in tokens]
    assert [path and path.read_bytes() for path in paths] == [b"%d" % n for n in range(50)]


async def test_a_picture_that_cannot_be_written_whole_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="too long"):
        await Files(tmp_path).store({"small": b"fits", "l" * 300: b"does not"}, ".webp")
    assert files_below(tmp_path) == []


async def test_no_scraps_stay_behind(tmp_path: Path) -> None:
    await Files(tmp_path).store(PICTURE, ".webp")
    assert len(files_below(tmp_path)) == len(PICTURE)


async def test_what_does_not_fit_is_said_so_and_leaves_nothing(tmp_path: Path) -> None:
    files = Files(tmp_path)
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
    files = Files(tmp_path)
    old, half_new = [await files.store(PICTURE, ".webp") for _ in range(2)]
    for token, size in ((old, "small"), (old, "large"), (half_new, size_that_stays)):
        path = files.path(token, size, ".webp")
        assert path
        os.utime(path, (1, 1))
    assert await files.older_than(datetime.now(UTC) - timedelta(days=1)) == [old]

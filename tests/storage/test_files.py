"""File storage of pictures, wherever they lie."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from storage.files import Files

PICTURE = {"small": b"a few bytes", "large": b"many bytes" * 100_000}
NEVER_GIVEN = ["", "..", "../../etc/passwd", "/etc/passwd", "secret", "*", "a" * 5000, "\0", "0" * 31 + "\n", "Ж"]


async def found(files: Files, token: str, size: str = "small") -> bytes | None:
    stored = await files.find(token, size, ".webp")
    return stored.data if stored else None


async def test_a_kept_picture_is_found_in_every_size_with_its_time(files: Files) -> None:
    token = await files.store(PICTURE, ".webp")
    for size, data in PICTURE.items():
        stored = await files.find(token, size, ".webp")
        assert stored
        assert stored.data == data
        assert abs(datetime.now(UTC) - stored.modified_at) < timedelta(minutes=5)


async def test_nothing_else_is_found(files: Files) -> None:
    token = await files.store(PICTURE, ".webp")
    assert await files.find(token, "medium", ".webp") is None
    assert await files.find(token, "small", ".png") is None
    assert await files.find("0" * 32, "small", ".webp") is None


@pytest.mark.parametrize("name", [*NEVER_GIVEN, "0" * 30 + "/."])
async def test_names_that_were_never_given_reach_no_file(files: Files, tmp_path: Path, name: str) -> None:
    token = await files.store(PICTURE, ".webp")
    (tmp_path / "secret").write_text("not a picture")
    assert await files.find(name, "small", ".webp") is None
    assert await files.find(token, name, ".webp") is None
    assert await files.find(token, "small", name) is None
    assert await files.read(name) is None
    assert await files.copy(name, ".webp") is None
    with pytest.raises(ValueError, match="not the name"):
        await files.write(name, b"...")
    await files.remove(name)
    assert await found(files, token)
    assert (tmp_path / "secret").exists()


async def test_a_removed_picture_is_gone_and_can_be_removed_again(files: Files) -> None:
    token, other = await files.store(PICTURE, ".webp"), await files.store(PICTURE, ".webp")
    await files.remove(token)
    await files.remove(token)
    assert [await found(files, token, size) for size in PICTURE] == [None, None]
    assert await found(files, other)


async def test_many_pictures_at_once_do_not_meet(files: Files) -> None:
    tokens = await asyncio.gather(*(files.store({"small": b"%d" % n}, ".webp") for n in range(50)))
    assert [await found(files, token) for token in tokens] == [b"%d" % n for n in range(50)]


async def test_a_copy_has_every_size_and_outlives_the_original(files: Files) -> None:
    token = await files.store(PICTURE, ".webp")
    copy = await files.copy(token, ".webp")
    assert copy
    assert copy != token
    await files.remove(token)
    assert {size: await found(files, copy, size) for size in PICTURE} == PICTURE
    assert await files.copy(token, ".webp") is None


async def test_what_is_read_by_its_names_can_be_put_into_an_empty_place(files: Files) -> None:
    """As a backup and its restore do."""
    tokens = [await files.store(PICTURE, ".webp") for _ in range(2)]
    names = [name async for name in files.names()]
    assert sorted(names) == sorted(f"{token}/{size}.webp" for token in tokens for size in PICTURE)
    assert {name async for name in files.names(tokens[0])} == {f"{tokens[0]}/{size}.webp" for size in PICTURE}
    copies = {name: stored.data for name in names if (stored := await files.read(name))}
    await asyncio.gather(*map(files.remove, tokens))
    assert [name async for name in files.names()] == []
    for name, data in copies.items():
        await files.write(name, data)
    assert await found(files, tokens[1], "large") == PICTURE["large"]


async def test_what_was_written_before_a_moment_is_told_by_its_token(files: Files) -> None:
    tokens = [await files.store(PICTURE, ".webp") for _ in range(2)]
    assert await files.older_than(datetime.now(UTC) - timedelta(days=1)) == []
    assert await files.older_than(datetime.now(UTC) + timedelta(days=1)) == sorted(tokens)


async def test_trying_it_out_leaves_nothing(files: Files) -> None:
    await files.check()
    assert await files.older_than(datetime.now(UTC) + timedelta(days=1)) == []

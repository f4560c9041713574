"""Files in a bucket whose service goes away, comes back, or never had such a bucket."""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress

import pytest

from domain.clock import now
from storage import bucket
from storage.bucket import AT_ONCE, FAILURES
from storage.files import Files, FilesUnavailable
from tests.s3_server import KEY_ID, SECRET, S3Server

pytestmark = pytest.mark.slow

PICTURE = {"small": b"a few bytes", "large": b"many bytes" * 10_000}


@pytest.fixture(autouse=True)
def _asked_again_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bucket, "REST", 0.0)


async def test_what_a_stopped_service_held_is_there_when_it_is_back(s3: S3Server) -> None:
    files = Files(s3.opened())
    token = await files.store(PICTURE, ".webp")
    with s3.stopped():
        for asking in (files.find(token, "small", ".webp"), files.store(PICTURE, ".webp"), files.remove(token)):
            with pytest.raises(FilesUnavailable):
                await asking
    found = await files.find(token, "small", ".webp")
    assert found
    assert found.data == PICTURE["small"]


async def test_a_service_that_hangs_is_asked_by_few_and_keeps_the_others_waiting_no_longer(
    s3: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bucket, "REST", 60)
    monkeypatch.setattr(bucket, "TO_READ", 0.3)
    files, crowd = Files(s3.opened()), 10 * AT_ONCE
    with s3.frozen() as door:
        asking = (files.find("0" * 32, "small", ".webp") for _ in range(crowd))
        answers = await asyncio.gather(*asking, return_exceptions=True)
        assert {type(answer) for answer in answers} == {FilesUnavailable}
        assert visitors_at(door) < AT_ONCE + FAILURES, "after the first failures nobody else is sent there"


async def test_while_it_is_away_it_is_asked_by_one_at_a_time(s3: S3Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bucket, "REST", 60)
    files = Files(s3.opened())
    with s3.stopped():
        for _ in range(FAILURES):
            with pytest.raises(FilesUnavailable, match="refused"):
                await files.find("0" * 32, "small", ".webp")
    with pytest.raises(FilesUnavailable, match="away"):
        await files.find("0" * 32, "small", ".webp")


async def test_the_log_is_told_when_it_goes_and_when_it_is_back_and_no_secret(
    s3: S3Server, caplog: pytest.LogCaptureFixture
) -> None:
    files = Files(s3.opened())
    token = await files.store(PICTURE, ".webp")
    with s3.stopped():
        for _ in range(3 * FAILURES):
            with pytest.raises(FilesUnavailable):
                await files.find(token, "small", ".webp")
    assert await files.find(token, "small", ".webp")
    told = [record.getMessage() for record in caplog.records if record.name == "storage.bucket"]
    assert told == [
        *["The bucket of pictures does not answer, or refuses us: Connection refused"] * FAILURES,
        "The bucket of pictures answers again",
    ]
    assert not {SECRET, KEY_ID, token} & set(caplog.text.split())


async def test_a_bucket_that_is_not_there_is_no_empty_one(s3: S3Server) -> None:
    """Otherwise all pictures would look missing for good, and be swept away as such."""
    files = Files(s3.opened("s3://there-is-none"))
    for asking in (files.find("0" * 32, "small", ".webp"), files.store(PICTURE, ".webp"), files.older_than(now())):
        with pytest.raises(FilesUnavailable, match="NoSuchBucket"):
            await asking


async def test_two_places_in_one_bucket_know_nothing_of_each_other(s3: S3Server) -> None:
    one, other = (Files(s3.opened(f"{s3.settings['PICTURES_URL']}/{name}")) for name in ("one", "other"))
    token = await one.store(PICTURE, ".webp")
    assert await other.find(token, "small", ".webp") is None
    assert [name async for name in other.names()] == []


def visitors_at(door: socket.socket) -> int:
    """Number of connections that wait at a door where nobody answers."""
    door.setblocking(False)
    come = 0
    with suppress(BlockingIOError):
        while door.accept():
            come += 1
    return come

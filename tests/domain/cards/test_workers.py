"""Worker processes for card files: they end with the server, whatever they are doing then."""

from __future__ import annotations

import asyncio
import json
import threading

import pytest

from domain.cards.reading import read_card_file
from domain.cards.workers import Workers
from domain.errors import Busy
from tests.domain.cards.card_files import v3

CARD = json.dumps(v3()).encode()


async def test_a_process_in_use_ends_too_and_the_file_is_not_blamed() -> None:
    workers, is_ending = Workers(), threading.Event()

    def question() -> list[bytes]:
        is_ending.wait()
        return [json.dumps({"do": "read card", "file_name": "card.json"}).encode(), CARD]

    async with workers.one(1) as worker:
        await read_card_file(worker, CARD, "card.json")
        assert worker._process
        reading = asyncio.create_task(worker.ask(question, lambda parts: parts))
        closing = asyncio.create_task(workers.close())
        await asyncio.sleep(0)
        is_ending.set()
        with pytest.raises(Busy):
            await reading
        assert not closing.done(), "it waits for whoever has one"
    await closing
    assert worker._process.returncode is not None


async def test_a_process_that_has_answered_by_then_is_not_kept_for_the_next_file() -> None:
    workers = Workers()
    async with workers.one(1) as worker:
        await read_card_file(worker, CARD, "card.json")
        closing = asyncio.create_task(workers.close())
        await asyncio.sleep(0)
    await closing
    assert worker._process
    assert worker._process.returncode is not None
    assert workers._idle == []


async def test_whoever_waits_for_a_process_gets_none_any_more() -> None:
    workers = Workers()

    async def wait() -> None:
        async with workers.one(1):
            pass

    async with workers.one(1):
        waiting = asyncio.create_task(wait())
        closing = asyncio.create_task(workers.close())
        await asyncio.sleep(0)
    await closing
    with pytest.raises(Busy):
        await waiting


@pytest.mark.parametrize(("small", "is_kept"), [(1_000_000, True), (100, False)])
async def test_a_process_is_kept_for_the_next_file_unless_one_was_large(
    monkeypatch: pytest.MonkeyPatch, small: int, *, is_kept: bool
) -> None:
    """The memory that a large file took would not be released."""
    monkeypatch.setattr("domain.cards.workers.SMALL", small)
    workers = Workers()
    async with workers.one(1) as first:
        await read_card_file(first, CARD, "card.json")
    async with workers.one(1) as second:
        assert (second is first) is is_kept
    await workers.close()

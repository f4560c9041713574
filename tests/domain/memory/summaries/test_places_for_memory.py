"""Places at the model for memory: it has one only while nobody needs it, so that it never delays a reply."""

from __future__ import annotations

import asyncio

import pytest

from domain.llm import concurrency
from domain.memory.rows import MadeBy
from tests.domain.chat.conftest import until
from tests.domain.memory.summaries.keeper_world import TURNS, Keeping
from tests.llm_server import Behaviour, Request
from tests.summariser_scripts import read


async def summaries_asked(keeping: Keeping, number: int) -> None:
    async def are_asked() -> bool:
        return sum(read(each) is not None for each in keeping.world.llm.asked) >= number

    await until(are_asked)


def hangs_once(keeping: Keeping) -> None:
    """Never answer the first request for a summary, but answer the others."""
    seen: list[Request] = []

    def answer(request: Request) -> Behaviour | None:
        if read(request) is None:
            return None
        seen.append(request)
        return Behaviour(fault="hang") if len(seen) == 1 else keeping.script(request)

    keeping.world.llm.refuses = answer


async def test_a_reply_that_has_to_wait_takes_the_place_of_memory_which_comes_again(keeping: Keeping) -> None:
    hangs_once(keeping)
    await keeping.talk(TURNS)
    await keeping.a_reply_ended()
    await summaries_asked(keeping, 1)
    places, over = keeping.world.reply_writer.places, asyncio.Event()

    async def visit(person_id: int) -> None:
        async with places.acquire(person_id):
            await over.wait()

    first = asyncio.create_task(visit(1001))  # the free place beside that of memory
    second = asyncio.create_task(visit(1002))

    async def is_closed() -> bool:
        return keeping.world.llm.disconnects == 1

    await until(is_closed)
    over.set()
    await asyncio.gather(first, second)
    (row,) = await keeping.made(1)
    assert row.made_by == MadeBy.MODEL
    assert row.attempts == 1, "it was as if it had never been begun"
    assert (await keeping.dialog()).memory_tokens == row.tokens_in + row.tokens_out, "nothing else was paid"


async def test_with_every_place_in_use_memory_is_not_even_asked_for(keeping: Keeping) -> None:
    places = keeping.world.reply_writer.places
    await keeping.talk(TURNS)
    async with places.acquire(1001):  # of two: the other one has to stay free
        await keeping.a_reply_ended()
        for _ in range(20):
            await asyncio.sleep(0.01)
        assert keeping.script.asked == []
    await keeping.made(1)


async def test_the_only_place_is_lent_when_it_has_been_idle_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(concurrency, "SPARE_LOOKS_EVERY", 0.001)
    monkeypatch.setattr(concurrency, "IDLE", 0.2)
    places = concurrency.ModelConcurrency(1)
    clock = asyncio.get_running_loop().time
    async with places.acquire(1):
        pass
    left_at = clock()
    async with places.spare():
        assert clock() - left_at >= 0.2
        assert places.taken == 1


async def test_nothing_is_lent_while_the_provider_is_overloaded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(concurrency, "SPARE_LOOKS_EVERY", 0.001)
    places = concurrency.ModelConcurrency(5)
    clock = asyncio.get_running_loop().time
    began = clock()
    places.back_off(0.1)
    async with places.spare():
        assert clock() - began >= 0.1


async def test_a_loan_is_called_back_for_the_first_who_has_to_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(concurrency, "SPARE_LOOKS_EVERY", 0.001)
    places = concurrency.ModelConcurrency(2)
    lent, over = asyncio.Event(), asyncio.Event()

    async def borrow() -> None:
        async with places.spare():
            lent.set()
            await asyncio.Event().wait()

    async def visit(person_id: int) -> None:
        async with places.acquire(person_id):
            await over.wait()

    borrower = asyncio.create_task(borrow())
    await lent.wait()
    first = asyncio.create_task(visit(1))
    await asyncio.sleep(0)
    assert not borrower.done(), "there was another place"
    second = asyncio.create_task(visit(2))
    with pytest.raises(concurrency.PlaceNeeded):
        await borrower
    over.set()
    await asyncio.gather(first, second)
    assert places.taken == 0

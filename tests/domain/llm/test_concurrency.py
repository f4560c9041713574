"""Concurrency limit at the model: queueing, fairness and backoff."""

from __future__ import annotations

import asyncio

import pytest

from domain.llm.concurrency import ModelConcurrency


async def test_they_are_served_in_the_order_they_came_and_never_too_many_at_once() -> None:
    places, served = ModelConcurrency(2), list[int]()
    inside = most = 0

    async def visit(n: int) -> None:
        nonlocal inside, most
        async with places.acquire(1):
            inside += 1
            most = max(most, inside)
            served.append(n)
            await asyncio.sleep(0.001)
            inside -= 1

    await asyncio.gather(*(visit(n) for n in range(50)))
    assert served == list(range(50))
    assert most == 2


async def test_those_who_leave_the_queue_take_no_place_with_them() -> None:
    places = ModelConcurrency(1)

    async def visit() -> None:
        async with places.acquire(1):
            await asyncio.sleep(0.005)

    for at_the_moment_of_being_served in (False, True):
        visitors = [asyncio.create_task(visit()) for _ in range(20)]
        await asyncio.sleep(0.006 if at_the_moment_of_being_served else 0.001)
        for visitor in visitors[1::2]:
            visitor.cancel()
        await asyncio.gather(*visitors, return_exceptions=True)
        async with asyncio.timeout(60), places.acquire(1):
            pass
    assert places.ahead(1) == 0


async def test_a_refusal_by_the_provider_slows_everybody_down() -> None:
    places = ModelConcurrency(3)
    began = asyncio.get_running_loop().time()
    places.back_off(0.1)

    async def visit() -> float:
        async with places.acquire(1):
            return asyncio.get_running_loop().time() - began

    assert min(await asyncio.gather(visit(), visit())) >= 0.1


async def test_one_person_has_so_many_places_at_most_and_others_need_not_wait_for_theirs() -> None:
    places, over = ModelConcurrency(10, each=3), asyncio.Event()
    served: list[int] = []

    async def visit(person_id: int) -> None:
        async with places.acquire(person_id):
            served.append(person_id)
            await over.wait()

    greedy = [asyncio.create_task(visit(1)) for _ in range(20)]
    await asyncio.sleep(0)
    others = [asyncio.create_task(visit(person_id)) for person_id in range(2, 9)]
    await asyncio.sleep(0)
    assert served == [1, 1, 1, 2, 3, 4, 5, 6, 7, 8]
    assert places.waiting == 17
    over.set()
    await asyncio.gather(*greedy, *others)
    assert places.taken == places.waiting == 0


async def test_a_short_pause_asked_for_later_does_not_cut_a_long_one_short(monkeypatch: pytest.MonkeyPatch) -> None:
    places, pauses = ModelConcurrency(1), list[float]()

    async def past(seconds: float) -> None:
        pauses.append(seconds)
        places._backoff._not_before = 0

    places.back_off(3600)
    places.back_off(1)
    monkeypatch.setattr("domain.llm.concurrency.asyncio.sleep", past)
    async with places.acquire(1):
        assert [pause > 1 for pause in pauses] == [True]

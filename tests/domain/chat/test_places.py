from __future__ import annotations

import asyncio

from domain.chat.places import Places


async def test_they_are_served_in_the_order_they_came_and_never_too_many_at_once() -> None:
    places, served = Places(2), list[int]()
    inside = most = 0

    async def visit(n: int) -> None:
        nonlocal inside, most
        async with places.one():
            inside += 1
            most = max(most, inside)
            served.append(n)
            await asyncio.sleep(0.001)
            inside -= 1

    await asyncio.gather(*(visit(n) for n in range(50)))
    assert served == list(range(50))
    assert most == 2


async def test_those_who_leave_the_queue_take_no_place_with_them() -> None:
    places = Places(1)

    async def visit() -> None:
        async with places.one():
            await asyncio.sleep(0.005)

    for at_the_moment_of_being_served in (False, True):
        visitors = [asyncio.create_task(visit()) for _ in range(20)]
        await asyncio.sleep(0.006 if at_the_moment_of_being_served else 0.001)
        for visitor in visitors[1::2]:
            visitor.cancel()
        await asyncio.gather(*visitors, return_exceptions=True)
        async with asyncio.timeout(10), places.one():
            pass
    assert places.queue == 0


async def test_a_refusal_by_the_provider_slows_everybody_down() -> None:
    places = Places(3)
    began = asyncio.get_running_loop().time()
    places.slow_down(0.1)

    async def visit() -> float:
        async with places.one():
            return asyncio.get_running_loop().time() - began

    assert min(await asyncio.gather(visit(), visit())) >= 0.1

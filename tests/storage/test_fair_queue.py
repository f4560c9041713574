"""Fair queue: whose turn it is, and how much one key may hold."""

from __future__ import annotations

import asyncio
from collections.abc import Hashable

import pytest

from storage.fair_queue import FairQueue, QueueFull


class Counter:
    """A shop counter whose customers stay as long as the test wants."""

    def __init__(self, queue: FairQueue) -> None:
        self.queue = queue
        self.served: list[str] = []
        self._leaving: list[asyncio.Event] = []
        self._visits: list[asyncio.Task[None]] = []

    async def come(self, *customers: str) -> list[asyncio.Task[None]]:
        """Each is named by a letter, the key, and a number."""
        visits = [asyncio.create_task(self._visit(customer)) for customer in customers]
        self._visits += visits
        await asyncio.sleep(0)
        return visits

    async def serve_all(self) -> str:
        while self._leaving:
            self._leaving.pop(0).set()
            await asyncio.sleep(0)
            await asyncio.sleep(0)
        await asyncio.gather(*self._visits, return_exceptions=True)
        return " ".join(self.served)

    async def _visit(self, customer: str) -> None:
        async with self.queue.slot(customer[0]):
            self.served.append(customer)
            leaves = asyncio.Event()
            self._leaving.append(leaves)
            await leaves.wait()


def one_at_a_time(*, longest: int = 10_000, longest_of_one: int = 10_000) -> FairQueue:
    return FairQueue(1, longest=longest, longest_of_one=longest_of_one)


async def test_the_queue_goes_round_the_keys_and_keeps_the_order_within_each() -> None:
    counter = Counter(one_at_a_time())
    await counter.come("a1", "a2", "a3", "a4", "b1", "b2", "c1")
    assert await counter.serve_all() == "a1 a2 b1 c1 a3 b2 a4"


async def test_behind_four_thousand_of_one_key_another_is_served_after_two() -> None:
    counter = Counter(one_at_a_time())
    await counter.come(*(f"a{number}" for number in range(4_000)))
    assert counter.queue.ahead("b") == 2
    await counter.come("b")
    served = (await counter.serve_all()).split()
    assert served.index("b") == 2
    assert len(served) == 4_001


async def test_a_key_holds_so_many_places_at_most_even_while_others_are_free() -> None:
    counter = Counter(FairQueue(4, each=2, longest=99, longest_of_one=99))
    await counter.come("a1", "a2", "a3", "a4")
    assert counter.served == ["a1", "a2"]
    await counter.come("b1", "b2", "b3", "c1")
    assert counter.served == ["a1", "a2", "b1", "b2"]
    assert await counter.serve_all() == "a1 a2 b1 b2 a3 c1 b3 a4"


async def test_those_who_give_up_waiting_take_no_place_with_them() -> None:
    counter = Counter(one_at_a_time())
    await counter.come("a1")
    waiting = await counter.come("a2", "b1", "b2", "c1")
    for each in waiting[::2]:
        each.cancel()
    await asyncio.sleep(0)
    assert counter.queue.waiting == 2
    assert await counter.serve_all() == "a1 b1 c1"
    assert (counter.queue.taken, counter.queue.waiting) == (0, 0)


async def test_a_place_given_to_somebody_who_gives_up_in_the_same_moment_goes_on_to_the_next() -> None:
    queue = one_at_a_time()
    await queue.acquire("a")
    first, second = (asyncio.create_task(queue.acquire(key)) for key in "bc")
    await asyncio.sleep(0)
    queue.release("a")
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    async with asyncio.timeout(10):
        await second
    queue.release("c")
    assert (queue.taken, queue.waiting) == (0, 0)


async def test_one_who_stops_just_before_the_place_comes_is_passed_over() -> None:
    queue = one_at_a_time()
    await queue.acquire("a")
    first, second = (asyncio.create_task(queue.acquire(key)) for key in "bc")
    await asyncio.sleep(0)
    first.cancel()
    queue.release("a")
    await second
    assert (queue.taken, queue.waiting) == (1, 0)


@pytest.mark.parametrize(
    ("longest", "longest_of_one", "refused", "let_in"), [(3, 99, "d", None), (99, 3, "b", "d")], ids=["all", "one key"]
)
async def test_a_queue_that_is_absurdly_long_takes_nobody_more(
    longest: int, longest_of_one: int, refused: Hashable, let_in: Hashable
) -> None:
    queue = one_at_a_time(longest=longest, longest_of_one=longest_of_one)
    await queue.acquire("a")
    waiting = [asyncio.create_task(queue.acquire("b")) for _ in range(3)]
    await asyncio.sleep(0)
    with pytest.raises(QueueFull):
        await queue.acquire(refused)
    if let_in:
        waiting.append(asyncio.create_task(queue.acquire(let_in)))
        await asyncio.sleep(0)
        assert queue.waiting == 4
    for each in waiting:
        each.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    assert queue.waiting == 0

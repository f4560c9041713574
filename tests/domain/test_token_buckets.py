"""Rate limits (token bucket): in memory, for events of a socket."""

from __future__ import annotations

import pytest

from domain.token_buckets import ALL, GESTURES_OF_SOCKET, SWEPT_EVERY, Rate, TokenBuckets

REPEATS = 33
"""How often a second a key repeats at most that is held down."""
TWO_A_SECOND = Rate("two a second", 2, 3)


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_burst_is_free_and_then_so_many_a_second() -> None:
    clock = Clock()
    buckets = TokenBuckets(clock=clock)
    assert [buckets.take(TWO_A_SECOND, "anna") for _ in range(5)] == [True, True, True, False, False]
    clock.now += 1
    assert [buckets.take(TWO_A_SECOND, "anna") for _ in range(3)] == [True, True, False]
    clock.now += 1000
    assert sum(buckets.take(TWO_A_SECOND, "anna") for _ in range(10)) == TWO_A_SECOND.burst


def test_whoever_holds_a_key_down_is_not_too_fast() -> None:
    clock = Clock()
    buckets = TokenBuckets(clock=clock)
    for _ in range(60 * REPEATS):
        clock.now += 1 / REPEATS
        assert buckets.take(GESTURES_OF_SOCKET, "anna")


def test_everybody_has_a_bucket_of_their_own_for_each_rate() -> None:
    buckets = TokenBuckets(clock=Clock())
    while buckets.take(TWO_A_SECOND, "anna"):
        pass
    assert buckets.take(TWO_A_SECOND, "boris")
    assert buckets.take(GESTURES_OF_SOCKET, "anna")


def test_buckets_that_are_full_again_are_forgotten() -> None:
    clock = Clock()
    buckets = TokenBuckets(clock=clock)
    for number in range(SWEPT_EVERY - 1):
        buckets.take(TWO_A_SECOND, number)
    clock.now += 10
    buckets.take(TWO_A_SECOND, "the last one")
    assert len(buckets) == 1


def test_the_owner_of_the_server_may_change_a_number_and_the_burst_follows() -> None:
    buckets = TokenBuckets({TWO_A_SECOND.name: 4}, Clock())
    assert sum(buckets.take(TWO_A_SECOND, "anna") for _ in range(20)) == 6


@pytest.mark.parametrize("rate", ALL, ids=lambda rate: rate.name)
def test_each_rate_of_the_table_lets_through_its_burst_and_then_stops(rate: Rate) -> None:
    buckets = TokenBuckets(clock=Clock())
    assert sum(buckets.take(rate, "anna") for _ in range(rate.burst + 100)) == rate.burst
    assert len({each.name for each in ALL}) == len(ALL)

"""The wire between instances, by a real PostgreSQL and a real Redis: what is heard, and what is missed."""

from __future__ import annotations

import logging

import pytest

from storage.wire import reconnecting
from storage.wire.wire import Data, NoWire
from tests.storage.wire.carriers import Carrier, RedisCarrier
from tests.storage.wire.conftest import Instance, Join


async def test_what_one_instance_sends_all_others_hear_in_order(join: Join) -> None:
    first, second, third = [await join(name) for name in ("first", "second", "third")]
    for number in range(1000):
        first.wire.send("LampLit", {"about": number})
    assert await second.hears(1000) == list(range(1000))
    assert await third.hears(1000) == list(range(1000))
    assert first.heard.empty(), "it knows"


async def test_what_is_said_arrives_letter_for_letter(join: Join) -> None:
    first, second = await join("first"), await join("second")
    said: Data = {"about": 1, "text": '«Море» — 🌊\n\\o/ "да"', "is_last": True, "parent": None}
    first.wire.send("LampLit", said)
    assert await second.heard.get() == ("LampLit", said)


async def test_another_installation_by_the_same_carrier_hears_nothing_of_ours(join: Join) -> None:
    first, second, stranger = await join("first"), await join("second"), await join("stranger", "another secret")
    first.wire.send("LampLit", {"about": 1})
    assert await second.hears() == [1]
    stranger.wire.send("LampLit", {"about": 2})
    first.wire.send("LampLit", {"about": 3})
    assert await second.hears() == [3]
    assert stranger.heard.empty()


async def test_two_instances_by_one_name_hear_each_other_all_the_same(join: Join) -> None:
    first, second = await join("beseda"), await join("beseda")
    first.wire.send("LampLit", {"about": 1})
    assert await second.hears() == [1]


async def test_a_cut_line_is_mended_and_whoever_was_cut_off_looks_again(
    join: Join, carrier: Carrier, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    first, second = await join("first"), await join("second")
    carrier.cut()
    assert await second.is_told_of_a_gap()
    assert await first.is_told_of_a_gap()
    assert (first.wire.gaps, second.wire.gaps) == (1, 1)
    first.wire.send("LampLit", {"about": 2})
    assert await second.hears() == [2]
    told = [line.getMessage() for line in caplog.records]
    assert len([line for line in told if "is down" in line]) == 2, "once for each"
    assert len([line for line in told if "is up again" in line]) == 2


async def test_a_frozen_line_counts_as_down_and_nobody_waits_for_it(
    join: Join, carrier: Carrier, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as impatient:  # a dead line is noticed sooner, so that the test takes no seconds
        impatient.setattr(reconnecting, "BEATS_EVERY", 0.1)
        impatient.setattr(reconnecting, "SILENCE", 0.7)
        first, second = await join("first"), await join("second")
        carrier.freeze()
        await first.until_down()
        await second.until_down()
    first.wire.send("LampLit", {"about": 1})
    carrier.thaw()
    assert await second.is_told_of_a_gap(), "for what waited may be sent before it hears again"
    await first.until_up()
    first.wire.send("LampLit", {"about": 2})
    assert (await second.hears())[-1] in {1, 2}


async def test_junk_from_others_is_skipped(join: Join, carrier: Carrier) -> None:
    first, second = await join("first"), await join("second")
    for junk in ("", "{", "[1, 2, 3]", '["somebody", "LampLit"]', "[" * 5000, '{"kind": "LampLit"}'):
        carrier.say(junk)
    first.wire.send("LampLit", {"about": 1})
    assert await second.hears() == [1]


async def test_what_does_not_fit_into_the_queue_is_dropped_oldest_first_and_the_others_look_again(
    join: Join, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reconnecting, "LONGEST_QUEUE", 3)
    first, second = await join("first"), await join("second")
    for number in range(5):
        first.wire.send("LampLit", {"about": number})
    assert await second.hears(3) == [2, 3, 4]
    assert await second.is_told_of_a_gap()
    assert (first.wire.dropped, second.wire.gaps) == (2, 1)


async def test_what_is_too_long_for_a_notification_is_not_sent_and_the_others_look_again(join: Join) -> None:
    first, second = await join("first"), await join("second")
    first.wire.send("LampLit", {"about": 1, "text": "я" * 4000})
    first.wire.send("LampLit", {"about": 2, "text": "я" * 3900})
    assert await second.hears() == [2]
    assert await second.is_told_of_a_gap()
    assert first.wire.dropped == 1


async def test_what_is_sent_twice_at_once_is_heard_once_or_twice(join: Join) -> None:
    first, second = await join("first"), await join("second")
    for number in (1, 1, 2):
        first.wire.send("LampLit", {"about": number})
    heard: list[int] = []
    while 2 not in heard:
        heard += await second.hears()
    assert heard in ([1, 2], [1, 1, 2])


async def test_what_waits_at_the_end_is_still_sent(join: Join) -> None:
    first, second = await join("first"), await join("second")
    first.wire.send("LampLit", {"about": 1})
    await first.wire.close()
    assert await second.hears() == [1]


async def test_who_starts_before_its_carrier_comes_up_with_it(
    redis: RedisCarrier, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    redis.server.kill()
    early = Instance(redis, "early")
    await early.wire.start()
    early.wire.send("LampLit", {"about": 1})
    redis.server.start()
    await early.until_up()
    await early.wire.close()


@pytest.mark.parametrize("carrier", ["redis"], indirect=True)
async def test_a_redis_that_is_killed_and_starts_again_empty_takes_nothing_with_it(
    join: Join, redis: RedisCarrier
) -> None:
    first, second = await join("first"), await join("second")
    redis.server.kill()
    await first.until_down()
    await second.until_down()
    first.wire.send("LampLit", {"about": 1})
    redis.server.start()
    assert await second.is_told_of_a_gap()
    await first.until_up()
    first.wire.send("LampLit", {"about": 2})
    assert (await second.hears())[-1] in {1, 2}


def test_a_single_instance_has_nobody_to_reach() -> None:
    wire = NoWire()
    wire.send("LampLit", {"about": 1})
    assert not wire.reaches_others
    assert wire.is_up

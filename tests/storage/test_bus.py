"""Event bus (publish/subscribe): order, errors and listeners that come and go."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from storage.bus import Bus


@dataclass(frozen=True)
class LampLit:
    about: int


@dataclass(frozen=True)
class LampBroken:
    about: int


def fails(_fact: LampLit) -> None:
    raise IndexError


async def soon() -> None:
    await asyncio.sleep(0)


async def test_everybody_who_listens_for_a_kind_hears_its_facts_in_order() -> None:
    bus, heard = Bus(), list[str]()
    bus.subscribe(LampLit, 1, lambda fact: heard.append(f"first: {fact.about}"))
    bus.subscribe(LampLit, 1, lambda fact: heard.append(f"second: {fact.about}"))
    bus.subscribe(LampBroken, 1, lambda fact: heard.append(f"broken: {fact.about}"))
    bus.publish(LampLit(1))
    bus.publish(LampLit(1))
    await soon()
    assert heard == ["first: 1", "second: 1", "first: 1", "second: 1"]


async def test_a_fact_nobody_listens_for_troubles_nobody() -> None:
    Bus().publish(LampLit(1))
    await soon()


async def test_the_teller_goes_on_before_anybody_listens() -> None:
    bus, heard = Bus(), list[LampLit]()
    bus.subscribe(LampLit, 1, heard.append)
    bus.publish(LampLit(1))
    assert heard == []
    await soon()
    assert heard == [LampLit(1)]


async def test_a_raising_listener_is_reported_and_the_others_still_hear() -> None:
    bus, heard, reported = Bus(), list[LampLit](), list[object]()
    loop = asyncio.get_running_loop()
    before: Callable[[asyncio.AbstractEventLoop, dict[str, Any]], object] | None = loop.get_exception_handler()
    loop.set_exception_handler(lambda _loop, context: reported.append(context["exception"]))
    bus.subscribe(LampLit, 1, fails)
    bus.subscribe(LampLit, 1, heard.append)
    bus.publish(LampLit(1))
    await soon()
    loop.set_exception_handler(before)
    assert heard == [LampLit(1)]
    assert [type(error) for error in reported] == [IndexError]


async def test_who_has_left_hears_nothing_more_not_even_what_is_under_way() -> None:
    bus, heard = Bus(), list[LampLit]()
    leave = bus.subscribe(LampLit, 1, heard.append)
    bus.subscribe(LampLit, 1, heard.append)
    bus.publish(LampLit(1))
    leave()
    leave()
    await soon()
    assert heard == [LampLit(1)]  # from the one who stayed


async def test_listeners_may_come_and_go_while_a_fact_is_told() -> None:
    bus, heard = Bus(), list[LampLit]()

    def invites_another(_fact: LampLit) -> None:
        bus.subscribe(LampLit, 1, heard.append)

    bus.subscribe(LampLit, 1, invites_another)
    bus.publish(LampLit(1))
    await soon()
    bus.publish(LampLit(1))
    await soon()
    assert heard == [LampLit(1)]


def test_outside_a_loop_listeners_are_called_at_once() -> None:
    bus, heard = Bus(), list[LampLit]()
    bus.subscribe(LampLit, 1, heard.append)
    bus.publish(LampLit(1))
    assert heard == [LampLit(1)]


def test_outside_a_loop_the_teller_hears_of_a_failure() -> None:
    bus = Bus()
    bus.subscribe(LampLit, 1, fails)
    with pytest.raises(IndexError):
        bus.publish(LampLit(1))


async def test_who_listens_about_one_thing_is_not_woken_for_another() -> None:
    bus, heard = Bus(), list[LampLit]()
    bus.subscribe(LampLit, 1, heard.append)
    bus.publish(LampLit(2))
    bus.publish(LampLit(1))
    await soon()
    assert heard == [LampLit(1)]


async def test_who_overhears_a_kind_hears_every_fact_of_it_whatever_it_is_about() -> None:
    bus, heard = Bus(), list[int]()
    bus.subscribe_to_all(LampLit, lambda fact: heard.append(fact.about))
    bus.publish(LampLit(1))
    bus.publish(LampBroken(2))
    bus.publish(LampLit(3))
    await soon()
    assert heard == [1, 3]


def test_the_bus_knows_what_somebody_listens_about() -> None:
    bus = Bus()
    leave = bus.subscribe(LampLit, 1, lambda _fact: None)
    bus.subscribe(LampLit, 2, lambda _fact: None)
    assert bus.topics(LampLit) == {1, 2}
    leave()
    assert bus.topics(LampLit) == {2}
    assert bus.has_listener(LampLit, 2)
    assert not bus.has_listener(LampLit, 1)

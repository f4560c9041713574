"""The bus of two instances: what crosses is heard once by each, and nothing goes round."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import asdict, dataclass

import pytest

from storage.bus import Bus, Event, Missed
from storage.wire.wire import Data
from tests.storage.wire.carriers import Carrier
from tests.storage.wire.conftest import until

pytestmark = pytest.mark.parametrize("carrier", ["postgresql"], indirect=True)


@dataclass(frozen=True)
class LampLit:
    about: int


@dataclass(frozen=True)
class LampFlickered:
    about: int


class Codec:
    """Flickering stays where it is seen."""

    def pack(self, event: Event) -> tuple[str, Data] | None:
        return ("LampLit", asdict(event)) if isinstance(event, LampLit) else None

    def unpack(self, kind: str, data: Data) -> Event | None:
        return LampLit(int(data["about"] or 0)) if kind == "LampLit" else None


class Lighthouse:
    def __init__(self, carrier: Carrier, name: str) -> None:
        self.bus = Bus(carrier.wire(name), Codec())
        self.heard: list[Event] = []
        for kind in (LampLit, LampFlickered, Missed):
            for about in (0, 1, 2):
                self.bus.subscribe(kind, about, self.heard.append)

    async def until_it_hears(self, *facts: Event) -> None:
        await until(lambda: len(self.heard) >= len(facts))
        assert self.heard == list(facts)


@pytest.fixture
async def lighthouses(carrier: Carrier) -> AsyncGenerator[tuple[Lighthouse, Lighthouse]]:
    one, other = Lighthouse(carrier, "one"), Lighthouse(carrier, "other")
    for each in (one, other):
        await each.bus.wire.start()
        await each.until_it_hears(Missed())  # it was not there before
        each.heard.clear()
    yield one, other
    for each in (one, other):
        await each.bus.wire.close()


async def test_what_crosses_is_heard_once_everywhere_and_nothing_comes_back(
    lighthouses: tuple[Lighthouse, Lighthouse],
) -> None:
    one, other = lighthouses
    one.bus.publish(LampFlickered(1))
    one.bus.publish(LampLit(1))
    await other.until_it_hears(LampLit(1))
    other.bus.publish(LampLit(2))
    await one.until_it_hears(LampFlickered(1), LampLit(1), LampLit(2))
    assert other.heard == [LampLit(1), LampLit(2)]


async def test_what_is_published_here_stays_and_what_is_published_elsewhere_is_only_heard_there(
    lighthouses: tuple[Lighthouse, Lighthouse],
) -> None:
    one, other = lighthouses
    one.bus.publish_here(LampLit(1))
    one.bus.publish_elsewhere(LampLit(2))
    await other.until_it_hears(LampLit(2))
    assert one.heard == [LampLit(1)]


async def test_who_publishes_in_the_wake_of_events_hears_only_those_of_its_own_instance(
    lighthouses: tuple[Lighthouse, Lighthouse],
) -> None:
    one, other = lighthouses
    own: list[Event] = []
    other.bus.subscribe_to_all(LampLit, own.append, own_only=True)
    one.bus.publish(LampLit(1))
    await other.until_it_hears(LampLit(1))
    other.bus.publish(LampLit(2))
    await until(lambda: bool(own))
    assert own == [LampLit(2)]


async def test_after_a_gap_whoever_listens_for_it_is_told(
    lighthouses: tuple[Lighthouse, Lighthouse], carrier: Carrier
) -> None:
    _one, other = lighthouses
    carrier.cut()
    await other.until_it_hears(Missed())

"""Event subscriptions: open pages listen to the domain's events."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TypeVar

from nicegui import background_tasks, ui

from domain.errors import Blocked, NotFound, SignedOut
from storage.bus import EVERYBODY, Bus, Event, Missed

EventType = TypeVar("EventType", bound=Event)

SPREAD = 5
"""Seconds over which pages spread their refresh after a gap: all at once would be more than the database can bear."""


def follow_events(bus: Bus, kind: type[EventType], listener: Callable[[EventType], None], *, about: int) -> None:
    """Call `listener` with each event of this kind about one thing, as long as the page is open."""
    ui.context.client.on_delete(bus.subscribe(kind, about, listener))


def follow_events_async(
    bus: Bus, kind: type[EventType], listener: Callable[[EventType], Awaitable[None]], *, about: int
) -> None:
    """`follow_events` for an async listener, which has to read something; NiceGUI owns its task and logs exceptions."""
    client = ui.context.client

    async def listen(event: EventType) -> None:
        with suppress(SignedOut, Blocked, NotFound):  # the page is about to close, or what it shows was deleted
            await listener(event)

    def start(event: EventType) -> None:
        background_tasks.create(listen(event), name=f"hearing {kind.__name__}", context=client)

    follow_events(bus, kind, start, about=about)


def look_again_after_gaps(bus: Bus, look: Callable[[], Awaitable[None]]) -> None:
    """Call `look` when events of other instances may have been missed, as long as the page is open."""

    async def look_in_turn(_event: Missed) -> None:
        await asyncio.sleep(random.uniform(0, SPREAD))  # noqa: S311 - no secret: only not all at once
        await look()

    follow_events_async(bus, Missed, look_in_turn, about=EVERYBODY)

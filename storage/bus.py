"""Publish/subscribe (event bus): domain events delivered to subscribers, here and in the other instances.

An event is a frozen dataclass of the domain, named in the past tense and published after the commit that made it true.
Its field `about` is the id of its topic, and a subscriber names the one topic it wants: with hundreds of replies
growing at once, a page must not be woken for each of them.

Events published here are forwarded by the wire (storage/wire) if the codec lets them cross; events received from
another instance are delivered here and go no further.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from storage.wire.wire import Data, NoWire, Wire


class Event(Protocol):
    """Interface of every event."""

    @property
    def about(self) -> int: ...


class Codec(Protocol):
    """Selection and encoding of the events that cross to other instances."""

    def pack(self, event: Event) -> tuple[str, Data] | None:
        """Its kind and fields; None if it stays here."""
        ...

    def unpack(self, kind: str, data: Data) -> Event | None:
        """The event; None if the kind is unknown, as one of a newer version is, or the data do not fit it."""
        ...


EVERYBODY = 0
"""Topic of the events that concern no single thing."""


@dataclass(frozen=True)
class Missed:
    """Event: events of other instances may have been missed; whoever shows something reads the database again."""

    about: int = EVERYBODY


EventType = TypeVar("EventType", bound=Event)
Subject = tuple[type[Event], int]
Listener = Callable[[Any], None]


class Bus:
    """Publish/subscribe: events go to the listeners subscribed at the moment of publishing."""

    def __init__(self, wire: Wire | None = None, codec: Codec | None = None) -> None:
        self.wire = wire or NoWire()
        self._codec = codec
        self._listeners: dict[Subject, dict[object, Listener]] = {}
        self._listeners_to_all: dict[type[Event], list[tuple[Listener, bool]]] = {}
        self.wire.subscribe(self._hear, lambda: self.publish_here(Missed()))

    def subscribe(self, kind: type[EventType], about: int, listener: Callable[[EventType], None]) -> Callable[[], None]:
        """Subscribe `listener` to events of `kind` about one topic; returns the function that unsubscribes it.

        Listeners are fast and synchronous; one that has more to do starts a task.
        """
        subject = (kind, about)
        listeners = self._listeners.setdefault(subject, {})
        subscription = object()
        listeners[subscription] = listener

        def unsubscribe() -> None:
            listeners.pop(subscription, None)
            if not listeners and self._listeners.get(subject) is listeners:
                del self._listeners[subject]

        return unsubscribe

    def subscribe_to_all(
        self, kind: type[EventType], listener: Callable[[EventType], None], *, own_only: bool = False
    ) -> None:
        """Subscribe `listener` to all events of `kind`, whatever their topic, for the life of this process.

        For a service that keeps something in step with the events; a page names its topic. One that publishes further
        events in response subscribes with `own_only`, to those of this instance: else each instance would publish them.
        """
        self._listeners_to_all.setdefault(kind, []).append((listener, own_only))

    def topics(self, kind: type[Event]) -> set[int]:
        """Topics of `kind` that have a subscriber in this process at the moment."""
        return {about for heard, about in self._listeners if heard is kind}

    def has_listener(self, kind: type[Event], about: int) -> bool:
        return (kind, about) in self._listeners

    def publish(self, fact: Event) -> None:
        """Publish `fact` to the current subscribers, in the order they subscribed, and to the other instances.

        In a running event loop each listener is scheduled on the loop: one that raises is logged by the loop's handler
        and affects neither the publisher nor the other listeners. Outside a loop they are called immediately and may
        raise; so a thread hands its events to the loop (`loop.call_soon_threadsafe`).
        """
        self._deliver(fact, is_own=True)
        self.publish_elsewhere(fact)

    def publish_here(self, fact: Event) -> None:
        """Publish to this instance only: the others find it out themselves."""
        self._deliver(fact, is_own=True)

    def publish_elsewhere(self, fact: Event) -> None:
        """Publish what is known here already, to the other instances only."""
        if self._codec and self.wire.reaches_others and (packed := self._codec.pack(fact)):
            self.wire.send(*packed)

    def _hear(self, kind: str, data: Data) -> None:
        if self._codec and (fact := self._codec.unpack(kind, data)):
            self._deliver(fact, is_own=False)

    def _deliver(self, fact: Event, *, is_own: bool) -> None:
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            loop = None
        for subscription in tuple(self._listeners.get((type(fact), fact.about), ())):
            if loop:
                loop.call_soon(self._call, subscription, fact)
            else:
                self._call(subscription, fact)
        for listener, own_only in self._listeners_to_all.get(type(fact), ()):
            if own_only and not is_own:
                continue
            if loop:
                loop.call_soon(listener, fact)
            else:
                listener(fact)

    def _call(self, subscription: object, fact: Event) -> None:
        listener = self._listeners.get((type(fact), fact.about), {}).get(subscription)
        if listener:  # None if it has just unsubscribed: a page must not be woken then
            listener(fact)

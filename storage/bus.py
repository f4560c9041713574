"""Publish/subscribe (event bus): domain events delivered to subscribers within this process.

An event is a frozen dataclass of the domain, named in the past tense and published after the commit that made it true.
Its field `about` is the id of its topic, and a subscriber names the one topic it wants: with hundreds of replies
growing at once, a page must not be woken for each of them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Protocol, TypeVar


class Event(Protocol):
    """What every event has."""

    @property
    def about(self) -> int: ...


EventType = TypeVar("EventType", bound=Event)
Subject = tuple[type[Event], int]


class Bus:
    """Publish/subscribe within this process: events go to the listeners subscribed at the moment of publishing."""

    def __init__(self) -> None:
        self._listeners: dict[Subject, dict[object, Callable[[Any], None]]] = {}
        self._listeners_to_all: dict[type[Event], list[Callable[[Any], None]]] = {}

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

    def subscribe_to_all(self, kind: type[EventType], listener: Callable[[EventType], None]) -> None:
        """Subscribe `listener` to all events of `kind`, whatever their topic, for the life of this process.

        For a service that keeps something in step with the events; a page names its topic.
        """
        self._listeners_to_all.setdefault(kind, []).append(listener)

    def publish(self, fact: Event) -> None:
        """Publish `fact` to the current subscribers, in the order they subscribed.

        In a running event loop each listener is scheduled on the loop: one that raises is logged by the loop's handler
        and affects neither the publisher nor the other listeners. Outside a loop they are called immediately and may
        raise; so a thread hands its events to the loop (`loop.call_soon_threadsafe`).
        """
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            loop = None
        for subscription in tuple(self._listeners.get((type(fact), fact.about), ())):
            if loop:
                loop.call_soon(self._call, subscription, fact)
            else:
                self._call(subscription, fact)
        for listener in self._listeners_to_all.get(type(fact), ()):
            if loop:
                loop.call_soon(listener, fact)
            else:
                listener(fact)

    def _call(self, subscription: object, fact: Event) -> None:
        listener = self._listeners.get((type(fact), fact.about), {}).get(subscription)
        if listener:  # a page that has just unsubscribed must not be woken
            listener(fact)

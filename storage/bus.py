"""Facts told to whoever listens, within this process.

A fact is a frozen dataclass of the domain, named in the past tense and told after the commit that made it true. Its
field `about` is the id of the thing it concerns, and whoever listens names the one thing it wants to hear of: with
hundreds of replies growing at once, a page must not be woken for each of them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Protocol, TypeVar


class Told(Protocol):
    """What every fact has."""

    @property
    def about(self) -> int: ...


Fact = TypeVar("Fact", bound=Told)
Subject = tuple[type[Told], int]


class Bus:
    def __init__(self) -> None:
        self._listeners: dict[Subject, dict[object, Callable[[Any], None]]] = {}
        self._overhearing: dict[type[Told], list[Callable[[Any], None]]] = {}

    def subscribe(self, kind: type[Fact], about: int, listener: Callable[[Fact], None]) -> Callable[[], None]:
        """Have `listener` called with every fact of `kind` about one thing; returns what ends that.

        Listeners are quick and plain functions; one that has more to do starts a task.
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

    def overhear(self, kind: type[Fact], listener: Callable[[Fact], None]) -> None:
        """Have `listener` called with every fact of `kind`, whatever it is about, as long as this process lives.

        For a service that keeps something up with the facts; a page names what it wants to hear of.
        """
        self._overhearing.setdefault(kind, []).append(listener)

    def tell(self, fact: Told) -> None:
        """Tell `fact` to those who listen now, in the order they came.

        In a running event loop each is called by the loop, soon: a listener that raises is logged by the loop's
        handler, and neither the teller nor the other listeners notice. Outside a loop they are called at once and may
        raise; so a thread hands its facts to the loop (`loop.call_soon_threadsafe`).
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
        for listener in self._overhearing.get(type(fact), ()):
            if loop:
                loop.call_soon(listener, fact)
            else:
                listener(fact)

    def _call(self, subscription: object, fact: Told) -> None:
        listener = self._listeners.get((type(fact), fact.about), {}).get(subscription)
        if listener:  # a page that closed a moment ago must not be woken
            listener(fact)

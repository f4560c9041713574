"""The wire: publish/subscribe between instances of Beseda. What one sends, all others hear, unless they are cut off.

Nothing that must not be lost goes by the wire alone: it brings news of what is in the database already. An instance
that was cut off is told so (`missed`) and reads the database again. Identical messages may arrive as one. Nobody waits
for the wire: `send` puts a message into a queue.

Most of the domain never sees it: it publishes an event on the bus (storage/bus.py), and domain/crossing.py says which
events go on to the other instances.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol, TypeAlias

Value: TypeAlias = str | int | float | bool | None
Data: TypeAlias = Mapping[str, Value]
"""Payload of a message."""


class Wire(Protocol):
    @property
    def reaches_others(self) -> bool:
        """Whether there may be other instances at all."""
        ...

    @property
    def is_up(self) -> bool:
        """Whether messages pass at the moment."""
        ...

    @property
    def gaps(self) -> int:
        """Number of times that messages of others may have been missed."""
        ...

    @property
    def dropped(self) -> int:
        """Number of our own messages that were dropped: too long, or the oldest when too many waited."""
        ...

    def subscribe(self, hear: Callable[[str, Data], None], missed: Callable[[], None]) -> None:
        """Call `hear` with the kind and data of each message of another instance, and `missed` after each gap. Set
        before `start`.
        """
        ...

    def send(self, kind: str, data: Data) -> None:
        """Send a message to all other instances, soon. Called in the event loop."""
        ...

    async def start(self) -> None:
        """Connect in the background: nobody waits for it."""
        ...

    async def close(self) -> None:
        """Send what still waits, if that is possible at once, and disconnect."""
        ...


class NoWire:
    """There is one instance only, as on SQLite."""

    reaches_others = False
    is_up = True
    gaps = dropped = 0

    def subscribe(self, hear: Callable[[str, Data], None], missed: Callable[[], None]) -> None:
        """Nothing is ever heard."""

    def send(self, kind: str, data: Data) -> None:
        """Nobody is there."""

    async def start(self) -> None:
        """Nothing to connect."""

    async def close(self) -> None:
        """Nothing to disconnect."""

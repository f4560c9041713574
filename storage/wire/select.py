"""Wire factory: none for a SQLite file, which has one process; else PostgreSQL's own, or a Redis by `BUS_URL`."""

from __future__ import annotations

import hmac
from functools import partial

from storage.url import SQLITE
from storage.wire.reconnecting import ReconnectingWire
from storage.wire.wire import NoWire, Wire

BROKERS = ("redis://", "rediss://", "valkey://", "valkeys://")


def wire_for(database: str, bus: str, *, instance: str, secret: str) -> Wire:
    """`bus` is BUS_URL, or "". `secret` is the same for all instances: it names their channel, since the Redis or the
    database that BUS_URL names may serve others, too, and neither must receive the other's messages.
    """
    channel = channel_of(secret)
    if is_broker(bus):
        from storage.wire import redis  # an optional extra

        return ReconnectingWire(partial(redis.connect, bus, channel), instance)
    if database.startswith(SQLITE):
        return NoWire()
    from storage.wire import postgresql

    return ReconnectingWire(partial(postgresql.connect, bus or database, channel), instance)


def is_broker(bus: str) -> bool:
    """Whether BUS_URL names a Redis or Valkey; else PostgreSQL carries the messages."""
    return bus.startswith(BROKERS)


def channel_of(secret: str) -> str:
    return "beseda_" + hmac.digest(secret.encode(), b"bus", "sha256").hex()[:16]

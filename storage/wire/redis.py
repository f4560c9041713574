"""Publish/subscribe of Redis or Valkey as the wire's line, for those who have one: an optional extra.

The client's own retries are off: with them it hangs for seconds while Redis is away, and its listener gives up for
good. Reconnecting is ours (storage/wire/reconnecting.py).
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager

from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from storage.wire.reconnecting import LineLost

CONNECTED_WITHIN, ANSWERS_WITHIN = 1, 2  # seconds


class RedisLine:
    def __init__(self, server: Redis, channel: str, subscription: PubSub) -> None:
        self._server = server
        self._channel = channel
        self._subscription = subscription

    async def publish(self, messages: Sequence[str]) -> None:
        if not messages:
            return
        with _losses_named():
            pipeline = self._server.pipeline(transaction=False)
            for message in messages:
                pipeline.publish(self._channel, message)
            await pipeline.execute()

    async def messages(self) -> AsyncIterator[str]:
        with _losses_named():
            async for each in self._subscription.listen():
                if each["type"] == "message":
                    yield each["data"].decode(errors="replace")


@asynccontextmanager
async def connect(url: str, channel: str) -> AsyncGenerator[RedisLine]:
    """`url` is like redis://host:6379; all instances of one Beseda, and nobody else, have the same `channel`."""
    server = Redis.from_url(
        url.replace("valkey", "redis", 1) if url.startswith("valkey") else url,
        retry=Retry(NoBackoff(), 0),
        socket_connect_timeout=CONNECTED_WITHIN,
        socket_timeout=ANSWERS_WITHIN,
        socket_keepalive=True,
    )
    async with server, server.pubsub() as subscription:
        with _losses_named():
            await subscription.subscribe(channel)
        yield RedisLine(server, channel, subscription)


@contextmanager
def _losses_named() -> Iterator[None]:
    try:
        yield
    except (RedisError, OSError) as error:  # TimeoutError is an OSError
        raise LineLost(str(error).partition("\n")[0] or "Redis does not answer") from error

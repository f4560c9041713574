"""A Redis or Valkey behind TLS, with a certificate of a private authority, as the wire's line."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from storage.wire.select import wire_for
from storage.wire.wire import Wire
from tests.mail_server import self_made_certificate
from tests.redis_server import RedisServer
from tests.storage.wire.carriers import SECRET, RedisCarrier
from tests.storage.wire.conftest import Instance, until


class TlsCarrier(RedisCarrier):
    """The same Redis, reached at another address."""

    def __init__(self, server: RedisServer, address: str) -> None:
        super().__init__(server)
        self._address = address

    def wire(self, instance: str, secret: str = SECRET) -> Wire:
        return wire_for("postgresql://database.invalid/beseda", self._address, instance=instance, secret=secret)


class Entrance:
    """TLS terminator in front of a Redis: PyPI's Redis is built without TLS."""

    def __init__(self, port: int, certificate: Path) -> None:
        self.address = f"rediss://127.0.0.1:{port}"
        self.certificate = certificate


@pytest.fixture
async def entrance(redis_server: RedisServer, tmp_path: Path) -> AsyncGenerator[Entrance]:
    context, certificate = self_made_certificate(tmp_path)
    inside = urlsplit(redis_server.url)

    async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        answers, questions = await asyncio.open_connection(inside.hostname, inside.port)
        with suppress(ConnectionError):
            await asyncio.gather(_pump(reader, questions), _pump(answers, writer))

    async with await asyncio.start_server(pass_on, "127.0.0.1", 0, ssl=context) as server:
        yield Entrance(server.sockets[0].getsockname()[1], certificate)


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while some := await reader.read(65536):
        writer.write(some)
        await writer.drain()
    writer.close()


@pytest.mark.parametrize("scheme", ["rediss", "valkeys"])
async def test_instances_hear_each_other_through_tls(
    redis_server: RedisServer, entrance: Entrance, scheme: str
) -> None:
    address = entrance.address.replace("rediss", scheme)
    carrier = TlsCarrier(redis_server, f"{address}?ssl_ca_certs={entrance.certificate}")
    a, b = Instance(carrier, "a"), Instance(carrier, "b")
    for each in (a, b):
        await each.wire.start()
        await each.until_up()
    a.wire.send("lit", {"about": 1})
    assert await b.hears() == [1]
    for each in (a, b):
        await each.wire.close()
    carrier.close()


async def test_a_certificate_that_nobody_vouches_for_is_refused(
    redis_server: RedisServer, entrance: Entrance, caplog: pytest.LogCaptureFixture
) -> None:
    carrier = TlsCarrier(redis_server, entrance.address)
    a = Instance(carrier, "a")
    await a.wire.start()
    await until(lambda: "CERTIFICATE_VERIFY_FAILED" in caplog.text)
    assert not a.wire.is_up
    await a.wire.close()
    carrier.close()

"""Connections to the model's server: the same one is kept between two messages of a person."""

import asyncio
import time
from types import SimpleNamespace

import pytest

from domain.llm.client.chat_model import ChatModel
from tests.domain.llm.client.asking import asking, heard

A_PERSON_READS_AND_WRITES = 40  # seconds
ANSWER = 'data: {"choices": [{"delta": {"content": "Слышу."}, "finish_reason": "stop"}]}\n\ndata: [DONE]\n\n'.encode()


@pytest.mark.parametrize(("pause", "connections"), [(A_PERSON_READS_AND_WRITES, 1), (2 * A_PERSON_READS_AND_WRITES, 2)])
async def test_the_next_turn_finds_the_connection_open(
    monkeypatch: pytest.MonkeyPatch, pause: float, connections: int
) -> None:
    """Unless it has been idle so long that something on the way may have dropped it."""
    opened = 0

    async def visit(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal opened
        opened += 1
        while head := await _head(reader):
            length = next(line for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:"))
            await reader.readexactly(int(length.partition(b":")[2]))
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n")
            writer.write(b"content-length: %d\r\n\r\n%b" % (len(ANSWER), ANSWER))
            await writer.drain()
        writer.close()

    later = 0.0
    monkeypatch.setattr("httpcore2._async.http11.time", SimpleNamespace(monotonic=lambda: time.monotonic() + later))
    async with await asyncio.start_server(visit, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        model = ChatModel(base_url=f"http://127.0.0.1:{port}/v1", api_key="key", model="model")
        for _turn in range(2):
            words, _ending = await heard(model.reply(asking()))
            assert words == ["Слышу."]
            later += pause
        assert opened == connections
        server.close()


async def _head(reader: asyncio.StreamReader) -> bytes:
    """Head of the next request; empty when the client hangs up."""
    try:
        return await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return b""

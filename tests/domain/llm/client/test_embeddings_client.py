"""Embeddings: requested from the server with the same care as replies."""

import asyncio

import pytest

from domain.llm.client.embeddings_client import EmbeddingsClient

REDIRECT = (
    b"HTTP/1.1 %d Moved\r\nlocation: http://127.0.0.1:%d/elsewhere\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_texts_go_to_the_address_in_the_settings_and_nowhere_else(status: int) -> None:
    paths = list[bytes]()
    port = 0

    async def visit(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        paths.append(head.split(b" ")[1])
        writer.write(REDIRECT % (status, port))
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(visit, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        client = EmbeddingsClient(base_url=f"http://127.0.0.1:{port}/v1", api_key="key", texts="m", questions="m")
        for _ in range(2):
            assert await client.of_text("Меня зовут Анна.") is None
        server.close()
    assert paths == [b"/v1/embeddings"], "and is not asked in vain each time"

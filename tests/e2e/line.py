"""TCP proxy: the network between a browser and the product, which can be cut and mended."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Generator
from contextlib import contextmanager, suppress

CHUNK = 65_536


class Line:
    """Leads to `target`, a port of this machine; while it is cut, nobody gets through and whoever was is thrown out."""

    def __init__(self) -> None:
        self.target = 0
        self._is_cut = False
        self._ends: set[asyncio.StreamWriter] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._server = asyncio.run_coroutine_threadsafe(
            asyncio.start_server(self._carry, "127.0.0.1", 0), self._loop
        ).result()
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    @contextmanager
    def cut(self) -> Generator[None]:
        self._is_cut = True
        self._loop.call_soon_threadsafe(self._throw_out)
        yield
        self._is_cut = False

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._server.close)
        self._loop.call_soon_threadsafe(self._throw_out)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def _throw_out(self) -> None:
        for end in self._ends:
            end.transport.abort()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._is_cut:
            writer.transport.abort()
            return
        with suppress(OSError):
            there, back = await asyncio.open_connection("127.0.0.1", self.target)
            ends = {writer, back}
            self._ends |= ends
            await asyncio.gather(_pour(reader, back), _pour(there, writer))
            self._ends -= ends


async def _pour(source: asyncio.StreamReader, into: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while chunk := await source.read(CHUNK):
            into.write(chunk)
            await into.drain()
    into.close()

"""Fake model server of the benchmarks, in a process of its own, so that its cost does not count.

The last word of a message names the style of the answer. Every reply begins with a word and the moment at which its
first text was due (`time.monotonic` in microseconds, one clock for the whole machine), so it is known how late it came.
The rest is prose with some Markdown: pieces of four characters in the fine style, sentences in the coarse one.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Self
from urllib.request import urlopen

from tests.llm_server import Behaviour, Gesture, script

TOKEN = 4  # characters
PROSE = (
    "Вечером море **совсем тихое**, и я слышу, как скрипят лодки у причала, а над крышами кружат последние чайки, "
    "которым не хочется спать. Маяк зажигают в девять, и тогда я пишу в тетрадь всё, что видела за долгий день:\n\n"
    "- чайку с *белым* пером,\n- рыбака, который пел о доме,\n- корабль без названия и без флага.\n\n"
    "Потом приходит Егор, ставит на печь чайник и спрашивает, не холодно ли мне здесь одной, когда дует с севера. "
)


@dataclass(frozen=True)
class Manner:
    """`hold` seconds until the first text, then so many `tokens`, `pace` of them a second (0: all at once)."""

    style: str
    tokens: int = 300
    pace: float = 60
    hold: float = 0.2

    @property
    def text(self) -> str:
        return (PROSE * (1 + self.tokens * TOKEN // len(PROSE)))[: self.tokens * TOKEN]


MANNERS = {
    "fine": Manner("fine"),
    "coarse": Manner("coarse"),
    "instant": Manner("coarse", pace=0, hold=0),
    "short": Manner("fine", tokens=20, pace=0, hold=0),
    "quick": Manner("fine", tokens=20, pace=1000 / 15, hold=0),
    "soon": Manner("fine", tokens=20, pace=1000 / 15),
}


class Upstream:
    """The server, started and stopped with the block."""

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "tests.bench.upstream"]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout
        self._address = f"http://127.0.0.1:{int(self._process.stdout.readline())}"
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()

    @property
    def url(self) -> str:
        return f"{self._address}/v1"

    def most_in_flight(self) -> int:
        """Peak number of replies being sent at once."""
        with urlopen(f"{self._address}/most-in-flight") as answer:
            return int(json.load(answer))


class _Server:
    def __init__(self) -> None:
        self._in_flight = self._most = 0

    async def visit(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the requests of a connection one after another, as a model's server does."""
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
                length = next((line for line in head.split("\r\n") if line.startswith("content-length:")), ":0")
                body = await reader.readexactly(int(length.partition(":")[2]))
                if head.startswith("get"):
                    await _send_number(writer, self._most)
                    continue
                self._in_flight += 1
                self._most = max(self._most, self._in_flight)
                try:
                    await _speak(
                        writer, MANNERS.get(json.loads(body)["messages"][-1]["content"].split()[-1], MANNERS["coarse"])
                    )
                finally:
                    self._in_flight -= 1
        writer.close()


async def _send_number(writer: asyncio.StreamWriter, number: int) -> None:
    writer.write(f"HTTP/1.1 200 OK\r\ncontent-length: {len(str(number))}\r\n\r\n{number}".encode())
    await writer.drain()


async def _speak(writer: asyncio.StreamWriter, manner: Manner) -> None:
    begun = time.monotonic() + manner.hold
    parts = list(script(Behaviour(f"Пора: {begun * 1e6:.0f} {manner.text}", manner.style)))
    texts = parts[:-1] if manner.style == "coarse" else parts[1:-3]
    before, after = parts[: parts.index(texts[0])], parts[parts.index(texts[0]) + len(texts) :]
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n")
    await _send(writer, before)
    whole = manner.tokens / manner.pace if manner.pace else 0  # seconds, the same in either style
    for at, text in enumerate(texts):
        if manner.pace:
            await asyncio.sleep(begun + whole * at / len(texts) - time.monotonic())
        await _send(writer, [text])
    await _send(writer, after)
    writer.write(b"0\r\n\r\n")
    await writer.drain()


async def _send(writer: asyncio.StreamWriter, parts: Sequence[bytes | Gesture]) -> None:
    for part in parts:
        assert isinstance(part, bytes)
        writer.write(b"%x\r\n%b\r\n" % (len(part), part))
    await writer.drain()


async def main() -> None:
    server = await asyncio.start_server(_Server().visit, "127.0.0.1", 0, backlog=1000)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())

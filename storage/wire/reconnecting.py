"""A wire that reconnects: queue, batches, heartbeat and backoff around a line, which is either adapter's connection.

It counts as up from the moment it hears its own heartbeat, and as down when it has not for some seconds: so a line that
is cut, half open or frozen is noticed alike, and so is a pause of this process itself. After each time down `missed` is
called. Messages that wait meanwhile are sent afterwards, for the others may have been up; what does not fit into the
queue is dropped, the oldest first, and the others are told that there is a gap.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, suppress
from secrets import token_hex
from typing import Protocol

from storage.wire.message import GAP, HEARTBEAT, Message, TooLong, read
from storage.wire.wire import Data

log = logging.getLogger(__name__)

BATCH_TIME = 0.01  # seconds in which messages are collected to be sent together
LARGEST_BATCH = 500
LONGEST_QUEUE = 5_000
BEATS_EVERY = 1.5  # seconds
SILENCE = 4  # seconds without our own heartbeat after which the line counts as dead
SHORTEST_PAUSE, LONGEST_PAUSE = 0.1, 2  # seconds before connecting again
STOOD_STILL = "this instance stood still"
DEAF = "not even our own messages come back; behind a PgBouncer, BUS_URL names the server itself"
LAST_WORDS = 1  # seconds to send the queue when closing


class LineLost(Exception):
    """The connection is lost, or there never was one; its text says why, in one line."""


class Line(Protocol):
    """A connection to the carrier of messages between instances. Its methods raise `LineLost`."""

    async def publish(self, messages: Sequence[str]) -> None: ...

    def messages(self) -> AsyncIterator[str]:
        """Messages that anybody publishes, ourselves included."""
        ...


class ReconnectingWire:
    """`connect` opens a line, which closes with its context; `instance` names the sender, among others that may have
    been given the same name by mistake.
    """

    reaches_others = True

    def __init__(self, connect: Callable[[], AbstractAsyncContextManager[Line]], instance: str) -> None:
        self.is_up = False
        self.gaps = 0
        self.dropped = 0
        self._connect = connect
        self._me = f"{instance}/{token_hex(4)}"
        self._hear: Callable[[str, Data], None] = lambda _kind, _data: None
        self._missed: Callable[[], None] = lambda: None
        self._waiting: deque[str] = deque()
        self._dropped_told = 0  # value of `dropped` when the others were last told of a gap
        self._has_news = asyncio.Event()
        self._is_empty = asyncio.Event()
        self._beat = asyncio.Event()
        self._was_up = False
        self._is_down_told = False
        self._running: asyncio.Task[None] | None = None

    def subscribe(self, hear: Callable[[str, Data], None], missed: Callable[[], None]) -> None:
        self._hear, self._missed = hear, missed

    def send(self, kind: str, data: Data) -> None:
        try:
            message = str(Message(self._me, kind, data))
        except TooLong:
            log.warning("A %s is too long for the bus and is not sent", kind)
            self.dropped += 1
            return
        self._waiting.append(message)
        self._is_empty.clear()
        while len(self._waiting) > LONGEST_QUEUE:
            self._waiting.popleft()
            self.dropped += 1
        self._has_news.set()

    async def start(self) -> None:
        self._running = asyncio.create_task(self._run(), name="the bus between instances")

    async def close(self) -> None:
        if not self._running:
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(LAST_WORDS):
                if self.is_up and self._waiting:
                    await self._is_empty.wait()
        self._running.cancel()
        with suppress(asyncio.CancelledError):
            await self._running
        self.is_up = False

    async def _run(self) -> None:
        pause = SHORTEST_PAUSE
        while True:
            try:
                async with self._connect() as line:
                    await self._talk(line)
            except LineLost as error:
                self._lost(error)
            pause = SHORTEST_PAUSE if self._was_up else min(2 * pause, LONGEST_PAUSE)
            self._was_up = False
            await asyncio.sleep(pause)

    async def _talk(self, line: Line) -> None:
        """Listen, send and watch until the line is lost."""
        self._beat.clear()
        # No TaskGroup: in Python 3.11 it leaves its parent uncancellable if a task fails while it waits for them.
        tasks = [asyncio.create_task(part) for part in (self._listen(line), self._send(line), self._watch())]
        try:
            ended, _going = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        for task in ended:
            task.result()  # raises the exception that ended it

    async def _listen(self, line: Line) -> None:
        async for text in line.messages():
            message = read(text)
            if message is None:
                continue
            if message.sender == self._me:
                self._heard_myself()
            elif message.kind == GAP:
                self._found_gap()
            elif message.kind != HEARTBEAT:
                self._hear(message.kind, message.data)
        raise LineLost("the connection was closed")

    async def _send(self, line: Line) -> None:
        beats_at = 0.0
        while True:
            self._has_news.clear()
            batch = list(self._waiting)[:LARGEST_BATCH]
            dropped = self.dropped
            owed = [GAP] if dropped > self._dropped_told else []
            if _now() >= beats_at:
                owed.append(HEARTBEAT)
                beats_at = _now() + BEATS_EVERY
            await line.publish([*(str(Message(self._me, kind, {})) for kind in owed), *batch])
            self._dropped_told = dropped
            for sent in batch:
                if self._waiting and self._waiting[0] is sent:  # else it has been dropped meanwhile
                    self._waiting.popleft()
            if not self._waiting:
                self._is_empty.set()
                with suppress(TimeoutError):
                    async with asyncio.timeout(max(0, beats_at - _now())):
                        await self._has_news.wait()
            await asyncio.sleep(BATCH_TIME)

    async def _watch(self) -> None:
        while True:
            begun = _now()
            try:
                async with asyncio.timeout(SILENCE):
                    await self._beat.wait()
            except TimeoutError:
                error = LineLost(STOOD_STILL if _now() - begun > 2 * SILENCE else DEAF)
                self._lost(error)  # report at once: hanging up may take a while
                raise error from None
            self._beat.clear()

    def _heard_myself(self) -> None:
        self._beat.set()
        if self.is_up:
            return
        self.is_up = self._was_up = True
        if self._is_down_told:
            log.warning("The bus between instances is up again")
            self._is_down_told = False
            self.gaps += 1
        self._missed()  # even the first time: pages may be open already

    def _found_gap(self) -> None:
        self.gaps += 1
        self._missed()

    def _lost(self, error: LineLost) -> None:
        self.is_up = False
        if not self._is_down_told:
            log.warning("The bus between instances is down: %s", error)
            self._is_down_told = True


def _now() -> float:
    return asyncio.get_running_loop().time()

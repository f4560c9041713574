"""Workers: the processes that read and write card files, a few in all and one at a time per user.

A process is kept for a while for the next file, since starting one costs more than reading most cards. After a large
file or a fault, it is ended at once.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TypeVar

from domain.cards.faults import Fault, UnreadableCard, too_busy
from domain.cards.frames import receive, send
from storage.fair_queue import FairQueue, QueueFull

ROOT = Path(__file__).parents[2]
AT_ONCE, EACH = 2, 1
"""Maximum processes: in all, and per user."""
MOST_WAITING, MOST_OF_ONE_WAITING = 200, 110
PATIENCE = 30.0
"""Timeout for one file, in seconds."""
KEPT_FOR = 15.0
"""Seconds that an idle process is kept for the next file."""
SMALL = 4_000_000
"""Maximum bytes sent and received for a file, for the process to be used again."""
Answer = TypeVar("Answer")


class Worker:
    """One process, which is started with its first file."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._has_answered = False
        self._is_ended = False
        self.is_spent = False
        """Whether it should get no other file."""

    async def ask(
        self, question: Callable[[], Sequence[bytes]], read: Callable[[list[bytes]], Answer], patience: float = PATIENCE
    ) -> Answer:
        """Send the frame that `question` makes, and return the answer as `read` makes sense of it; both run in a
        thread. Raises `UnreadableCard` if that takes too long, or kills a fresh process, and `Busy` if the process was
        ended meanwhile. A process that was kept may have died of something else, so then a fresh one is asked as well.
        """
        self.is_spent = True  # until it has answered, since cancelling leaves it in the middle of a file
        asking = asyncio.create_task(asyncio.to_thread(self._asked, question, read))
        try:
            async with asyncio.timeout(patience):
                answer, size = await asyncio.shield(asking)
        except TimeoutError as error:
            raise UnreadableCard(Fault.TOO_SLOW) from error
        except (OSError, EOFError, ValueError) as error:
            if self._is_ended:
                raise too_busy() from error
            raise UnreadableCard(Fault.TOO_MUCH) from error  # the file killed the process
        finally:
            if not asking.done():
                self.end()
                with suppress(OSError, EOFError, ValueError):  # errors of the request that is broken off
                    await asking
        self.is_spent = size > SMALL
        return answer

    def end(self) -> None:
        self._is_ended = True
        if self._process is not None:
            self._process.kill()

    def _asked(
        self, question: Callable[[], Sequence[bytes]], read: Callable[[list[bytes]], Answer]
    ) -> tuple[Answer, int]:
        """The answer, and the number of bytes sent and received."""
        parts = question()
        was_kept = self._has_answered
        try:
            answer = self._answer_to(parts)
        except (OSError, EOFError):
            if not was_kept or self._is_ended:
                raise
            self.wait()
            self._process = None
            answer = self._answer_to(parts)
        return read(answer), sum(map(len, (*parts, *answer)))

    def _answer_to(self, parts: Sequence[bytes]) -> list[bytes]:
        if self._process is None:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "domain.cards.worker"],
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
        if self._is_ended:  # it was ended while starting
            raise EOFError
        assert self._process.stdin  # noqa: S101 - both are pipes
        assert self._process.stdout  # noqa: S101 - as above
        send(self._process.stdin, parts)
        answer = receive(self._process.stdout)
        self._has_answered = True
        return answer

    @property
    def is_alive(self) -> bool:
        """False if something killed it while it was idle."""
        return self._process is None or self._process.poll() is None

    def wait(self) -> None:
        """Kill it, and wait until it has ended. Blocks: call it in a thread."""
        if self._process is not None:
            with suppress(BrokenPipeError), self._process:  # closing the pipes flushes data that nobody reads any more
                self._process.kill()


class Workers:
    def __init__(self) -> None:
        self._places = FairQueue(AT_ONCE, each=EACH, longest=MOST_WAITING, longest_of_one=MOST_OF_ONE_WAITING)
        self._idle: list[tuple[Worker, asyncio.TimerHandle]] = []
        self._in_use: set[Worker] = set()
        self._all_are_back = asyncio.Event()
        self._all_are_back.set()
        self._ending: set[asyncio.Task[None]] = set()
        self._is_closed = False

    async def start(self) -> None:
        """Nothing to do: processes are started when files come."""

    async def close(self) -> None:
        """End all processes, those in use as well, and wait for them. From now on, nobody gets one."""
        self._is_closed = True
        for worker in self._in_use:
            worker.end()
        for worker, timer in self._idle:
            timer.cancel()
            self._end(worker)
        self._idle.clear()
        await self._all_are_back.wait()
        if self._ending:
            await asyncio.wait(self._ending)

    @asynccontextmanager
    async def one(self, user_id: int) -> AsyncGenerator[Worker]:
        """A process for this user's files, for the duration of the block. Raises `Busy`."""
        try:
            await self._places.acquire(user_id)
        except QueueFull as error:
            raise too_busy() from error
        if self._is_closed:
            self._places.release(user_id)
            raise too_busy()
        worker = self._taken()
        self._in_use.add(worker)
        self._all_are_back.clear()
        try:
            yield worker
        finally:
            self._places.release(user_id)
            self._put_back(worker)

    def _taken(self) -> Worker:
        while self._idle:
            worker, timer = self._idle.pop()
            timer.cancel()
            if worker.is_alive:
                return worker
            self._end(worker)
        return Worker()

    def _put_back(self, worker: Worker) -> None:
        if worker.is_spent or self._is_closed:
            self._end(worker)
        else:
            timer = asyncio.get_running_loop().call_later(KEPT_FOR, self._let_go, worker)
            self._idle.append((worker, timer))
        self._in_use.remove(worker)
        if not self._in_use:
            self._all_are_back.set()

    def _let_go(self, worker: Worker) -> None:
        self._idle = [(each, timer) for each, timer in self._idle if each is not worker]
        self._end(worker)

    def _end(self, worker: Worker) -> None:
        ending = asyncio.create_task(asyncio.to_thread(worker.wait))
        self._ending.add(ending)
        ending.add_done_callback(self._ending.discard)

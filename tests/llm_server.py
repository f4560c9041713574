"""Fake model server: real HTTP in the provider's dialect; it says what it is told to and fails on demand.

    with LlmServer() as server:
        server.answer("Привет! Как дела?", style="fine")      # the next request gets this
        server.answer(fault="stall")                          # and the one after that
        server.answer(fault="waits")                          # this one goes on when the test says `server.go_on()`
        server.default = Behaviour(text="А теперь всегда это.")

A product in another process is driven from its chat: `[[fault:reset]] [[pause:0.3]] [[style:fine]] [[text:Да.]]` in the
last user message overrides everything else. By hand: `python -m tests.llm_server --port 8081 --style fine`.

Two styles, as recorded from the real service: `coarse` (YandexGPT: sentences, the finish reason on the last of them, no
usage) and `fine` (Alice, Qwen: a role, pieces, an empty delta with the finish reason, usage without choices). Replies
are streamed on request, each on a connection of its own.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import socket
import struct
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, fields, replace
from enum import Enum
from http import HTTPStatus
from itertools import cycle
from typing import Any, Self

TEXT = "Хорошо, что ты здесь. Я как раз думаю о море. Оно сегодня тихое! А как прошёл твой день?"
REFUSAL = "Я не могу обсуждать эту тему. Давайте поговорим о чём-нибудь ещё."
FOLDER = "b1gfolderofsecrets"
INNER_ADDRESS = f"Error in session internal_id=7&request_id=8&folder_id={FOLDER}: "
STATUSES = {
    "400": "invalid value",
    "401": "Unknown api key '{key}'",
    "403": "Permission to [resource-manager.folder " + FOLDER + "] denied",
    "404": "Failed to get model gpt://" + FOLDER + "/unknown",
    "429": "ai.textGenerationCompletionSessionsCount.count gauge quota limit exceed: allowed 10 requests",
    "500": "Internal server error",
    "503": "Service unavailable",
    "toolong": "number of input tokens must be no more than 32768, got 59830",
}
FAULTS = (
    *STATUSES,
    *("slow", "hang", "stall", "waits", "cut", "reset", "badsse", "error_event", "error_event_yandex"),
    *("html", "502", "empty", "endless", "length", "keepalive", "murmur", "late_end", "no_delta", "drop"),
    *("filter", "filter_at_once", "filter_bare"),
)
REPLIES = "/chat/completions"
SLOW = 3.0  # seconds before the first word of the fault "slow" when `hold` says nothing else
EMBEDDING_TOKENS = 7
TOO_LARGE_TO_EMBED = {
    "code": 500,
    "message": "input (812 tokens) is too large to process. increase the physical batch size (current batch size: 512)",
    "type": "server_error",
}
KEEPALIVE = 0.1  # seconds between comments
STILL_HERE = b": still here\n\n"


@dataclass(frozen=True)
class Behaviour:
    """Response to one request: `pause` seconds between chunks, `hold` seconds before the first; `fault` is of `FAULTS`.

    `body`, with its status and headers, is an answer byte for byte that replaces all that.
    """

    text: str = TEXT
    style: str = "coarse"
    pause: float = 0.0
    hold: float = 0.0
    fault: str = ""
    retry_after: str = ""
    body: bytes | None = None
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        text_chunks = len(_sentences(self.text)) if self.style == "coarse" else 1 + len(_scraps(self.text))
        assert self.fault != "waits" or text_chunks > 2, "two chunks come at once: nothing is left to wait for"

    def as_asked_by(self, prompt: str) -> Behaviour:
        wishes = dict(re.findall(r"\[\[(\w+):(.*?)\]\]", prompt, re.DOTALL))
        numbers = {name: float(wishes[name]) for name in ("pause", "hold") if name in wishes}
        words = {each.name: wishes[each.name] for each in fields(self) if each.name in wishes}
        return replace(self, **(words | numbers))


@dataclass(frozen=True)
class Request:
    """A request as it came in; header names are lower-case."""

    method: str
    path: str
    headers: dict[str, str]
    body: dict[str, Any]

    @property
    def last_words(self) -> str:
        said = [message["content"] for message in self.body.get("messages", ()) if message["role"] == "user"]
        return said[-1] if said else ""


class Gesture(Enum):
    """Action of the server instead of sending the next chunk, or before it."""

    HANG = "says nothing more"
    RESET = "breaks the connection"
    WAIT = "says nothing more until it is told to go on"


def exactly(body: bytes | str, status: int = 200, **headers: str) -> Behaviour:
    """An answer byte for byte: a stream, or JSON. Underscores in the names of headers stand for hyphens."""
    sent = body.encode() if isinstance(body, str) else body
    is_stream = status == HTTPStatus.OK and not sent.startswith(b"{")
    head = {"content-type": "text/event-stream" if is_stream else "application/json"}
    head |= {name.replace("_", "-"): value for name, value in headers.items()}
    return Behaviour(body=sent, status=status, headers=tuple(head.items()))


def script(behaviour: Behaviour) -> Iterator[bytes | Gesture]:
    """The body of a streamed answer, chunk by chunk."""
    sound: list[bytes | Gesture] = list(_chunks(behaviour))
    match behaviour.fault:
        case fault if fault in BROKEN_OFF:
            yield from (*sound[:2], *BROKEN_OFF[fault])
        case "endless":
            yield from cycle(sound[: -3 if behaviour.style == "fine" else -2])
        case "keepalive":
            yield from cycle([STILL_HERE])
        case "late_end":
            yield from [*sound[:-1], Gesture.HANG]
        case "waits":
            yield from sound[:2]
            for chunk in sound[2:]:
                yield from (Gesture.WAIT, chunk)
        case _:  # sound, or strange in its words only
            yield from sound


def _chunks(behaviour: Behaviour) -> Iterator[bytes]:
    """A sound answer, up to and including `[DONE]`."""
    text, finish = behaviour.text, "stop"
    if behaviour.fault == "empty":
        text = ""
    elif behaviour.fault == "length":
        finish = "length"
    elif behaviour.fault.startswith("filter"):
        begun = [] if behaviour.fault == "filter_at_once" else _sentences(text)[:2]
        yield from (_chunk({"role": "assistant", "content": part}) for part in begun)
        text, finish = "" if behaviour.fault == "filter_bare" else REFUSAL, "content_filter"
    if behaviour.style == "coarse" or finish == "content_filter":
        *parts, last = _sentences(text) if finish != "content_filter" else [text]
        yield from (_chunk({"role": "assistant", "content": part}) for part in parts)
        yield _chunk({"role": "assistant", "content": last}, finish)
    else:
        yield _chunk({"role": "assistant", "content": ""})
        yield from (_chunk({"content": scrap}) for scrap in _scraps(text))
        yield _chunk(None if behaviour.fault == "no_delta" else {}, finish)
        usage = {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18}
        yield _event({"id": "1", "object": "chat.completion.chunk", "choices": [], "usage": usage})
    yield b"data: [DONE]\n\n"


def _sentences(text: str) -> list[str]:
    return re.findall(r"[^.!?…]+[.!?…]*\s*|[.!?…]+\s*", text) or [text]


def _scraps(text: str) -> list[str]:
    return re.findall(r".{1,4}", text, re.DOTALL)


def _chunk(delta: dict[str, str] | None, finish: str = "") -> bytes:
    choice: dict[str, Any] = {"index": 0} if delta is None else {"index": 0, "delta": delta}
    if finish:
        choice["finish_reason"] = finish
    return _event({"id": "1", "object": "chat.completion.chunk", "created": 0, "model": "m", "choices": [choice]})


def _event(data: dict[str, Any]) -> bytes:
    # Half of a surrogate pair that was split can only be written as an escape.
    return b"data: " + json.dumps(data, ensure_ascii=False).encode(errors="backslashreplace") + b"\n\n"


BROKEN_OFF: dict[str, Sequence[bytes | Gesture]] = {
    "stall": [Gesture.HANG],
    "murmur": [STILL_HERE] * 10_000,
    "cut": [],
    "reset": [Gesture.RESET],
    "badsse": [b'data: {"choices": [{"delta": {"cont\n\n'],
    "error_event": [_event({"error": {"message": INNER_ADDRESS + "broken", "type": "server_error"}})],
    "error_event_yandex": [_event({"error": {"error": INNER_ADDRESS + "broken"}})],
}
"""What comes after the first two chunks, when that is not the rest of the reply."""


@dataclass
class Visits:
    """Counts since the server was last told to forget: an answer that began before and ends later does not count."""

    in_flight: int = 0
    most_in_flight: int = 0
    disconnects: int = 0


class LlmServer:
    """Runs in a thread of its own, so it also works while a test blocks the event loop."""

    def __init__(self, port: int = 0, default: Behaviour | None = None) -> None:
        self.default = default or Behaviour()
        self.requests: list[Request] = []
        self.refuses: Callable[[Request], Behaviour | None] = lambda _: None
        """What a request gets at once because of what is in it; what is queued is for those that are taken."""
        self.windows: dict[str, int] = {}  # models it lists as vLLM does: by name, with the tokens they read at once
        self.embeds: Callable[[str], list[float]] | None = None
        """The vector of a text, [] where the server refuses it; None: the server has no embeddings."""
        self.embeds_at_most = 1_000_000
        """Characters; what is longer is refused as llama.cpp does, as if it were a fault of its own."""
        self.counts_embeddings = True
        """Whether it tells what an embedding took."""
        self._counted = Visits()
        self._port = port
        self._queue: deque[Behaviour] = deque()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._server: asyncio.Server | None = None
        self._visits: set[asyncio.Task[None]] = set()
        self._may_go_on = asyncio.Semaphore(0)

    @property
    def asked(self) -> list[Request]:
        """Requests for replies; others only ask which models there are, and how much they read at once."""
        return [each for each in self.requests if each.path.endswith(REPLIES)]

    @property
    def in_flight(self) -> int:
        """Number of requests for replies that are being answered."""
        return self._counted.in_flight

    @property
    def most_in_flight(self) -> int:
        return self._counted.most_in_flight

    @property
    def disconnects(self) -> int:
        """Number of answers that the client did not read to the end."""
        return self._counted.disconnects

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}/v1"

    def answer(
        self,
        text: str = TEXT,
        *,
        style: str = "coarse",
        pause: float = 0.0,
        hold: float = 0.0,
        fault: str = "",
        retry_after: str = "",
    ) -> None:
        """Queue the response to the next request."""
        if fault == "waits":
            self._may_go_on = asyncio.Semaphore(0)  # what was released for an earlier reply is not for this one
        self._queue.append(Behaviour(text, style, pause, hold, fault, retry_after))

    def answer_with(self, body: bytes | str, status: int = 200, *, pause: float = 0.0, **headers: str) -> None:
        """Queue an answer byte for byte, `pause` seconds between its lines."""
        self._queue.append(replace(exactly(body, status, **headers), pause=pause))

    def go_on(self, chunks: int = 1_000) -> None:
        """Let replies with the fault "waits", which have sent two chunks, send so many more; by default all there are.

        So whatever a test does in the middle of a reply is in the middle of it, however long it takes.
        """
        held = self._may_go_on  # the present ones: the next test may have begun when this server's thread hears of it

        def release() -> None:
            for _ in range(chunks):
                held.release()

        self._loop.call_soon_threadsafe(release)

    def forget(self) -> None:
        """Reset the server to the state of a fresh start."""
        self._may_go_on = asyncio.Semaphore(0)
        self._queue.clear()
        self.requests.clear()
        self.windows.clear()
        self.embeds, self.counts_embeddings, self.embeds_at_most = None, True, 1_000_000
        self.refuses = lambda _: None
        self.default, self._counted = Behaviour(), Visits()

    def start(self) -> Self:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._open(), self._loop).result()
        return self

    def stop(self) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    async def _open(self) -> None:
        self._server = await asyncio.start_server(self._visit, "127.0.0.1", self._port)
        self._port = self._server.sockets[0].getsockname()[1]

    async def _close(self) -> None:
        if self._server:
            self._server.close()
        for visit in self._visits:
            visit.cancel()
        await asyncio.gather(*self._visits, return_exceptions=True)

    async def _visit(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        visit = asyncio.current_task()
        assert visit
        self._visits.add(visit)
        with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            request = await _read_request(reader)
            behaviour = self._choose(request)  # before a test can see the request: what it queues then is for the next
            self.requests.append(request)
            await self._serve(request, behaviour, reader, writer)
        self._visits.discard(visit)
        writer.close()

    def _choose(self, request: Request) -> Behaviour | None:
        """Response to a request for a reply; None: it asks for something else."""
        if request.method != "POST" or not request.path.endswith(REPLIES):
            return None
        chosen = self.refuses(request) or (self._queue.popleft() if self._queue else self.default)
        return chosen.as_asked_by(request.last_words)

    async def _serve(
        self,
        request: Request,
        behaviour: Behaviour | None,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        """Answer a request, watching for the client to hang up meanwhile."""
        if behaviour is None:
            return await self._respond(request, writer)
        counted = self._counted
        counted.in_flight += 1
        counted.most_in_flight = max(counted.most_in_flight, counted.in_flight)
        answering = asyncio.create_task(self._reply(behaviour, request, writer))
        leaving = asyncio.create_task(reader.read(1))
        try:
            await asyncio.wait({answering, leaving}, return_when=asyncio.FIRST_COMPLETED)
            if answering.done():
                answering.result()
            else:
                counted.disconnects += 1
        except ConnectionError:
            counted.disconnects += 1
        finally:
            counted.in_flight -= 1
            answering.cancel()
            leaving.cancel()
            await asyncio.gather(answering, leaving, return_exceptions=True)

    async def _reply(self, behaviour: Behaviour, request: Request, writer: asyncio.StreamWriter) -> None:
        await _send_reply(writer, behaviour, request, self._may_go_on)

    async def _respond(self, request: Request, writer: asyncio.StreamWriter) -> None:
        if request.path.endswith("/models"):
            names = [f"gpt://{FOLDER}/yandexgpt-lite/latest", f"gpt://{FOLDER}/aliceai-llm/latest"]
            models = [{"id": name, "object": "model", "created": 0, "owned_by": FOLDER} for name in names]
            models += [{"id": name, "max_model_len": window} for name, window in self.windows.items()]
            await _send_page(writer, 200, json.dumps({"object": "list", "data": models}))
        elif request.path.endswith("/embeddings") and self.embeds:
            text = str(request.body["input"])
            if len(text) > self.embeds_at_most:
                await _send_page(writer, 500, json.dumps({"error": TOO_LARGE_TO_EMBED}))
                return
            vector = self.embeds(text)
            data = [{"object": "embedding", "index": 0, "embedding": vector}]
            page = {"object": "list", "data": data, "model": request.body["model"]}
            if self.counts_embeddings:
                page["usage"] = {"prompt_tokens": EMBEDDING_TOKENS, "total_tokens": EMBEDDING_TOKENS}
            refused = {"error": {"message": "Input is too long"}}
            await _send_page(writer, 200 if vector else 400, json.dumps(page if vector else refused))
        else:
            await _send_page(writer, 404, json.dumps({"error": {"message": "Not Found"}}))


async def _read_request(reader: asyncio.StreamReader) -> Request:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.strip().split("\r\n")
    method, path, _ = first.split(" ")
    pairs = (line.partition(":") for line in lines)
    headers = {name.lower(): value.strip() for name, _, value in pairs}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Request(method, path.partition("?")[0], headers, json.loads(body or b"{}"))


async def _send_reply(
    writer: asyncio.StreamWriter, behaviour: Behaviour, request: Request, may_go_on: asyncio.Semaphore
) -> None:
    await asyncio.sleep(behaviour.hold or (SLOW if behaviour.fault == "slow" else 0))
    if behaviour.body is not None:
        await _send_body(writer, behaviour, behaviour.body)
    elif behaviour.fault == "hang":
        await asyncio.Event().wait()
    elif behaviour.fault == "drop":
        _reset(writer)
    elif behaviour.fault in {"html", "502"}:
        status = 200 if behaviour.fault == "html" else 502
        await _send_page(writer, status, "<html><body>Вход в сеть</body></html>", kind="text/html; charset=utf-8")
    elif behaviour.fault in STATUSES:
        cause = STATUSES[behaviour.fault].replace("{key}", request.headers.get("authorization", ""))
        error = {"error": {"message": INNER_ADDRESS + cause, "type": "invalid_request_error"}}
        extra = {"retry-after": behaviour.retry_after} if behaviour.retry_after else {}
        status = int(behaviour.fault) if behaviour.fault.isdigit() else HTTPStatus.BAD_REQUEST
        await _send_page(writer, status, json.dumps(error), extra=extra)
    elif not request.body.get("stream"):
        message = {"role": "assistant", "content": behaviour.text}
        choices = [{"index": 0, "message": message, "finish_reason": "stop"}]
        await _send_page(writer, 200, json.dumps({"object": "chat.completion", "choices": choices}))
    else:
        await _send_stream(writer, behaviour, may_go_on)


async def _send_stream(writer: asyncio.StreamWriter, behaviour: Behaviour, may_go_on: asyncio.Semaphore) -> None:
    _write_head(writer, 200, {"content-type": "text/event-stream", "transfer-encoding": "chunked"})
    pause = max(behaviour.pause, KEEPALIVE) if behaviour.fault in {"keepalive", "murmur"} else behaviour.pause
    for step in script(behaviour):
        if step is Gesture.HANG:
            await asyncio.Event().wait()
        elif step is Gesture.RESET:
            await asyncio.sleep(0.05)  # a reset overtakes what is still on its way; let the words arrive first
            _reset(writer)
            return
        elif step is Gesture.WAIT:
            await may_go_on.acquire()
        else:
            writer.write(b"%x\r\n%b\r\n" % (len(step), step))
            await writer.drain()
            await asyncio.sleep(pause)
    writer.write(b"0\r\n\r\n")
    await writer.drain()


async def _send_body(writer: asyncio.StreamWriter, behaviour: Behaviour, body: bytes) -> None:
    _write_head(writer, behaviour.status, dict(behaviour.headers) | {"content-length": str(len(body))})
    for line in body.splitlines(keepends=True) if behaviour.pause else [body]:
        writer.write(line)
        await writer.drain()
        await asyncio.sleep(behaviour.pause)


async def _send_page(
    writer: asyncio.StreamWriter,
    status: int,
    text: str,
    *,
    kind: str = "application/json",
    extra: dict[str, str] | None = None,
) -> None:
    body = text.encode()
    _write_head(writer, status, {"content-type": kind, "content-length": str(len(body)), **(extra or {})})
    writer.write(body)
    await writer.drain()


def _write_head(writer: asyncio.StreamWriter, status: int, headers: dict[str, str]) -> None:
    lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}", "connection: close"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    writer.write("\r\n".join([*lines, "", ""]).encode())


def _reset(writer: asyncio.StreamWriter) -> None:
    """Close with RST: zero linger throws away the connection instead of ending it."""
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


def main() -> None:
    options = argparse.ArgumentParser(description="A model server for trying Beseda by hand.")
    options.add_argument("--port", type=int, default=8081)
    options.add_argument("--style", choices=("coarse", "fine"), default="coarse")
    options.add_argument("--pause", type=float, default=0.05, help="seconds between chunks")
    options.add_argument("--fault", choices=FAULTS, default="")
    chosen = options.parse_args()
    default = Behaviour(style=chosen.style, pause=chosen.pause, fault=chosen.fault)
    with LlmServer(chosen.port, default) as server:
        sys.stdout.write(f"Speaking at {server.url} (Ctrl+C ends it)\n")
        with suppress(KeyboardInterrupt):
            threading.Event().wait()


if __name__ == "__main__":
    main()

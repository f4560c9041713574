"""Request size limit: a body that is too large, as a proxy sends it: to its end, and only then does it listen."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack

import httpx
import pytest
import uvicorn
from fastapi import FastAPI, Request, Response
from starlette.types import Message, Receive, Scope, Send
from uvicorn.server import ServerState

import ui.request.head_limit
import ui.request.size_limit
from tests.ui.access.conftest import OWNER, PERSON, World
from ui.request.head_limit import BoundedHttpProtocol
from ui.request.size_limit import LARGER, ON_THEIR_WAY, TOO_SLOW, BodyLimit

TEN_MEGABYTES = bytes(10 * 1024 * 1024)
ANNOUNCED, CHUNKED = f"Content-Length: {len(TEN_MEGABYTES)}", "Transfer-Encoding: chunked"
END = b"\r\n0\r\n\r\n"
PLACES = ("/enter", "/feed/characters/1/favourite", "/feed/photos", "/api/auth/login", "/log-in")


def as_a_proxy(
    port: int, path: str, length: str, *more: str, method: str = "POST", sent: bytes = TEN_MEGABYTES
) -> tuple[int, bytes, bytes]:
    """Status, head and body of the answer, read after everything was sent."""
    head = [f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", "Connection: close", length, *more]
    with socket.create_connection(("127.0.0.1", port), timeout=30) as upstream:
        upstream.sendall("\r\n".join([*head, "", ""]).encode())
        upstream.sendall(b"%x\r\n" % len(sent) + sent + END if length == CHUNKED else sent)
        answer = b"".join(iter(lambda: upstream.recv(65536), b""))
    top, _, body = answer.partition(b"\r\n\r\n")
    return int(top.split()[1]), top, body


@pytest.mark.parametrize("length", [ANNOUNCED, CHUNKED])
@pytest.mark.parametrize("path", PLACES)
def test_behind_a_proxy_a_body_too_large_is_refused_in_words(world: World, path: str, length: str) -> None:
    cookie = f"Cookie: beseda={world.visitors[OWNER].cookies['beseda']}"
    status, _head, body = as_a_proxy(world.town.product.port, path, length, cookie, "Accept-Language: en")
    assert status == 413
    told = json.loads(body)
    assert (told.get("error") or told["detail"]).startswith("That's too large: the limit here is ")


def test_who_is_refused_for_another_reason_hears_that_one_behind_a_proxy(world: World) -> None:
    """Nobody reads the photo of a stranger, and yet it is sent to its end."""
    four = f"Content-Length: {4 * 1024 * 1024}"
    with socket.create_connection(("127.0.0.1", world.town.product.port), timeout=30) as upstream:
        upstream.sendall(f"POST /feed/photos HTTP/1.1\r\nHost: beseda\r\nConnection: close\r\n{four}\r\n\r\n".encode())
        upstream.sendall(bytes(4 * 1024 * 1024))
        assert upstream.recv(100).split()[1] == b"401"


def test_who_asks_before_sending_is_answered_without_it(world: World) -> None:
    head = f"POST /enter HTTP/1.1\r\nHost: beseda\r\nExpect: 100-continue\r\n{ANNOUNCED}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", world.town.product.port), timeout=30) as program:
        program.sendall(head.encode())
        assert program.recv(100).split()[1] == b"413"


def test_whoever_goes_there_with_a_browser_gets_a_page(world: World) -> None:
    page = ("Accept: text/html", "Accept-Language: ru")
    status, head, body = as_a_proxy(world.town.product.port, "/enter", ANNOUNCED, *page)
    assert (status, b"text/html" in head) == (413, True)
    assert "Слишком много" in body.decode()
    assert b"content-security-policy" in head


def test_what_one_sender_has_on_the_way_is_bounded_and_others_are_not_touched(world: World) -> None:
    """All of it lies in memory until its last byte has come, which may be never."""
    photo = LARGER["POST /feed/photos"]
    others = ON_THEIR_WAY // photo
    mine, theirs = (f"Cookie: beseda={world.visitors[who].cookies['beseda']}" for who in (OWNER, PERSON))
    head = (
        f"POST /feed/photos HTTP/1.1\r\nHost: beseda\r\nConnection: close\r\nContent-Length: {photo}\r\n{mine}\r\n\r\n"
    )
    with ExitStack() as held:
        unfinished = [
            held.enter_context(socket.create_connection(("127.0.0.1", world.town.product.port), timeout=30))
            for _ in range(others)
        ]
        for each in unfinished:
            each.sendall(head.encode() + bytes(photo - 1))
        status, top, body = as_a_proxy(
            world.town.product.port, "/feed/photos", f"Content-Length: {photo}", mine, sent=bytes(photo)
        )
        assert (status, b"retry-after" in top) == (429, True)
        assert "одновременно" in body.decode()
        whole = as_a_proxy(
            world.town.product.port, "/feed/photos", f"Content-Length: {photo}", theirs, sent=bytes(photo)
        )
        assert whole[0] == 422, "it is no photo, and it was read"
        for each in unfinished:
            each.sendall(b"\0")
            assert each.recv(100).split()[1] == b"422"
    again = as_a_proxy(world.town.product.port, "/feed/photos", f"Content-Length: {photo}", mine, sent=bytes(photo))
    assert again[0] == 422


def as_status(_request: Request, status: int, _most: int) -> Response:
    return Response(status_code=status)


async def test_whoever_breaks_off_costs_the_log_nothing() -> None:
    """Each left two tracebacks, of 150 lines."""

    async def reading(scope: Scope, receive: Receive, _send: Send) -> None:
        await Request(scope, receive).body()

    came: Iterator[Message] = iter(
        [{"type": "http.request", "body": b"x", "more_body": True}, {"type": "http.disconnect"}]
    )

    async def receive() -> Message:
        return next(came)

    async def send(message: Message) -> None:
        raise AssertionError(message)

    head = {"method": "POST", "path": "/feed/photos", "query_string": b"", "headers": [(b"content-length", b"2")]}
    await BodyLimit(reading, refuse=as_status)({"type": "http", "state": {}, **head}, receive, send)


async def test_a_body_that_does_not_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    inner = FastAPI()

    @inner.post("/")
    async def read(request: Request) -> int:
        return len(await request.body())

    async def pieces() -> AsyncIterator[bytes]:
        yield b"x"
        await asyncio.Event().wait()

    limited = BodyLimit(inner, refuse=as_status)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(limited), base_url="http://beseda") as sender:
        with monkeypatch.context() as impatient:
            impatient.setattr(ui.request.size_limit, "COMES_WITHIN", 0.1)
            assert (await sender.post("/", content=pieces())).status_code == TOO_SLOW
        assert (await sender.post("/", content=b"whole")).text == "5"


@pytest.mark.parametrize("begun", [b"", b"GET / HTTP/1.1\r\nHost: b", b"GET / HTTP/1.1\r\nHost: b\r\n\r\nGET /"])
async def test_a_head_that_does_not_end_is_given_up(monkeypatch: pytest.MonkeyPatch, begun: bytes) -> None:
    monkeypatch.setattr(ui.request.head_limit, "COMES_WITHIN", 0.1)
    config = uvicorn.Config(FastAPI(), timeout_keep_alive=1000, log_config=None)
    config.load()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: BoundedHttpProtocol(config, ServerState(), {}, loop), "127.0.0.1", 0)
    async with server, asyncio.timeout(20):
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        writer.write(begun)
        await reader.read()
        writer.close()

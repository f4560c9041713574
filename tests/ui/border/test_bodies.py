"""A body that is too large, as a proxy sends it: to its end, and only then does it listen."""

from __future__ import annotations

import json
import socket

import pytest

from tests.ui.border.conftest import OWNER, World

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
    assert (told.get("error") or told["detail"]).startswith("This is too large: at most ")


def test_who_is_refused_for_another_reason_hears_that_one_behind_a_proxy(world: World) -> None:
    """Nobody reads the photo of a stranger, and yet it is sent to its end."""
    four = f"Content-Length: {4 * 1024 * 1024}"
    with socket.create_connection(("127.0.0.1", world.town.product.port), timeout=30) as upstream:
        upstream.sendall(f"POST /feed/photos HTTP/1.1\r\nHost: beseda\r\nConnection: close\r\n{four}\r\n\r\n".encode())
        upstream.sendall(bytes(4 * 1024 * 1024))
        assert upstream.recv(100).split()[1] == b"401"


def test_who_asks_before_sending_is_answered_without_it(world: World) -> None:
    head = f"POST /enter HTTP/1.1\r\nHost: beseda\r\nExpect: 100-continue\r\n{ANNOUNCED}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", world.town.product.port), timeout=5) as program:
        program.sendall(head.encode())
        assert program.recv(100).split()[1] == b"413"


def test_whoever_goes_there_with_a_browser_gets_a_page(world: World) -> None:
    page = ("Accept: text/html", "Accept-Language: ru")
    status, head, body = as_a_proxy(world.town.product.port, "/enter", ANNOUNCED, *page)
    assert (status, b"text/html" in head) == (413, True)
    assert "Слишком много" in body.decode()
    assert b"content-security-policy" in head

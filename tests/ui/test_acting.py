"""Fair-queue key: the user or address under which a request or a socket waits for the database."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import pytest
from starlette.requests import HTTPConnection
from starlette.types import Message, Receive, Scope, Send

from domain.token_buckets import TokenBuckets
from storage.fair_queue import acting_for
from ui.acting import KEPT, CredentialCache
from ui.request.middleware import SecurityMiddleware
from ui.request.visitor import client_ip

IP = "192.0.2.7"


def asking(kind: str = "http", **headers: str) -> Scope:
    sent = [(name.encode(), value.encode()) for name, value in headers.items()]
    return {"type": kind, "method": "GET", "path": "/", "headers": sent, "client": (IP, 1)}


async def key_for(people: CredentialCache, scope: Scope) -> Hashable:
    """The `acting_for` key in the application behind the middleware."""
    keys: list[Hashable] = []

    async def application(_scope: Scope, _receive: Receive, _send: Send) -> None:
        keys.append(acting_for.get())

    async def receive() -> Message:
        raise AssertionError("nothing is read")

    async def send(message: Message) -> None:
        raise AssertionError(message)

    def acting_key(connection: HTTPConnection) -> Hashable:
        return people.key_of(connection, "beseda", client_ip(connection))

    door = SecurityMiddleware(
        application,
        public_address="http://localhost",
        welcome=(),
        acting_key=acting_key,
        rates=TokenBuckets(),
        trusts_proxies=False,
    )
    await door(scope, receive, send)
    return keys[0]


@pytest.mark.parametrize("kind", ["http", "websocket"])
async def test_a_person_is_one_and_the_same_by_cookie_and_by_token(kind: str) -> None:
    people = CredentialCache()
    people.note("a cookie", 7)
    people.note("a.to.ken", 7)
    people.note("another's", 8)
    by_cookie = await key_for(people, asking(kind, cookie="beseda=a cookie", host="localhost"))
    assert by_cookie == await key_for(people, asking(kind, authorization="Bearer a.to.ken", host="localhost"))
    assert by_cookie != await key_for(people, asking(kind, cookie="beseda=another's", host="localhost"))


async def test_whoever_makes_up_cookies_or_tokens_waits_by_the_address() -> None:
    people = CredentialCache()
    sent: list[dict[str, Any]] = [{}, *({"cookie": f"beseda={n}"} for n in range(3)), {"authorization": "Bearer x"}]
    assert {await key_for(people, asking(**headers)) for headers in sent} == {IP}


async def test_what_a_person_does_once_they_are_known_is_done_in_their_name() -> None:
    people = CredentialCache()
    people.note("a cookie", 7)
    assert acting_for.get() == await key_for(people, asking(cookie="beseda=a cookie"))


def test_only_so_many_are_remembered_the_last_ones() -> None:
    people = CredentialCache()
    for n in range(KEPT + 1):
        people.note(str(n), n)
    known = [people.key_of(HTTPConnection(asking(cookie=f"beseda={n}")), "beseda", IP) != IP for n in (0, 1, KEPT)]
    assert known == [False, True, True]

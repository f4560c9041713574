"""Limit of unjoined pages: fetched, never joined by a socket: how many are kept, and who pays when there are more."""

from __future__ import annotations

from contextlib import AsyncExitStack

import httpx
import pytest
from fastapi import Request, Response
from fastapi.responses import RedirectResponse
from nicegui import Client

from domain.errors import NotAllowed
from tests.pages import Page, Refused, fetch, line
from tests.ui.access.conftest import NOBODY, PERSON, WAIT, World
from ui.shell.frame import page
from ui.shell.page_errors import with_error_page
from ui.socket.sessions import LOAD_ANEW
from ui.socket.unjoined_pages import MOST_WAITING

PATH = "/log-in"
TABS, TOO_MANY = 20, 7


def browser(world: World, **cookies: str) -> httpx.Client:
    """One at a school: all there come from one address, from which no other test comes."""
    transport = httpx.HTTPTransport(local_address="127.0.0.9")
    return httpx.Client(base_url=world.url, cookies=cookies, transport=transport, timeout=WAIT)


async def joins(page: Page) -> bool:
    """Whether the page is still there; otherwise its script is told to load it again."""
    try:
        async with line(page):
            return True
    except Refused as refused:
        return LOAD_ANEW not in str(refused)


async def test_of_pages_that_nobody_joins_only_the_newest_are_kept(world: World) -> None:
    mates = {"beseda": world.visitors[PERSON].cookies["beseda"]}
    with browser(world) as crawler, browser(world, **mates) as mate, world.visitor(NOBODY) as somebody_else:
        elsewhere, logged_in = fetch(somebody_else, PATH), fetch(mate, "/chat")
        flood = [fetch(crawler, PATH) for _ in range(MOST_WAITING + TOO_MANY)]
    assert [await joins(page) for page in flood] == [False] * TOO_MANY + [True] * MOST_WAITING
    assert await joins(elsewhere), "the flood was not theirs"
    assert await joins(logged_in), "who is logged in is counted for themselves, not with their school"


@pytest.mark.slow
async def test_whoever_opens_many_tabs_at_once_keeps_them_all(world: World) -> None:
    """And again and again: what was joined is not counted any more."""
    with browser(world) as quick:
        for _ in range(2 + MOST_WAITING // TABS):
            tabs = [fetch(quick, PATH) for _ in range(TABS)]
            async with AsyncExitStack() as opened:
                for tab in tabs:
                    await opened.enter_async_context(line(tab))


@pytest.mark.parametrize("status", [200, 303, 403])
async def test_an_answer_in_place_of_a_page_keeps_none_in_memory(status: int) -> None:
    """The framework would keep the empty page behind each redirect and each refusal for a minute as well."""

    @with_error_page
    async def build() -> Response | None:
        if status == 403:
            raise NotAllowed("Only the author can change a character.")
        return None if status == 200 else RedirectResponse("/", status)

    before = set(Client.instances)
    with Client(page("/"), request=Request({"type": "http", "method": "GET", "path": "/", "headers": []})) as built:
        answer = await build()
    assert (answer.status_code if answer else 200) == status
    assert set(Client.instances) - before == ({built.id} if status == 200 else set())

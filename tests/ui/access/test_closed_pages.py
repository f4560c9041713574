"""Pages whose socket has closed: whoever loses the network for a moment finds them as they were."""

from __future__ import annotations

from contextlib import AsyncExitStack

import httpx

from tests.pages import Page, fetch, line
from tests.ui.access.conftest import PERSON, World
from tests.ui.access.test_unjoined_pages import browser, joins
from ui.socket.closed_pages import LEFT_BY_ONE

OFFICE, TOO_MANY = 40, 3


async def lose_the_network(pages: list[Page]) -> None:
    """All of them at once, the first page first."""
    async with AsyncExitStack() as opened:
        for page in reversed(pages):
            await opened.enter_async_context(line(page))


def opened_by(somebody: httpx.Client, path: str, count: int) -> list[Page]:
    with somebody:
        return [fetch(somebody, path) for _ in range(count)]


async def test_an_office_that_loses_its_network_loses_nothing_typed_into_its_sign_up_forms(world: World) -> None:
    forms = [page for _ in range(OFFICE) for page in opened_by(browser(world), "/sign-up", 1)]
    await lose_the_network(forms)
    assert [await joins(form) for form in forms] == [True] * OFFICE


async def test_of_one_persons_pages_those_left_last_are_kept(world: World) -> None:
    session = {"beseda": world.visitors[PERSON].cookies["beseda"]}
    pages = opened_by(browser(world, **session), "/notices", LEFT_BY_ONE + TOO_MANY)
    await lose_the_network(pages)
    assert [await joins(page) for page in pages] == [False] * TOO_MANY + [True] * LEFT_BY_ONE

"""First render: what stands above a page is in it as it is sent, and pushes nothing down later."""

from __future__ import annotations

import asyncio
from collections.abc import Generator, Iterator

import httpx
import pytest

from domain.accounts.notices import NoticeKind, Notification
from storage.database import Database
from tests.pages import Page, fetch
from tests.ui.access.conftest import WAIT, World, session_of

READ = "Администратор читал ваш чат"


@pytest.fixture(scope="module")
def reader(world: World) -> Generator[httpx.Client]:
    """Somebody whose conversation an admin has read."""
    url = f"sqlite:///{world.town.product.data / 'beseda.db'}"
    user_id = world.town.come("read").id

    async def tell() -> None:
        database = Database(url)
        data = {"dialog_id": 1, "character_id": world.public, "character": "Марина", "reason": "request"}
        async with database.write() as db:
            db.add(Notification(user_id=user_id, kind=NoticeKind.DIALOG_READ, data=data))
        await database.close()

    asyncio.run(tell())
    cookies = {"beseda": asyncio.run(session_of(url, user_id))}
    with httpx.Client(base_url=world.url, cookies=cookies, timeout=WAIT) as reader:
        yield reader


def shown(page: Page) -> Iterator[str]:
    for each in page.elements.values():
        if each and "hidden" not in each.get("class", []):
            yield str(each.get("text", ""))


@pytest.mark.parametrize("address", ["/", "/chat", "/profile", "/characters/1"])
def test_unseen_notices_and_their_number_are_in_the_page_at_once(reader: httpx.Client, address: str) -> None:
    page = fetch(reader, address)
    assert [words for words in shown(page) if words.startswith(READ)]
    assert "1" in shown(page), "the badge of the menu"

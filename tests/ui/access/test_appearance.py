"""Language, theme and text size follow the account, whatever the browser had before."""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from datetime import timedelta
from itertools import count

import httpx
import pytest

from domain.accounts.sessions import LoginSession, hash_of
from domain.clock import now
from storage.database import Database
from tests.ui.access.conftest import PERSON, WAIT, World

numbers = count(1)
CHOSEN = {"beseda_language": "en", "beseda_theme": "dark", "beseda_text_size": "large"}


@pytest.fixture
def phone(world: World) -> Generator[httpx.Client]:
    """A browser with other preferences."""
    cookies = {"beseda_language": "ru", "beseda_theme": "light"}
    with httpx.Client(base_url=world.url, cookies=cookies, timeout=WAIT) as phone:
        yield phone


def ticket_for(world: World, user_id: int) -> str:
    """A ticket, as a log-in ends with one, that `/enter` exchanges for a session cookie."""
    ticket = f"a ticket of the tests {next(numbers)}"

    async def give() -> None:
        database = Database(f"sqlite:///{world.town.product.data / 'beseda.db'}")
        async with database.write() as db:
            soon = now() + timedelta(minutes=1)
            db.add(LoginSession(user_id=user_id, token_hash=hash_of(ticket), expires_at=soon))
        await database.close()

    asyncio.run(give())
    return ticket


def test_what_was_chosen_on_one_device_is_there_on_the_next(world: World, phone: httpx.Client) -> None:
    laptop = world.visitor(PERSON)
    for choice in ({"language": "en"}, {"theme": "dark"}, {"text_size": "large"}, {"text_size": "enormous"}):
        assert laptop.post("/preferences", json=choice).status_code == 204
    answer = phone.post("/enter", json={"ticket": ticket_for(world, world.programs[PERSON].id)})
    set_by_it = {name: value for name, value in answer.cookies.items() if name in CHOSEN}
    assert set_by_it == CHOSEN
    laptop.post("/preferences", json={"language": "ru", "theme": "auto", "text_size": "normal"})


def test_the_first_paint_has_it(world: World) -> None:
    with httpx.Client(base_url=world.url, cookies=CHOSEN, timeout=WAIT) as laptop:
        for path in ("/", "/nowhere"):
            page = laptop.get(path, headers={"Accept": "text/html"}).text
            assert 'document.documentElement.dataset.theme="dark";' in page
            assert 'document.documentElement.dataset.textSize="large";' in page

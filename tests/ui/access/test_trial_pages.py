"""Somebody who talks before signing up is a stranger on every page but that of their conversation."""

from __future__ import annotations

import asyncio
from collections.abc import Generator

import httpx
import pytest

from domain.model.dialog import Dialog
from domain.model.user import User
from storage.database import Database
from tests.pages import fetch
from tests.ui.access.conftest import ADMIN, WAIT, World, session_of


@pytest.fixture(scope="module")
def trial(world: World) -> tuple[str, int, int]:
    """A cookie, the conversation it is for, and the temporary account."""
    url = f"sqlite:///{world.town.product.data / 'beseda.db'}"

    async def begin() -> tuple[str, int, int]:
        database = Database(url)
        async with database.write() as db:
            user = User(is_trial=True, display_name="Гость")
            db.add(user)
            await db.flush()
            dialog = Dialog(user_id=user.id, character_id=world.public)
            db.add(dialog)
            await db.flush()
        await database.close()
        return await session_of(url, user.id), dialog.id, user.id

    return asyncio.run(begin())


@pytest.fixture
def guest(world: World, trial: tuple[str, int, int]) -> Generator[httpx.Client]:
    with httpx.Client(base_url=world.url, cookies={"beseda": trial[0]}, timeout=WAIT) as guest:
        yield guest


def test_the_conversation_is_theirs(guest: httpx.Client, trial: tuple[str, int, int]) -> None:
    assert guest.get(f"/feed/dialogs/{trial[1]}").status_code == 200
    page = fetch(guest, f"/chat/{trial[1]}")
    doors = [
        each["props"]["href"] for each in page.elements.values() if each and "header-link" in each.get("class", [])
    ]
    assert doors == [f"/log-in?next=/chat/{trial[1]}", f"/sign-up?next=/chat/{trial[1]}"]


@pytest.mark.parametrize("path", ["/chat", "/profile", "/notices", "/characters/new", "/?tab=mine"])
def test_pages_of_ones_own_ask_to_log_in(guest: httpx.Client, path: str) -> None:
    assert guest.get(path).headers["location"] == f"/log-in?next={path.replace('?', '%3F').replace('=', '%3D')}"


@pytest.mark.parametrize("path", ["/log-in", "/sign-up"])
def test_they_may_still_log_in_or_sign_up(guest: httpx.Client, path: str) -> None:
    assert guest.get(path).status_code == 200


def test_feeds_of_ones_own_are_closed(world: World, guest: httpx.Client, trial: tuple[str, int, int]) -> None:
    star = guest.post(f"/feed/characters/{world.public}/favourite", json={"favourite": True})
    answers = [star, guest.get("/feed/dialogs"), guest.get(f"/export/dialogs/{trial[1]}.json")]
    answers.append(guest.get(f"/feed/dialogs/{world.dialog}"))
    assert [each.status_code for each in answers] == [401, 401, 401, 404]


def test_other_pages_take_them_for_a_stranger(guest: httpx.Client) -> None:
    doors = [
        each["props"]["href"]
        for each in fetch(guest, "/").elements.values()
        if each and "header-link" in each.get("class", [])
    ]
    assert doors == ["/log-in", "/sign-up"]
    assert guest.get("/feed/gallery").status_code == 200


def test_admins_read_of_no_password_where_nobody_has_logged_in(world: World, trial: tuple[str, int, int]) -> None:
    with world.visitor(ADMIN) as admin:
        page = fetch(admin, f"/admin/users/{trial[2]}")
    sessions = [row for each in page.elements.values() for row in (each or {}).get("props", {}).get("rows", [])]
    assert [each["method"] for each in sessions if "method" in each] == ["до регистрации"]


def test_admins_see_which_conversations_are_trials(world: World, trial: tuple[str, int, int]) -> None:
    def marks(trials: str) -> dict[int, list[str]]:
        with world.visitor(ADMIN) as admin:  # another may have chosen English
            rows = admin.get("/admin/feed/dialogs", params={"trials": trials}).json()["rows"]
        return {row["id"]: [each["text"] for each in row["marks"]["chips"]] for row in rows}

    assert marks("only") == {trial[1]: ["до регистрации"]}
    assert trial[1] not in marks("without")
    assert marks("")[trial[1]] == ["до регистрации"]

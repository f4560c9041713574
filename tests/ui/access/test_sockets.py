"""WebSocket gateway: who may join a page and what they may send; nothing else disturbs anybody or the log."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Generator
from time import monotonic
from typing import Any

import httpx
import pytest
from websockets.exceptions import ConnectionClosed

from domain.token_buckets import GESTURES_OF_PERSON, GESTURES_OF_SOCKET, NOTICES_OF_SOCKET, Rate
from tests.e2e.product import Product
from tests.pages import PATIENCE, Line, Page, Refused, fetch, line, raw_socket
from tests.ui.access.conftest import ADMIN, BLOCKED, NOBODY, OWNER, PERSON, WAIT, World
from tests.ui.access.spoiled import JUNK, NESTED_TOO_DEEP
from tests.ui.api.conftest import Town

LISTED = "/chat"


@pytest.fixture
def chat(world: World) -> Page:
    """The owner's open conversation."""
    return fetch(world.visitors[OWNER], f"/chat/{world.dialog}")


def log_of(world: World) -> str:
    return world.town.product.log.read_text("utf-8")


def pinned(world: World) -> bool:
    lines = world.visitors[OWNER].get("/feed/dialogs").json()["dialogs"]
    return bool(next(each for each in lines if each["id"] == world.dialog)["pinned"])


async def settled(there: Line) -> None:
    """Wait as long as the server would take to act on what was sent before."""
    await there.emit("ack", next_message_id=0)
    await asyncio.sleep(0.3)


async def test_the_page_of_this_browser_is_joined_and_obeys(world: World, chat: Page) -> None:
    before = pinned(world)
    async with line(chat) as mine:
        action = chat.listener("action")
        await mine.do(action, {"name": "unpin" if before else "pin", "id": world.dialog, "title": ""})
        await mine.heard("pinned")
    assert pinned(world) is not before


async def test_who_knows_the_address_only_reads_nothing(world: World, chat: Page) -> None:
    """Finding 6: with no cookie, with another person's, with a made-up one."""
    others = [{}, {"beseda": world.visitors[PERSON].cookies["beseda"]}, {"beseda": "made up"}]
    async with line(chat):
        for cookies in others:
            with pytest.raises(Refused):
                async with line(chat, cookies):
                    pass


async def test_who_knows_the_address_only_does_nothing(world: World, chat: Page) -> None:
    """Neither with a handshake of their own, as a prefetched page would make, nor without any."""
    before = pinned(world)
    action = chat.listener("action")
    gesture = {"name": "unpin" if before else "pin", "id": world.dialog, "title": ""}
    event = {"client_id": chat.client_id, "id": action.element, "listener_id": action.id, "args": [json.dumps(gesture)]}
    theirs = fetch(world.visitors[PERSON], LISTED)
    async with line(chat), line(theirs) as elsewhere:
        await elsewhere.send("42" + json.dumps(["event", event]))
        await settled(elsewhere)
        quiet = Page(chat.url, {}, chat.query | {"implicit_handshake": "false"}, chat.elements)
        with pytest.raises(Refused):
            async with line(quiet):
                pass
        nowhere = Page(chat.url, {}, quiet.query | {"client_id": "x"}, chat.elements)
        async with line(nowhere) as uninvited:
            await uninvited.send("421" + json.dumps(["handshake", quiet.query]))
            await uninvited.send("42" + json.dumps(["event", event]))
            await settled(uninvited)
            assert not uninvited.told
    assert pinned(world) is before


async def test_a_page_of_a_way_in_belongs_to_the_browser_that_asked_for_it(world: World) -> None:
    """Its answer to a log-in opens the account."""
    with httpx.Client(base_url=world.url, timeout=WAIT) as browser:
        page = fetch(browser, "/log-in")
        assert "beseda_browser" in page.cookies
        with pytest.raises(Refused):
            async with line(page, {}):
                pass
        with pytest.raises(Refused):
            async with line(page, {"beseda_browser": "made up"}):
                pass
        async with line(page):
            pass


async def test_the_rightful_page_comes_back_after_the_line_was_cut(chat: Page) -> None:
    for _ in range(3):
        async with line(chat):
            pass


async def test_a_page_stays_outside_once_its_browser_has_another_session(world: World) -> None:
    visitor = await asyncio.to_thread(world.visitor, OWNER)
    page = fetch(visitor, LISTED)
    visitor.post("/leave")
    again = await asyncio.to_thread(world.visitor, OWNER)
    with pytest.raises(Refused, match="Implicit handshake failed"):  # at this word the page loads itself anew
        async with line(page, {"beseda": again.cookies["beseda"]}):
            pass


async def polled(browser: httpx.AsyncClient, page: Page, body: str = "", **query: str) -> httpx.Response:
    address = "/_nicegui_ws/socket.io/"
    given = {**page.query, "EIO": "4", "transport": "polling", **query}
    return await (browser.post(address, params=given, content=body) if body else browser.get(address, params=given))


async def test_where_websockets_do_not_come_through_the_page_is_bound_to_its_browser_too(
    world: World, chat: Page
) -> None:
    async with (
        httpx.AsyncClient(base_url=chat.url, cookies=chat.cookies, timeout=WAIT) as mine,
        httpx.AsyncClient(base_url=chat.url, timeout=WAIT) as theirs,
    ):
        chat.query["implicit_handshake"] = "true"
        sid = json.loads((await polled(mine, chat)).text[1:])["sid"]
        assert (await polled(mine, chat, "40", sid=sid)).text == "OK"
        assert (await polled(mine, chat, sid=sid)).text.startswith("40")
        for attempt in (polled(theirs, chat, sid=sid), polled(theirs, chat, "41", sid=sid)):
            assert (await attempt).status_code == 400
        before = pinned(world)
        action = chat.listener("action")
        gesture = {"name": "unpin" if before else "pin", "id": world.dialog, "title": ""}
        event = {
            "client_id": chat.client_id,
            "id": action.element,
            "listener_id": action.id,
            "args": [json.dumps(gesture)],
        }
        assert (await polled(mine, chat, "42" + json.dumps(["event", event]), sid=sid)).text == "OK"
        async with asyncio.timeout(PATIENCE):
            while "pinned" not in (await polled(mine, chat, sid=sid)).text:
                pass
        assert pinned(world) is not before
        assert (await polled(mine, chat, "x" * 1_000_001, sid=sid)).status_code == 413
        assert (await polled(mine, chat, "\x1e".join(["3"] * 17), sid=sid)).status_code == 400
        sid = json.loads((await polled(theirs, chat)).text[1:])["sid"]
        await polled(theirs, chat, "40", sid=sid)
        assert (await polled(theirs, chat, sid=sid)).text.startswith("44")
        sid = json.loads((await polled(theirs, chat)).text[1:])["sid"]
        assert (await polled(theirs, chat, NESTED_TOO_DEEP, sid=sid)).text == "OK", "it is dropped"


@pytest.mark.slow
async def test_what_no_page_of_ours_sends_costs_no_traceback_and_ends_in_silence(world: World, chat: Page) -> None:
    """Finding 16: each malformed event and each stray binary packet cost a traceback in the log."""
    start = len(log_of(world))
    for frame in [*JUNK, b"", b"\x00", b"four bytes"]:
        for is_greeted in (False, True):
            async with raw_socket(chat) as socket:
                if is_greeted:
                    await socket.send("40")
                await socket.send(frame)
                await _flooded_with(socket, frame, 10)
    assert world.visitors[OWNER].get("/healthz").status_code == 200
    told = log_of(world)[start:]
    assert "Traceback" not in told
    assert "ERROR" not in told
    assert len(told.splitlines()) <= 2 * 2 * len(JUNK) + 20, "a line for each socket at most"
    assert "no_such_event" not in told


async def _flooded_with(socket: Any, frame: str | bytes, times: int) -> None:
    try:
        for _ in range(times):
            await socket.send(frame)
        async with asyncio.timeout(5):
            await socket.wait_closed()
    except (ConnectionClosed, TimeoutError):
        pass


async def test_a_pages_own_words_do_not_get_into_the_log(world: World, chat: Page) -> None:
    forged = "oops\n2026-11-28 00:00:00,000 INFO    beseda: Person 1 comes in\x1b[31m\u202e"
    async with line(chat) as mine:
        await mine.emit("log", level="error", message=forged)
        await settled(mine)
    assert "comes in\x1b" not in log_of(world)
    assert "oops" not in log_of(world)


async def test_what_a_pages_element_does_not_take_is_not_done(world: World, chat: Page) -> None:
    action = chat.listener("action")
    right = {"name": "pin", "id": world.dialog, "title": ""}
    for wrong in (
        [],
        [1],
        [None],
        ["pin"],
        [right, right],
        [{**right, "id": "1"}],
        [{**right, "id": True}],
        [{**right, "id": 1.5}],
        [{**right, "id": 10**300}],
        [{**right, "more": 1}],
        [{**right, "title": "x" * 1001}],
        [{**right, "title": None}],
        [{"name": "pin"}],
        [{**right, "name": {"a": []}}],
        [[[[[[right]]]]]],
    ):
        async with line(chat) as mine:
            before = pinned(world)
            await mine.do(action, *wrong)
            await settled(mine)
            assert pinned(world) is before


@pytest.fixture(scope="module")
def counted(tmp_path_factory: pytest.TempPathFactory) -> Generator[World]:
    """A product in which each test exceeds the rate limits of a different person."""
    product = Product(tmp_path_factory.mktemp("counted"), DEMO_PAUSE="0")
    product.start()
    town = Town(product, f"sqlite:///{product.data / 'beseda.db'}")
    world = World(town)
    for role in (PERSON, ADMIN):
        world.programs[role].say(world.public, "Привет!")  # whose list of chats is then a list
    yield world
    town.leave()
    product.stop()


def times(there: Line, words: str) -> int:
    """Number of messages to the page that contain these words."""
    return sum(words in str(body) for _kind, body in there.told)


def allowed(rate: Rate, seconds: float) -> float:
    """Number of events allowed in this time: a slower machine rightly accepts more of the same."""
    return rate.burst + seconds * rate.per_second


@pytest.mark.slow
async def test_gestures_beyond_what_hands_do_are_dropped_with_one_sentence(counted: World) -> None:
    """Finding 5: 4,000 of them in a tenth of a second kept everybody else from writing for seconds."""
    page = fetch(counted.visitors[PERSON], LISTED)
    action = page.listener("action")
    begun = monotonic()
    async with line(page) as mine:
        for _ in range(3 * GESTURES_OF_SOCKET.burst):
            await mine.do(action, {"name": "rename", "id": counted.dialog, "title": "Маяк"})
        await mine.heard("слишком быстро")
        async with asyncio.timeout(PATIENCE):
            while times(mine, "renameRefused") < GESTURES_OF_SOCKET.burst - 5:
                await mine.more()
        await asyncio.sleep(1)  # if more were taken, it would be told by now
    seconds = monotonic() - begun
    assert times(mine, "renameRefused") <= allowed(GESTURES_OF_SOCKET, seconds)
    assert times(mine, "слишком быстро") <= allowed(NOTICES_OF_SOCKET, seconds)


@pytest.mark.slow
async def test_several_sockets_of_one_person_share_what_one_person_may(counted: World) -> None:
    pages = [fetch(counted.visitors[OWNER], f"/chat/{counted.dialog}") for _ in range(5)]
    others = fetch(counted.visitors[ADMIN], LISTED)
    begun, taken = monotonic(), 0

    async def hurry(page: Page) -> None:
        nonlocal taken
        async with line(page) as mine:
            for _ in range(GESTURES_OF_SOCKET.burst - 5):
                await mine.do(page.listener("action"), {"name": "rename", "id": counted.dialog, "title": "Маяк"})
            await asyncio.sleep(2)
        taken += times(mine, "renamed")

    async with line(others) as free:
        await asyncio.gather(*map(hurry, pages))
        await free.do(others.listener("reveal"))
        await settled(free)
        assert "быстро" not in str(free.told), "nobody else is told that they are too fast"
    assert taken <= allowed(GESTURES_OF_PERSON, monotonic() - begun)


async def _go_on_for_ever(there: Line) -> None:
    while True:
        await there.emit("ack", next_message_id=0)
        await asyncio.sleep(0)


async def test_whoever_floods_is_disconnected_with_one_line_in_the_log(counted: World) -> None:
    page = fetch(counted.visitors[ADMIN], LISTED)
    async with line(page) as mine:
        with pytest.raises(ConnectionClosed):
            await _go_on_for_ever(mine)
        await mine.closed()
    told = [each for each in log_of(counted).splitlines() if "A socket from" in each]
    assert len(told) == 1
    assert "it sent too much" in told[0]


async def test_a_blocked_persons_page_and_a_strangers_have_their_sockets(world: World) -> None:
    for role, path in ((BLOCKED, "/blocked"), (NOBODY, "/"), (NOBODY, f"/characters/{world.public}")):
        async with line(fetch(world.visitors[role], path)):
            pass


async def test_too_large_a_frame_closes_the_socket(chat: Page) -> None:
    async with line(chat) as mine:
        await mine.send('42["log",{"message":"' + "x" * 1_100_000)
        await mine.closed()

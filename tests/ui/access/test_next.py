"""The destination (`next`) survives every door: sign-up, log-in, their letters, other sites, links between them."""

from __future__ import annotations

import asyncio
from collections.abc import Generator, Iterator
from urllib.parse import parse_qs, quote, urlsplit

import httpx
import pytest

from domain.rate_limits import TRIALS_IN_ALL
from tests.e2e.product import Product
from tests.pages import Listener, Page, fetch, line
from tests.ui.access.conftest import session_of
from tests.ui.api.conftest import Town

NEXT, CHAT = "/characters/1", "/characters/1/chat"
DOORS = ("/sign-up", "/log-in")
BEGINNINGS = ("/sign-up", "/sign-up/letter", "/log-in", "/log-in/letter", "/log-in/letter/sent")


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Generator[Product]:
    github = {"GITHUB_CLIENT_ID": "an id", "GITHUB_CLIENT_SECRET": "a secret"}
    product = Product(tmp_path_factory.mktemp("next"), LIMITS=f"{TRIALS_IN_ALL.name}=0", **github)
    product.start()
    yield product
    product.stop()


@pytest.fixture
def stranger(product: Product) -> Generator[httpx.Client]:
    with httpx.Client(base_url=product.url, timeout=60) as stranger:
        yield stranger


@pytest.fixture
def newcomer(product: Product) -> Generator[httpx.Client]:
    """Somebody with a new account."""
    database = f"sqlite:///{product.data / 'beseda.db'}"
    town = Town(product, database)
    cookies = {"beseda": asyncio.run(session_of(database, town.come("newcomer").id))}
    with httpx.Client(base_url=product.url, cookies=cookies, timeout=60) as newcomer:
        yield newcomer
    town.leave()


def ways_on(stranger: httpx.Client, address: str) -> Iterator[str]:
    """The links of a page that lead to a door, except those of the header, which start anew."""
    for element in fetch(stranger, address).elements.values():
        properties = (element or {}).get("props", {})
        is_header = "header-link" in (element or {}).get("class", [])
        if not is_header and str(properties.get("href", "")).startswith(DOORS):
            yield properties["href"]


@pytest.mark.parametrize("then", [NEXT, f"{NEXT}/edit#knowledge"])
def test_every_link_between_the_doors_keeps_it(stranger: httpx.Client, then: str) -> None:
    to_walk = [f"{page}?to=ira@example.org&next={quote(then)}" for page in BEGINNINGS]
    walked: set[str] = set()
    while to_walk:
        address = to_walk.pop()
        walked.add(address)
        for link in ways_on(stranger, address):
            assert parse_qs(urlsplit(link).query).get("next") == [then], f"{address} forgets it in {link}"
            if link not in walked and not link.startswith("/log-in/with/"):
                to_walk.append(link)
    assert {urlsplit(each).path for each in walked} == {*BEGINNINGS}
    assert list(ways_on(stranger, f"/log-in?next={quote(then)}"))[-2].startswith("/log-in/with/github?"), (
        "other sites, too"
    )


@pytest.mark.parametrize("page", BEGINNINGS)
def test_no_door_leads_to_another_site(stranger: httpx.Client, page: str) -> None:
    for evil in ("//evil.example", "https://evil.example", "/\\evil.example"):
        for link in ways_on(stranger, f"{page}?to=ira@example.org&next={evil}"):
            assert "evil" not in link


@pytest.mark.parametrize("page", ["/sign-up", "/log-in"])
@pytest.mark.parametrize("then", [NEXT, CHAT, f"{CHAT}#m5"])
def test_the_doors_say_whom_it_is_for(stranger: httpx.Client, page: str, then: str) -> None:
    name = stranger.get("/api/characters/1").json()["name"]
    page_for_her = stranger.get(f"{page}?next={quote(then)}").text
    assert f"{name}: чтобы поговорить" in page_for_her
    assert f"{name}: чтобы поговорить" not in stranger.get(page).text


@pytest.mark.parametrize("page", DOORS)
@pytest.mark.parametrize(
    ("then", "place"), [("", "/"), (f"?next={CHAT}", CHAT), ("?next=//evil.example", "/"), ("?next=/log-in", "/")]
)
def test_a_door_leads_somebody_on_who_is_in_already(newcomer: httpx.Client, page: str, then: str, place: str) -> None:
    newcomer.follow_redirects, newcomer.max_redirects = place == "/", 3
    answer = newcomer.get(f"{page}{then}")
    assert answer.headers.get("location", answer.url.path) == place


async def test_the_chat_that_somebody_wanted_begins_once_they_have_an_account(
    stranger: httpx.Client, newcomer: httpx.Client
) -> None:
    with_her = fetch(stranger, NEXT)
    async with line(with_her) as asking:
        await asking.do(button(with_her, "Начать чат"), {})
        await asking.heard(f"/sign-up?next={CHAT}")
    async with line(fetch(newcomer, CHAT)) as arrived:
        await arrived.heard('location.replace(\\"/chat/1\\")')
    again = await asyncio.to_thread(newcomer.get, CHAT)
    assert again.headers["location"] == "/chat/1", "a second look goes on with it"


def button(page: Page, words: str) -> Listener:
    number = next(name for name, each in page.elements.items() if each and each.get("props", {}).get("label") == words)
    return next(each for each in page.listeners() if each.element == int(number))

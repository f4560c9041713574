"""Race conditions over a real port: all connections are open before the requests are sent.

On PostgreSQL they are slow; the same rules race there in tests/domain.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from threading import Barrier
from time import monotonic
from typing import Any

import httpx
import pytest

from tests.e2e.product import Product
from tests.postgres import Server
from tests.ui.access.conftest import PLENTY
from tests.ui.api.conftest import PASSWORD, Program, Town

LETTERS_WITHIN = 30  # seconds; they are sent after the answer
numbers = count(1)


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def town(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Generator[Town]:
    folder: Path = tmp_path_factory.mktemp("races")
    database = f"sqlite:///{folder / 'data' / 'beseda.db'}"
    settings = {"DEMO_PAUSE": "0", "LIMITS": PLENTY}
    if request.param == "postgresql":
        server: Server = request.getfixturevalue("postgres")
        database = settings["DATABASE_URL"] = server.create(f"races_{next(numbers)}")
    product = Product(folder, **settings)
    product.start()
    town = Town(product, database)
    yield town
    town.leave()
    product.stop()


Ask = Callable[[httpx.Client], httpx.Response]


def at_once(url: str, asks: list[Ask]) -> list[httpx.Response]:
    """All answers, in order; each request has its own connection, opened before any is sent."""
    with ExitStack() as opened, ThreadPoolExecutor(len(asks)) as pool:
        clients = [opened.enter_context(httpx.Client(base_url=url, timeout=60)) for _ in asks]
        for client in clients:
            client.get("/healthz")
        start = Barrier(len(asks))

        def run(client: httpx.Client, ask: Ask) -> httpx.Response:
            start.wait()
            return ask(client)

        return list(pool.map(run, clients, asks))


def statuses(answers: list[httpx.Response]) -> Counter[int]:
    return Counter(answer.status_code for answer in answers)


def posting(path: str, body: Any, program: Program | None = None) -> Ask:
    headers = program.headers if program else {}
    return lambda client: client.post(path, json=body, headers=headers)


def invited(town: Town, email: str) -> str:
    """The token of a sign-up letter to this address."""
    assert town.stranger.post("/api/auth/request-signup", {"email": email}).status_code == 200
    return town.product.letters_to(email)[-1][0].rsplit("/", 1)[1]


def finishing(token: str, **fields: str) -> Ask:
    return posting("/api/auth/complete-signup", {"token": token, "password": PASSWORD, "username": ""} | fields)


def somebody(name: str) -> str:
    return f"{name}-{next(numbers)}@example.test"


def test_one_address_asked_for_twenty_times_at_once_is_one_account_that_can_log_in(town: Town) -> None:
    email = somebody("twenty")
    asked = at_once(town.product.url, [posting("/api/auth/request-signup", {"email": email})] * 20)
    assert set(statuses(asked)) == {200}, "nobody learns more than that a letter is on its way"
    username = f"twenty{next(numbers)}"
    give_up = monotonic() + LETTERS_WITHIN
    while not (ended := statuses(finished(town, email, username)))[200]:  # until the letter that counts is there
        assert max(ended) == 400
        assert monotonic() < give_up, "none of the letters holds the link that lives"
    assert ended[200] == 1
    assert statuses(finished(town, email, f"{username}_again"))[200] == 0
    assert town.log_in(email).id


def finished(town: Town, email: str, username: str) -> list[httpx.Response]:
    """Answers when all links that have come so far are used at once."""
    links = {link for link, _ in town.product.letters_to(email)}
    return at_once(town.product.url, [finishing(link.rsplit("/", 1)[1], username=username) for link in links])


def test_a_username_wanted_by_six_at_once_is_given_once(town: Town) -> None:
    wanted = f"keeper{next(numbers)}"
    tokens = [invited(town, somebody("six")) for _ in range(6)]
    ended = at_once(town.product.url, [finishing(token, username=wanted) for token in tokens])
    assert statuses(ended) == {200: 1, 400: 5}


def test_a_link_used_eight_times_at_once_is_good_once(town: Town) -> None:
    email = somebody("eight")
    token = invited(town, email)
    passwords = [f"{PASSWORD} {number}" for number in range(8)]
    ended = at_once(
        town.product.url,
        [finishing(token, password=password, username=f"eight{next(numbers)}") for password in passwords],
    )
    assert statuses(ended)[200] == 1
    assert max(statuses(ended)) < 500
    winner = next(password for password, answer in zip(passwords, ended, strict=True) if answer.status_code == 200)
    for password in passwords:
        answer = town.stranger.post("/api/auth/login", {"login": email, "password": password})
        assert answer.status_code == (200 if password == winner else 401)


def test_two_admins_who_block_somebody_at_once_have_blocked_them(town: Town) -> None:
    admins = [town.come("admin", is_admin=True) for _ in range(2)]
    for blocked in (True, False, True):
        rowdy = town.come("rowdy")
        block = f"/api/admin/users/{rowdy.id}/block"
        answers = at_once(town.product.url, [posting(block, {"blocked": blocked}, admin) for admin in admins])
        assert statuses(answers) == {200: 2}
        assert [answer.json()["is_blocked"] for answer in answers] == [blocked, blocked]
        assert rowdy.get("/api/auth/me").status_code == (403 if blocked else 200)


def test_once_a_block_is_answered_nothing_of_the_blocked_succeeds(town: Town) -> None:
    """A request that was under way when the block came must not let the session live on."""
    admin, rowdy = town.come("admin", is_admin=True), town.come("rowdy")
    character = rowdy.character()
    asks = [lambda client: client.get("/api/auth/me", headers=rowdy.headers)] * 25
    asks += [posting(f"/api/dialogs/{character}/messages", {"message": "Ещё одно"}, rowdy)] * 24
    block = posting(f"/api/admin/users/{rowdy.id}/block", {"blocked": True}, admin)
    answers = at_once(town.product.url, [*asks[:25], block, *asks[25:]])
    assert max(statuses(answers)) < 500, statuses(answers)
    assert rowdy.get("/api/auth/me").status_code == 403
    refreshed = town.stranger.post("/api/auth/refresh", {"refresh_token": rowdy.tokens["refresh_token"]})
    assert refreshed.status_code == 403
    assert town.stranger.post("/api/auth/login", {"login": rowdy.name, "password": PASSWORD}).status_code == 403
    history = admin.get(f"/api/admin/users/{rowdy.id}").json()
    assert len(history["short_dialogs"]) <= 24

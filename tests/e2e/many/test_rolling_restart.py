"""Rolling restarts under load: two instances behind a real proxy; and a proxy without sticky sessions.

`LONG_TESTS=1` (a part of `make chaos`) restarts both ten times in a row.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.many.several import Site, Visitor, loads, meanwhile, note_loads
from tests.e2e.people import PASSWORD, Person, wait_for_line
from tests.e2e.product import Product
from tests.llm_server import Behaviour, LlmServer
from tests.postgres import Server
from tests.ui.api.conftest import Program
from ui.api.paging import NEXT

pytestmark = pytest.mark.slow
SENTENCE = "У этой страницы нет связи: сервер её не узнаёт."
RESTARTS = 409
ANSWER = "Здравствуй. Свет горит."
MINUTES = "takes some minutes: LONG_TESTS=1 runs it"
LONG_REPLY = "Волна за волной, и ни одна не последняя. " * 12 + "Конец."


@pytest.fixture
def site(llm: LlmServer, postgres: Server, tmp_path: Path) -> Site:
    llm.forget()
    return Site(tmp_path, llm, postgres.create(f"site_{tmp_path.name}"[:60]))


@pytest.fixture
def person(browser: Browser, site: Site) -> Generator[Callable[[str], Person]]:
    people: list[Person] = []

    def arrive(name: str) -> Person:
        people.append(Person(browser, site.a, name))
        return people[-1]

    yield arrive
    for each in people:
        each.leave()


class Talker:
    """A program that sends message after message, and resends what is refused during a restart."""

    def __init__(self, person: Person) -> None:
        answer = person.context.request.post(
            f"{person.product.url}/api/auth/login", data={"login": person.email, "password": PASSWORD}
        )
        self._program = Program(person.product.url, person.name, answer.json())
        self._character_id = self._program.character()
        self.dialog_id = 0
        self.taken: list[str] = []
        self.failures: list[str] = []

    def say(self) -> None:
        words = f"Вопрос {len(self.taken)}"
        body = {"message": words} | ({"dialog_id": self.dialog_id} if self.dialog_id else {})
        answer = self._program.post(f"/api/dialogs/{self._character_id}/messages", body)
        if answer.status_code == 200:
            self.dialog_id = int(answer.json()["dialog_id"])
            self.taken.append(words)
        elif answer.status_code != RESTARTS:
            self.failures.append(f"{answer.status_code} {answer.text[:200]}")

    def lost(self) -> list[str]:
        """Accepted messages without exactly one whole reply."""
        pairs = pairwise(self._messages())
        answered = [said["content"] for said, reply in pairs if reply["state"] == "done" and reply["content"] == ANSWER]
        return [words for words in self.taken if answered.count(words) != 1]

    def _messages(self) -> Iterator[dict[str, Any]]:
        address = f"/api/dialogs/{self.dialog_id}/messages"
        page = self._program.get(address)
        yield from page.json()
        while cursor := page.headers.get(NEXT):
            page = self._program.get(address, cursor=cursor)
            yield from page.json()


@pytest.mark.breaks_the_line
@pytest.mark.parametrize(
    "times",
    [1, pytest.param(10, id="ten_in_a_row", marks=pytest.mark.skipif("LONG_TESTS" not in os.environ, reason=MINUTES))],
)
def test_two_instances_restarted_under_load_lose_no_page_and_no_reply(
    site: Site, llm: LlmServer, person: Callable[[str], Person], times: int
) -> None:
    llm.default = Behaviour(ANSWER, hold=0.5)
    with site.opened():
        anna, boris = person("anna"), person("boris")
        for each in (anna, boris):
            each.sign_up()
        visitors = [Visitor(site.url), Visitor(site.url)]
        program = Talker(boris)
        anna.choose("Тихон Рогозин")
        anna.begin_chat()
        tabs = [anna.page, anna.context.new_page(), boris.page]
        tabs[1].goto(site.url)
        boris.open("/chat")
        for tab in tabs:
            note_loads(tab)
        with meanwhile(*(visitor.load for visitor in visitors), program.say):
            for _ in range(times):
                before = [len(loads(tab)) for tab in tabs]
                for instance, name in ((site.a, "Первая"), (site.b, "Вторая")):
                    restart_while_it_writes(instance, anna, name)
                    for tab in tabs:
                        wait_for_line(tab)
                reloads = [len(loads(tab)) - at_first for tab, at_first in zip(tabs, before, strict=True)]
                assert max(reloads) <= 2, reloads
        assert [failure for visitor in visitors for failure in visitor.failures] == []
        assert program.failures == []
        assert min(visitor.loaded for visitor in visitors) > 20
        assert len(program.taken) > 5
        assert program.lost() == []
        expect(anna.replies.filter(has_text="Конец.")).to_have_count(2 * times)


def restart_while_it_writes(instance: Product, anna: Person, name: str) -> None:
    anna.say(f"[[style:fine]] [[pause:0.05]] [[text:{name}. {LONG_REPLY}]]")
    expect(anna.last_reply).to_contain_text(name)
    instance.begin_to_stop()
    expect(anna.last_reply).to_contain_text("Конец.", timeout=30_000)
    assert instance.ended() == 0
    instance.start()


@pytest.mark.breaks_the_line
def test_a_page_stays_with_its_instance_until_its_reply_has_ended(
    site: Site, llm: LlmServer, person: Callable[[str], Person]
) -> None:
    with site.opened():
        anna = person("anna")
        anna.sign_up()
        anna.choose("Тихон Рогозин")
        anna.begin_chat()
        anna.page.evaluate("window.isTheSame = true")
        llm.answer(LONG_REPLY, style="fine", pause=0.1)
        anna.say("Расскажи о волнах.")
        expect(anna.last_reply).to_contain_text("Волна за волной")
        home = site.home_of(anna.context)
        home.begin_to_stop()
        anna.page.wait_for_function(
            "window.isTheSame && [...document.querySelectorAll('.message')].at(-1).innerText.includes('Конец.')",
            timeout=60_000,
        )
        assert home.ended() == 0
        wait_for_line(anna.page)
        assert site.home_of(anna.context) is not home
        expect(anna.last_reply).to_contain_text("Конец.")
        assert not anna.page.evaluate("window.isTheSame")


@pytest.mark.breaks_the_line
@pytest.mark.expects_console("404 .*/healthz")
def test_a_proxy_without_stickiness_gets_one_sentence_instead_of_endless_reloads(site: Site, browser: Browser) -> None:
    with site.opened(site.apart):
        tabs = [browser.new_context(locale="ru-RU").new_page() for _tab in range(2)]
        for tab in tabs:
            note_loads(tab)
            tab.goto(site.url)
        for tab in tabs:
            expect(tab.get_by_role("alert").filter(has_text=SENTENCE)).to_be_visible()
            assert len(loads(tab)) == 4
        assert "has to send a browser always to the same one, by a cookie" in site.log
        for tab in tabs:
            tab.context.close()

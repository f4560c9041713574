"""Drain: what an instance still does between the signal to stop and its end, and what it waits for."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import suppress
from pathlib import Path

import pytest

from domain.settings.settings import DRAIN_LEAD, Settings
from tests.e2e.product import Product
from tests.llm_server import LlmServer
from tests.ui.api.conftest import Town, llm

__all__ = ["llm"]
NEVER = "600"  # seconds; `Product.ended` waits for less
REPLY = "Волна за волной. " * 30


@pytest.fixture
def town(llm: LlmServer, tmp_path: Path) -> Generator[Town]:
    """A server that would take its time to stop."""
    llm.forget()
    product = Product(tmp_path, BASE_URL=llm.url, LLM_MODEL="m", DRAIN_LEAD=NEVER, SHUTDOWN_GRACE=NEVER)
    product.start()
    town = Town(product, f"sqlite:///{product.data}/beseda.db")
    yield town
    town.leave()
    with suppress(AssertionError):  # it has ended, unless the test failed
        product.kill()


def stop(town: Town) -> None:
    """And wait until it is known."""
    town.product.begin_to_stop()
    while town.stranger.get("/readyz").status_code == 200:
        pass


@pytest.mark.slow
def test_an_instance_that_drains_is_red_and_serves_all_but_new_replies_until_a_second_signal(
    town: Town, llm: LlmServer
) -> None:
    anna = town.come("anna")
    one, other = anna.character(), anna.character()
    llm.answer(REPLY, style="fine", pause=0.02)
    reply = anna.listen(f"/api/dialogs/{one}/messages", {"message": "Шумит?"})
    next(event for event in reply if event["event"] == "piece")

    stop(town)
    answer = town.stranger.get("/healthz")
    assert (answer.status_code, answer.json()["ready"], answer.json()["database"]) == (503, "draining", "ok")
    assert [town.stranger.get(path).status_code for path in ("/livez", "/", "/api/characters")] == [200] * 3
    assert town.come("boris").character()
    refused = anna.post(f"/api/dialogs/{other}/messages", {"message": "А там?"})
    assert refused.status_code == 409
    assert refused.json()["detail"] == "Сервер перезапускается. Отправьте это ещё раз через минуту."
    *_, last = reply
    assert last["data"]["assistant_message"]["content"] == REPLY

    town.product.begin_to_stop()
    assert town.product.ended() == 0


@pytest.mark.slow
def test_who_presses_ctrl_c_waits_for_nothing_but_replies_and_twice_not_even_for_them(
    town: Town, llm: LlmServer
) -> None:
    anna = town.come("anna")
    llm.answer(REPLY, style="fine", pause=1)
    reply = anna.listen(f"/api/dialogs/{anna.character()}/messages", {"message": "Шумит?"})
    next(event for event in reply if event["event"] == "piece")
    stop(town)
    assert town.product.stop() == 0
    *_, last = reply
    assert last["event"] == "reply", "what came of it is kept, and told"
    town.product.start()
    assert town.product.stop() == 0
    assert "До встречи!" in town.product.log.read_text("utf-8")


def test_proxies_get_a_moment_only_where_there_may_be_another_instance() -> None:
    postgres = "postgresql://somebody@127.0.0.1/beseda"
    assert Settings(_env_file=None).seconds_to_drain == 0
    assert Settings(_env_file=None, database_url=postgres).seconds_to_drain == DRAIN_LEAD
    assert Settings(_env_file=None, database_url=postgres, drain_lead=0).seconds_to_drain == 0

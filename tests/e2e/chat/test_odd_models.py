"""Odd models as a person meets them: one that is loaded, thinks aloud, and begins in the middle of its thoughts."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.chat.test_rough_weather import dialog_with_tikhon
from tests.e2e.product import Product
from tests.llm_server import Behaviour, LlmServer, exactly

LOADING = exactly('{"error": {"code": 503, "message": "Loading model", "type": "unavailable_error"}}', 503)
STORY = "Привет! Я жду у маяка. " + "Море сегодня тихое. " * 6


@pytest.mark.slow
def test_people_see_what_a_reply_waits_for_and_never_what_the_model_thinks(
    browser: Browser, llm: LlmServer, tmp_path: Path
) -> None:
    product = Product(tmp_path, BASE_URL=llm.url, LLM_MODEL="gemma", KEEP_THOUGHTS="true")
    product.start()
    lev = dialog_with_tikhon(browser, product, "Lev")

    is_loading = True
    llm.forget()
    llm.refuses = lambda _: LOADING if is_loading else None
    llm.default = Behaviour(f"<think>Hm, let me see.</think>{STORY}", style="fine", fault="waits")
    lev.say("Ты здесь?")
    expect(lev.last_reply).to_contain_text("Модель загружается…")
    is_loading = False
    llm.go_on(4)
    expect(lev.last_reply).to_contain_text("Думает…", timeout=60_000)
    llm.go_on()
    expect(lev.last_reply).to_contain_text("Привет!")
    expect(lev.page.get_by_role("button", name="Отправить")).to_be_visible()
    expect(lev.last_reply.locator(".bubble")).to_have_text(STORY.strip())
    expect(lev.page.get_by_text("О чём думала модель")).to_have_count(0)

    llm.forget()
    llm.default = Behaviour(f"Okay, so he is here. </think>{STORY}", style="fine", fault="waits")
    lev.say("А теперь?")
    llm.go_on(3)
    expect(lev.last_reply).to_contain_text("Okay, so")
    llm.go_on(9)
    expect(lev.last_reply).to_contain_text("Привет!")
    assert "Okay" not in lev.last_words(), "while the reply is still growing"
    llm.go_on()
    expect(lev.page.get_by_role("button", name="Отправить")).to_be_visible()
    expect(lev.last_reply.locator(".bubble")).to_have_text(STORY.strip())
    lev.leave()
    product.stop()
    llm.forget()


@pytest.mark.slow
def test_who_waits_for_another_reply_sees_how_many_are_ahead(browser: Browser, llm: LlmServer, tmp_path: Path) -> None:
    product = Product(tmp_path, BASE_URL=llm.url, LLM_MODEL="gemma", LLM_CONCURRENCY="1")
    product.start()
    lev, ada = (dialog_with_tikhon(browser, product, name) for name in ("Lev", "Ada"))
    llm.default = Behaviour(STORY * 20, style="fine", pause=0.1)
    lev.say("Расскажи сказку.")
    expect(lev.last_reply).to_contain_text("Привет!")
    ada.say("И мне!")
    expect(ada.last_reply).to_contain_text("перед вами 1 ответ")
    lev.page.get_by_role("button", name="Остановить").click()
    expect(ada.last_reply).to_contain_text("Привет!")
    for person in (lev, ada):
        person.leave()
    product.stop()
    llm.forget()

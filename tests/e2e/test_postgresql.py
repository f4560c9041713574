"""PostgreSQL: the product on it, by `DATABASE_URL` alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.people import Person
from tests.e2e.product import Product
from tests.llm_server import LlmServer
from tests.postgres import Server


@pytest.mark.slow
def test_a_first_conversation_on_postgresql(browser: Browser, llm: LlmServer, postgres: Server, tmp_path: Path) -> None:
    product = Product(tmp_path, BASE_URL=llm.url, LLM_MODEL="qwen3:8b", DATABASE_URL=postgres.create("product"))
    product.start()
    zoya = Person(browser, product, "Zoya")
    zoya.sign_up()
    zoya.choose("Тихон Рогозин")
    zoya.begin_chat()
    llm.answer("Доброе утро.")
    zoya.say("Утро!")
    expect(zoya.last_reply).to_contain_text("Доброе утро.")
    assert llm.asked[-1].body["model"] == "qwen3:8b", "another server gets its model's name as it is"
    zoya.page.goto("about:blank")  # an open page would reload by itself, in the middle of what comes next
    product.stop()
    product.start()
    zoya.open("/chat")
    zoya.page.get_by_role("link", name="Тихон Рогозин").click()
    expect(zoya.last_reply).to_contain_text("Доброе утро.")
    zoya.leave()
    product.stop()

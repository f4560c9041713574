"""Block during a conversation: the reply stops, every page leads to the reason, and the person may appeal."""

from __future__ import annotations

import re
from collections.abc import Callable

import httpx
import pytest
from playwright.sync_api import expect

from tests.e2e.arrivals import arrive
from tests.e2e.people import AT_ONCE, PASSWORD, Person
from tests.llm_server import LlmServer


@pytest.fixture
def admin(person: Callable[[str], Person]) -> httpx.Client:
    """An admin's program."""
    ada = person("Ada")
    arrive(ada, is_admin=True)
    client = httpx.Client(base_url=ada.product.url, timeout=30)
    tokens = client.post("/api/auth/login", json={"login": ada.email, "password": PASSWORD}).json()
    client.headers["Authorization"] = f"Bearer {tokens['access_token']}"
    return client


def test_a_block_in_mid_reply_leads_to_the_reason_and_an_answer_to_it(
    person: Callable[[str], Person], admin: httpx.Client, llm: LlmServer
) -> None:
    rowdy = person("Rowdy")
    arrive(rowdy)
    rowdy.choose("Тихон Рогозин")
    rowdy.begin_chat()
    llm.answer(fault="endless", style="fine", pause=0.02)
    rowdy.say("Расскажите длинную историю")
    expect(rowdy.last_reply).to_contain_text("море")
    (person_id,) = [each["id"] for each in admin.get("/api/admin/users").json() if each["email"] == rowdy.email]
    admin.post(f"/api/admin/users/{person_id}/block", json={"blocked": True}).raise_for_status()
    rowdy.page.wait_for_url("**/blocked", timeout=AT_ONCE)
    expect(rowdy.page.get_by_role("heading", name="Ваш аккаунт заблокирован")).to_be_visible()
    for address in ("/", "/chat", "/profile", "/characters/new"):
        rowdy.open(address)
        expect(rowdy.page).to_have_url(re.compile("/blocked$"))
    rowdy.page.get_by_text("Скачать свои чаты", exact=True).click()
    with rowdy.page.expect_download() as download:
        rowdy.page.get_by_role("link", name="Тихон Рогозин").click()
    assert download.value.suggested_filename.endswith(".md")
    rowdy.page.get_by_label("Почему вы не согласны").fill("Это была шутка.")
    rowdy.page.get_by_role("button", name="Возразить").click()
    expect(rowdy.page.get_by_text("Вы уже ответили.")).to_be_visible()
    admin.post(f"/api/admin/users/{person_id}/block", json={"blocked": False}).raise_for_status()
    expect(rowdy.page).to_have_url(f"{rowdy.product.url}/", timeout=AT_ONCE)

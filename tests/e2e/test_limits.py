"""Rate limits and quotas, as people and programs meet them."""

from __future__ import annotations

import json
import re
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.arrivals import arrive, begin_chat
from tests.e2e.people import Person
from tests.e2e.product import Product

pytestmark = pytest.mark.slow


def test_too_much_is_one_sentence_with_the_time_and_loses_no_word(browser: Browser, tmp_path: Path) -> None:
    product = Product(tmp_path, DEMO_PAUSE="0", LIMITS="messages_a_minute=1,api_calls=3,passwords_of_account=2")
    product.start()
    vera = Person(browser, product, "Vera")
    arrive(vera)
    begin_chat(vera)
    vera.say("Раз")
    expect(vera.replies).to_have_count(2)
    expect(vera.page.get_by_role("button", name="Отправить")).to_be_visible()
    vera.say("Два")
    expect(vera.page.get_by_role("status").filter(has_text=re.compile(r"через \d:\d\d\."))).to_be_visible()
    expect(vera.composer).to_have_value("Два")
    expect(vera.page.locator(".message.user")).to_have_count(1)

    vera.context.clear_cookies(name="beseda")
    vera.open("/log-in")
    for word in ("неверный", "тоже неверный", "и этот"):
        vera.page.get_by_label("Почта или имя").fill(vera.email)
        vera.page.get_by_label("Пароль").fill(word)
        vera.page.get_by_role("button", name="Войти", exact=True).click()
        expect(vera.page.get_by_role("alert").first).to_be_visible()
    expect(vera.page.get_by_text("Слишком часто")).to_be_visible()
    vera.leave()

    assert [asked(product) for _ in range(3)] == [200] * 3
    with pytest.raises(urllib.error.HTTPError) as refused:
        asked(product)
    assert refused.value.code == 429
    assert 0 < int(refused.value.headers["Retry-After"]) <= 60
    assert "Слишком часто" in json.loads(refused.value.read())["detail"]
    product.stop()


def test_a_stranger_at_the_same_place_keeps_nobody_out_of_their_own_browser(browser: Browser, tmp_path: Path) -> None:
    product = Product(tmp_path, LIMITS="passwords_of_account=2,passwords_from_ip=2,letters_from_ip=1")
    product.start()
    vera = Person(browser, product, "Vera")
    vera.sign_up()  # here, so that this browser is known
    assert [guessed(product, vera.email) for _ in range(3)] == [401, 401, 429]
    vera.context.clear_cookies(name="beseda")
    vera.open("/log-in")
    vera.log_in()
    expect(vera.page.get_by_role("heading", name="С кем вы хотите поговорить?")).to_be_visible()
    vera.context.clear_cookies(name="beseda")
    vera.open("/log-in/letter")
    vera.page.get_by_label("Почта").fill(vera.email)
    vera.page.get_by_role("button", name="Отправить письмо").click()
    expect(vera.page.get_by_role("heading", name="Письмо отправлено")).to_be_visible()
    vera.leave()
    product.stop()


def guessed(product: Product, login: str) -> int:
    """Status of a refused log-in by the API with a wrong password."""
    body = json.dumps({"login": login, "password": "наугад"}).encode()
    asked = urllib.request.Request(f"{product.url}/api/auth/login", body, {"Content-Type": "application/json"})
    with pytest.raises(urllib.error.HTTPError) as refusal:
        urllib.request.urlopen(asked)
    return refusal.value.code


def asked(product: Product) -> int:
    with urllib.request.urlopen(f"{product.url}/api/characters") as answer:
        return int(answer.status)

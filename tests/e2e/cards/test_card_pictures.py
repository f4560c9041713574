"""Pictures that a card brought: another icon becomes the portrait, and one is the backdrop of the chat."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.domain.cards.card_files import charx, v3
from tests.domain.pictures.photos import a_photo
from tests.e2e.arrivals import arrive
from tests.e2e.people import AT_ONCE, Person

FILES = {name: a_photo() for name in ("day.png", "night.png", "joy.png", "hall.png")}
ASSETS = [
    {"type": "icon", "uri": "embeded://day.png", "name": "main", "ext": "png"},
    {"type": "icon", "uri": "embeded://night.png", "name": "ночь", "ext": "png"},
    {"type": "emotion", "uri": "embeded://joy.png", "name": "радость", "ext": "png"},
    {"type": "background", "uri": "embeded://hall.png", "name": "зал", "ext": "png"},
]
CARD = charx(v3(assets=ASSETS, tags=["sfw", "женский"], first_mes="Проходите, {{user}}!"), FILES)


@pytest.mark.slow
def test_a_cards_pictures_become_the_portrait_and_stand_behind_the_chat(person: Callable[[str], Person]) -> None:
    ira = person("Ira")
    arrive(ira)
    page = ira.page
    taken = ira.context.request.post(f"{ira.product.url}/feed/cards", params={"name": "Аглая.charx"}, data=CARD)
    address = taken.json()["made"]["url"]

    ira.open(f"{address}/edit")
    portrait = page.get_by_role("img", name="Фото").first
    before = portrait.get_attribute("src")
    page.get_by_role("button", name="Картинки из карточки").press("Enter")
    expect(page.get_by_role("group", name="Картинки из карточки")).to_be_focused(timeout=AT_ONCE)
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Портрет: main")).to_be_focused()
    page.get_by_role("button", name="Портрет: ночь").click(timeout=AT_ONCE)
    expect(page.get_by_text("Выбрано. Сохраните персонажа, чтобы портрет остался.")).to_be_visible(timeout=AT_ONCE)
    expect(portrait).not_to_have_attribute("src", before or "")

    page.get_by_role("button", name="Фон чата: радость").click()
    chosen = page.get_by_role("button", name="Фон чата: радость", pressed=True)
    expect(chosen).to_be_visible(timeout=AT_ONCE)
    page.on("dialog", lambda asks: asks.accept())  # to leave a page with something unsaved
    ira.open(f"{address}/edit")
    page.get_by_role("button", name="Картинки из карточки").click()
    expect(page.get_by_role("button", name=re.compile("Фон чата: "), pressed=True)).to_be_visible(timeout=AT_ONCE)

    ira.open(address)
    page.get_by_role("button", name="Начать чат").click()
    behind = page.locator(".chat-backdrop")
    expect(behind).to_be_visible(timeout=AT_ONCE)
    assert behind.evaluate("each => each.decode().then(() => each.naturalWidth > 0)")
    page.get_by_role("button", name="О персонаже").click()
    page.get_by_role("checkbox", name="Фон чата").click()
    expect(behind).to_be_hidden()
    page.reload()
    expect(page.get_by_role("article").get_by_text("Проходите, Ira!")).to_be_visible(timeout=AT_ONCE)
    expect(behind).to_be_hidden()

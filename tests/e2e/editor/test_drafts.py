"""The draft of a character, as its author meets it: nothing of it is in the way, and no word of it is lost."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.arrivals import arrive, make_character
from tests.e2e.people import Person, wait_for_line


def is_kept(page: Page) -> None:
    expect(page.get_by_role("status").filter(has_text="черновик сохранён")).to_be_attached()


def saved_elsewhere(author: Person, address: str, bio: str) -> None:
    with closing(sqlite3.connect(author.product.data / "beseda.db", timeout=10)) as db, db:
        db.execute("UPDATE character SET bio = ? WHERE id = ?", (bio, address.rpartition("/")[2]))


@pytest.mark.slow
def test_on_a_phone_a_finger_saves_right_after_the_draft_was_kept(
    browser: Browser, person: Callable[[str], Person]
) -> None:
    uma = person("Uma")
    arrive(uma)
    address = make_character(uma, "Мира", "Ты — Мира.")
    phone = browser.new_context(
        locale="ru-RU",
        viewport={"width": 390, "height": 844},
        has_touch=True,
        is_mobile=True,
        storage_state=uma.context.storage_state(),
    )
    page = phone.new_page()
    page.goto(f"{address}/edit")
    wait_for_line(page)
    page.get_by_label("Имя", exact=True).fill("Мирра")
    is_kept(page)
    box = page.get_by_role("button", name="Сохранить", exact=True).bounding_box()
    assert box
    page.touchscreen.tap(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(page.get_by_role("heading", name="Мирра")).to_be_visible()
    phone.close()


def test_what_is_added_to_the_saved_text_is_there_after_a_look_at_the_draft(person: Callable[[str], Person]) -> None:
    vlada = person("Vlada")
    arrive(vlada)
    address, page = make_character(vlada, "Мира", "Ты — Мира."), vlada.page
    page.on("dialog", lambda asks: asks.accept())  # to leave a page with something unsaved
    vlada.open(f"{address}/edit#publication")
    about = page.get_by_label("О персонаже")
    about.fill("Живёт у моря.")
    is_kept(page)
    saved_elsewhere(vlada, address, "Живёт в горах.")
    page.reload()
    wait_for_line(page)
    mine, theirs = page.get_by_label("Из черновика"), page.get_by_label("Как сохранено сейчас")
    theirs.check()
    about.fill("Живёт в горах, одна.")
    mine.check()
    expect(about).to_have_value("Живёт у моря.")
    about.fill("Живёт у моря, одна.")
    theirs.check()
    expect(about).to_have_value("Живёт в горах, одна.")
    mine.check()
    expect(about).to_have_value("Живёт у моря, одна.")


@pytest.mark.slow
def test_going_back_to_what_is_saved_leads_the_keys_into_the_form(person: Callable[[str], Person]) -> None:
    zlata = person("Zlata")
    arrive(zlata)
    address, page = make_character(zlata, "Мира", "Ты — Мира."), zlata.page
    page.on("dialog", lambda asks: asks.accept())  # to leave a page with something unsaved
    zlata.open(f"{address}/edit")
    page.get_by_label("Имя", exact=True).fill("Мирра")
    is_kept(page)
    page.reload()
    wait_for_line(page)
    page.get_by_role("button", name="Вернуть как было").press("Enter")
    expect(page.get_by_label("Имя", exact=True)).to_have_value("Мира")
    expect(page.get_by_role("tab", name="Главное")).to_be_focused()

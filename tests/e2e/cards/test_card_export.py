"""Several characters leave as one archive of cards."""

from __future__ import annotations

import zipfile
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from domain.cards.read_card import read_card
from tests.e2e.arrivals import arrive, make_character
from tests.e2e.people import Person


@pytest.mark.slow
def test_a_selection_of_ones_characters_leaves_as_an_archive(person: Callable[[str], Person]) -> None:
    rita = person("Rita")
    arrive(rita)
    for name in ("Марина", "Тихон", "Вера"):
        make_character(rita, name, "Ты — {{char}}.")
    page = rita.page
    rita.open("/?tab=mine")
    page.get_by_role("button", name="Выбрать").click()
    for name in ("Марина", "Вера"):
        page.get_by_role("checkbox", name=name).check()
    bar = page.get_by_role("group", name="Выбрать")
    expect(bar).to_contain_text("Выбрано: 2")
    bar.get_by_role("button", name="Экспорт").click()
    window = page.get_by_role("dialog", name="Экспорт выбранных: 2")
    window.get_by_label("Текст (JSON)").check()
    window.get_by_label("Вместе с тем, что видит только модель").uncheck()
    with page.expect_download() as coming:
        window.get_by_role("link", name="Скачать").click()
    assert coming.value.suggested_filename == "Персонажи.zip"
    with zipfile.ZipFile(coming.value.path()) as archive:
        cards = [read_card(archive.read(name)).card["data"] for name in archive.namelist()]
    assert sorted(card["name"] for card in cards) == ["Вера", "Марина"]
    assert [card["description"] for card in cards] == ["", ""], "what only the model sees was left out"

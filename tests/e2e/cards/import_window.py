"""The window of an import as a person sees it, and cards to be dropped there."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Locator

from tests.domain.cards.card_files import png, text, v3
from tests.e2e.people import Person

BOOK = {"entries": [{"keys": ["Арбат"], "content": "На Арбате у неё вторая лавка.", "enabled": True}]}


def named(name: str, **more: Any) -> bytes:
    return png(text(v3(name=name, **more)))


def window_of(person: Person) -> Locator:
    return person.page.get_by_role("dialog", name="Импорт карточек")


def rows_of(person: Person) -> Locator:
    return person.page.locator(".import-row")

"""Books in a browser: opened, written and read off the table."""

from __future__ import annotations

import sqlite3
from contextlib import closing

from playwright.sync_api import Locator, Page, expect

from domain.books.book_rows import entry_row
from domain.books.entry_form import EntryForm, new_entry
from tests.e2e.arrivals import make_character
from tests.e2e.people import Person


def open_knowledge(author: Person, name: str, entries: list[EntryForm] | None = None) -> Page:
    """The tab of a new character of theirs."""
    address = make_character(author, name, "Хозяйка лавки.", is_public=False)
    character_id = int(address.rpartition("/")[2])
    if entries:
        write_book(author, character_id, entries)
    author.open(f"/characters/{character_id}/edit#knowledge")
    expect(author.page.get_by_role("tab", name="Знания")).to_have_attribute("aria-selected", "true")
    return author.page


def write_book(author: Person, character_id: int, entries: list[EntryForm]) -> None:
    with closing(sqlite3.connect(author.product.data / "beseda.db", timeout=10)) as db, db:
        (owner_id,) = db.execute("SELECT owner_id FROM character WHERE id = ?", (character_id,)).fetchone()
        moment = "strftime('%Y-%m-%d %H:%M:%f', 'now')"
        book_id = db.execute(
            "INSERT INTO book (owner_id, character_id, name, rest, entries, revision, made_at, changed_at)"
            f" VALUES (?, ?, '', '{{}}', ?, 1, {moment}, {moment})",
            (owner_id, character_id, len(entries)),
        ).lastrowid
        rows = [vars(entry_row(new_entry(each))) for each in entries]
        db.executemany(
            f"INSERT INTO book_entry (book_id, position, {', '.join(rows[0])})"
            f" VALUES (?, ?, {', '.join('?' * len(rows[0]))})",
            [(book_id, place, *row.values()) for place, row in enumerate(rows)],
        )


def add_entry(page: Page, keys: str, told: str) -> None:
    page.get_by_role("button", name="+ Запись").click()
    window = page.get_by_role("dialog", name="Новая запись")
    window.get_by_label("Ключи", exact=True).fill(keys)
    window.get_by_label("Что узнаёт модель").fill(told)
    window.get_by_role("button", name="Сохранить").click()
    expect(window).to_be_hidden()


def rows(page: Page) -> Locator:
    return page.get_by_role("grid").locator("[role=row][data-id]")


def names(page: Page) -> list[str]:
    """Of the entries, in the order of the table."""
    found = rows(page).evaluate_all(
        "(rows) => rows.sort((one, other) => one.ariaRowIndex - other.ariaRowIndex)"
        ".map((row) => row.querySelector('.book-name').textContent)"
    )
    return list(found)

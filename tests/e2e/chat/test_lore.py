"""Lorebooks seen in a chat: which entries stood in a reply's prompt, and which of one's worlds count there."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.e2e.arrivals import FORM, arrive, begin_chat, make_character
from tests.e2e.people import Person
from tests.llm_server import LlmServer


def make_book(person: Person, name: str, *entries: tuple[str, str, str], character: str = "") -> None:
    """Of entries with a title, keys and what they say; a character's own, or a world of the person."""
    with closing(sqlite3.connect(person.product.data / "beseda.db", timeout=10)) as db, db:
        (owner,) = db.execute("SELECT id FROM user WHERE email_key = ?", (person.email,)).fetchone()
        now = datetime.now(UTC).strftime(FORM)
        added = db.execute(
            "INSERT INTO book (owner_id, character_id, name, rest, entries, revision, made_at, changed_at)"
            " VALUES (?, ?, ?, '{}', ?, 1, ?, ?)",
            (owner, character.rpartition("/")[2] or None, name, len(entries), now, now),
        )
        for position, (title, keys, content) in enumerate(entries):
            entry: dict[str, Any] = {"name": title, "keys": keys.split(", "), "content": content, "extensions": {}}
            entry |= {"enabled": True, "use_regex": False, "insertion_order": position}
            db.execute(
                "INSERT INTO book_entry (book_id, position, is_on, title, keys, tokens, entry)"
                " VALUES (?, ?, 1, ?, ?, ?, ?)",
                (added.lastrowid, position, title, keys, len(content), json.dumps(entry, ensure_ascii=False)),
            )


def trace(page: Page) -> Locator:
    return page.locator(".message.assistant .message-lore").last


def test_a_reply_says_which_entries_stood_in_its_prompt_and_why(
    person: Callable[[str], Person], llm: LlmServer
) -> None:
    author = person("LoreAuthor")
    arrive(author)
    character = make_character(author, "Вера Летописец", "Ты — Вера, летописец.")
    entries = ("Москва", "Москва, столица", "В Москве Вера прожила десять лет."), ("Кот", "кот", "Кота зовут Тимофей.")
    make_book(author, "Летопись", *entries, character=character)
    make_book(author, "Северный край", ("Маяк", "маяк", "Маяк погас сто лет назад."))
    begin_chat(author, "Вера Летописец")
    author.say("Расскажи, который год ты жила в Москве?")
    page = author.page
    expect(trace(page).locator("summary")).to_have_text("Из знаний: Москва")
    trace(page).locator("summary").press("Enter")
    expect(trace(page).get_by_role("listitem")).to_have_text(
        "Москва по ключу «Москва»В Москве Вера прожила десять лет."
    )
    system = llm.asked[-1].body["messages"][0]["content"]
    assert system.startswith("В Москве Вера прожила десять лет.\n\nТы — Вера, летописец.")
    assert "Тимофей" not in system

    page.get_by_role("button", name="О персонаже").press("Enter")
    expect(page.locator(".q-drawer--right :focus")).to_be_visible()
    page.get_by_role("button", name="Миры в этом чате").press("Enter")
    worlds = page.get_by_role("dialog", name="Миры в этом чате")
    world = worlds.get_by_role("checkbox", name="Северный край · 1 запись")
    expect(world).not_to_be_checked()
    world.press("Space")
    expect(world).to_be_checked()
    page.keyboard.press("Escape")
    expect(worlds).to_be_hidden()
    author.say("А что с маяком?")
    expect(trace(page).locator("summary")).to_have_text("Из знаний: Москва, Маяк")

    reader = person("LoreReader")
    arrive(reader)
    begin_chat(reader, "Вера Летописец")
    reader.say("Ты жила в Москве?")
    expect(reader.page.locator(".message.assistant.done")).to_have_count(1)
    assert "десять лет" in llm.asked[-1].body["messages"][0]["content"]
    expect(trace(reader.page)).to_have_count(0)

"""Lorebook files: they become worlds or a character's book, and are exported as files again."""

from __future__ import annotations

import json
from typing import Any

import pytest

from domain.accounts.accounts import Accounts
from domain.accounts.sessions import Caller
from domain.books.worlds import Worlds
from domain.cards.book_export import BookExport
from domain.cards.book_import import BookImport
from domain.cards.card_import import CardImport
from domain.cards.read_book import read_book
from domain.cards.report import report_of_book
from domain.cards.workers import Workers
from domain.characters.characters import Characters
from domain.errors import Invalid, NotAllowed, NotFound
from domain.language import Texts
from domain.quotas import QuotaReached
from domain.rate_limits import CARD_MEGABYTES_KEPT, WORLDS_KEPT, InMemory, RateLimiter
from storage.database import Database
from tests.conftest import UNLIMITED
from tests.domain.cards.card_files import charx, png, text, v2
from tests.domain.conftest import filled

CAT = {"keys": ["кот"], "content": "Кот спит.", "enabled": True, "insertion_order": 5, "extensions": {}}
FORMS: dict[str, dict[str, Any]] = {
    "V3": {"spec": "lorebook_v3", "data": {"name": "Дом", "extensions": {"a": 1}, "entries": [CAT]}},
    "SillyTavern": {
        "entries": {"0": {"uid": 0, "key": ["кот"], "keysecondary": [], "content": "Кот спит.", "order": 5}}
    },
    "Agnai": {"kind": "memory", "name": "Дом", "entries": [{"entry": "Кот спит.", "keywords": ["кот"], "weight": 5}]},
    "RisuAI": {"type": "risu", "ver": 1, "data": [{"key": "кот, кошка", "content": "Кот спит.", "insertorder": 5}]},
    "NovelAI": {"lorebookVersion": 5, "entries": [{"text": "Кот спит.", "keys": ["кот"], "displayName": "Кот"}]},
    "of a card": v2(character_book={"name": "Дом", "entries": [CAT]}),
}


def as_file(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


async def exported(book_export: BookExport, caller: Caller, book_id: int) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((await book_export.export(caller, book_id)).data)
    assert found["spec"] == "lorebook_v3"
    return dict(found["data"])


@pytest.mark.parametrize("form", FORMS)
async def test_a_book_of_any_form_becomes_a_world_and_leaves_as_it_came(
    book_import: BookImport, book_export: BookExport, ira: Caller, form: str
) -> None:
    world, _ = await book_import.keep_as_world(ira, as_file(FORMS[form]), "C:\\books\\Дом.json")
    assert (world.name, world.entries) == ("Дом", 1)
    once = await exported(book_export, ira, world.id)
    entry = once["entries"][0]
    assert (entry["keys"][0], entry["content"], entry["enabled"]) == ("кот", "Кот спит.", True)
    again, _ = await book_import.keep_as_world(ira, (await book_export.export(ira, world.id)).data, "")
    assert await exported(book_export, ira, again.id) == once


async def test_a_book_goes_into_a_characters_or_takes_its_place(
    book_import: BookImport, book_export: BookExport, characters: Characters, ira: Caller
) -> None:
    marina = await characters.save(ira, filled())
    await book_import.keep_in_character(ira, marina.id, as_file(FORMS["V3"]), "book.json")
    book, _ = await book_import.keep_in_character(ira, marina.id, as_file(FORMS["Agnai"]), "book.json")
    assert [each["insertion_order"] for each in (await exported(book_export, ira, book.id))["entries"]] == [5, 5]
    assert book.entries == 2
    before = book.revision
    other = {"spec": "lorebook_v3", "data": {"name": "Маяк", "entries": [CAT | {"content": "Маяк белый."}]}}
    replaced, _ = await book_import.keep_in_character(ira, marina.id, as_file(other), "book.json", replaces=True)
    assert (replaced.id, replaced.name, replaced.entries) == (book.id, "Маяк", 1)
    assert replaced.revision > before, "what was made ready of it is stale"
    assert [each["content"] for each in (await exported(book_export, ira, book.id))["entries"]] == ["Маяк белый."]


async def test_an_existing_world_takes_in_a_file_and_stays_as_it_is_set(
    book_import: BookImport, book_export: BookExport, ira: Caller, boris: Caller
) -> None:
    world, _ = await book_import.keep_as_world(ira, as_file(FORMS["V3"]))
    other = {"spec": "lorebook_v3", "data": {"name": "Чужое", "entries": [CAT | {"content": "Ещё кот."}]}}
    book, _ = await book_import.keep_in_book(ira, world.id, as_file(other), "book.json")
    assert (book.id, book.name, book.entries) == (world.id, world.name, world.entries + 1)
    assert book.revision > world.revision, "what was made ready of it is stale"
    assert (await exported(book_export, ira, book.id))["entries"][-1]["content"] == "Ещё кот."
    with pytest.raises(NotFound):
        await book_import.keep_in_book(boris, world.id, as_file(other))


async def test_others_neither_fill_nor_take_away_a_book(
    book_import: BookImport, book_export: BookExport, characters: Characters, ira: Caller, boris: Caller
) -> None:
    marina = await characters.save(ira, filled())
    book, _ = await book_import.keep_in_character(ira, marina.id, as_file(FORMS["V3"]))
    world, _ = await book_import.keep_as_world(ira, as_file(FORMS["V3"]))
    for hidden in (book, world):
        with pytest.raises((NotFound, NotAllowed)):
            await book_export.export(boris, hidden.id)
    with pytest.raises(NotAllowed):
        await book_import.keep_in_character(boris, marina.id, as_file(FORMS["V3"]))


async def test_admins_read_a_world_that_a_character_knows_and_put_nothing_into_it(
    book_import: BookImport, book_export: BookExport, characters: Characters, accounts: Accounts, database: Database,
    limits: RateLimiter, ira: Caller, boris: Caller,
) -> None:  # fmt: skip
    marina = await characters.save(ira, filled())
    world, _ = await book_import.keep_as_world(ira, as_file(FORMS["V3"]))
    await Worlds(database, limits).attach(ira, world.id, marina.id)
    await accounts.set_admin("boris@example.org", is_admin=True)
    before = await exported(book_export, boris, world.id)
    with pytest.raises(NotFound):
        await book_import.keep_in_book(boris, world.id, as_file(FORMS["V3"]))
    assert await exported(book_export, ira, world.id) == before


async def test_what_an_admin_puts_into_a_book_counts_for_its_author(
    characters: Characters, accounts: Accounts, database: Database, workers: Workers, ira: Caller, boris: Caller
) -> None:
    marina = await characters.save(ira, filled())
    await accounts.set_admin("boris@example.org", is_admin=True)
    few = RateLimiter(InMemory(), UNLIMITED | {CARD_MEGABYTES_KEPT.name: 1})
    book_import = BookImport(database, few, workers)
    large = as_file({"entries": [CAT | {"x_mine": "я" * 600_000}]})
    await book_import.keep_in_character(boris, marina.id, large)
    with pytest.raises(QuotaReached):
        await book_import.keep_in_character(boris, marina.id, large)
    with pytest.raises(QuotaReached):
        await book_import.keep_as_world(ira, large)
    await book_import.keep_as_world(boris, large)


@pytest.mark.parametrize("data", [as_file(v2()), png(text(v2())), charx(v2()), b'{"a": 1}', b"GIF89a", b"[]"])
async def test_a_file_without_a_book_is_refused_by_a_sentence(
    book_import: BookImport, ira: Caller, data: bytes
) -> None:
    with pytest.raises(Invalid) as refused:
        await book_import.keep_as_world(ira, data, "book.json")
    assert refused.value.field == "file"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"[]", "This file can be read, but there is no lorebook in it."),
        (b'{"a": 1}', "This file can be read, but there is no lorebook in it."),
        (as_file(v2()), "There is no lorebook in this file."),
        (b'{"entries": [', "The lorebook in this file cannot be read: it is not valid JSON."),
        (b"GIF89a", "can't hold a lorebook"),
        (b"<html>", "This is not a lorebook."),
        (b'{"entries": "\xff"}', "The lorebook in this file is damaged"),
    ],
)
async def test_whoever_imports_a_book_is_told_of_books(
    book_import: BookImport, ira: Caller, data: bytes, said: str
) -> None:
    with pytest.raises(Invalid, match=said):
        await book_import.preview(ira, data)


async def test_whoever_imports_a_character_is_told_of_characters(importing: CardImport, ira: Caller) -> None:
    with pytest.raises(Invalid, match="it is not a character card"):
        await importing.preview(ira, b"[]")


async def test_a_lorebook_given_as_a_card_is_told_where_it_belongs(importing: CardImport, ira: Caller) -> None:
    for form in ("V3", "SillyTavern", "Agnai", "RisuAI", "NovelAI"):
        with pytest.raises(Invalid, match="This is a lorebook, not a character"):
            await importing.preview(ira, as_file(FORMS[form]), "book.json")


async def test_too_many_entries_are_left_out_and_said(
    book_import: BookImport, characters: Characters, ira: Caller
) -> None:
    many = as_file({"spec": "lorebook_v3", "data": {"entries": [CAT] * 5_003}})
    found = await book_import.preview(ira, many)
    report = report_of_book(found, Texts("ru"))
    assert report.summary == ["В книге 5\xa0000 записей, включено 5\xa0000, всего примерно 15\xa0000 токенов."]
    assert report.dropped == [
        "3 записи книги пропущены: в книге не больше 5\xa0000 записей, 30\xa0000 ключей и 4\xa0000\xa0000 токенов."
    ]
    marina = await characters.save(ira, filled())
    await book_import.keep_in_character(ira, marina.id, many)
    with pytest.raises(Invalid, match="At most"):
        await book_import.keep_in_character(ira, marina.id, as_file(FORMS["V3"]))


async def test_worlds_are_counted(database: Database, workers: Workers, ira: Caller) -> None:
    book_import = BookImport(database, RateLimiter(InMemory(), UNLIMITED | {WORLDS_KEPT.name: 1}), workers)
    await book_import.keep_as_world(ira, as_file(FORMS["V3"]))
    with pytest.raises(QuotaReached):
        await book_import.keep_as_world(ira, as_file(FORMS["V3"]))


async def test_files_of_lorebooks_count_among_what_one_may_keep(
    database: Database, workers: Workers, characters: Characters, ira: Caller
) -> None:
    few = RateLimiter(InMemory(), UNLIMITED | {CARD_MEGABYTES_KEPT.name: 1})
    book_import = BookImport(database, few, workers)
    large = as_file({"spec": "lorebook_v3", "data": {"name": "Большая", "entries": [CAT | {"x_mine": "я" * 400_000}]}})
    world, _ = await book_import.keep_as_world(ira, large)
    marina = await characters.save(ira, filled())
    await book_import.keep_in_character(ira, marina.id, large)
    for refused in (
        book_import.keep_as_world(ira, large),
        book_import.keep_in_book(ira, world.id, large),
        book_import.keep_in_character(ira, marina.id, large),
    ):
        with pytest.raises(QuotaReached, match="1 MB"):
            await refused
    await book_import.keep_as_world(ira, as_file(FORMS["V3"]))
    await book_import.keep_in_character(ira, marina.id, as_file(FORMS["V3"]), replaces=True)
    await book_import.keep_in_book(ira, world.id, large)


def test_what_risuai_says_of_an_entry_is_read() -> None:
    entries = [
        {"key": "/a{1,2}/i", "content": "Раз.", "useRegex": True, "activationPercent": 30},
        {"key": "кот", "content": "Два.", "extentions": {"risu_case_sensitive": True}},
        {"key": "", "content": "", "mode": "folder", "comment": "Папка"},
    ]
    book, _ = read_book(json.dumps({"type": "risu", "ver": 1, "data": entries}).encode())
    first, second, folder = book["entries"]
    assert (first["keys"], first["extensions"]) == (["/a{1,2}/i"], {"probability": 30, "useProbability": True})
    assert second["case_sensitive"] is True
    assert (folder["enabled"], folder["mode"]) == (False, "folder")

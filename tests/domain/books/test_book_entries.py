"""Entries of a book: listed, edited, reordered, switched, deleted; on both databases."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from sqlmodel import col, update

from domain.accounts.sessions import Caller
from domain.bin import KEPT_IN_BIN
from domain.books import book_room
from domain.books.book_entries import BookEntries, Outdated
from domain.books.book_rows import add_book, entries_of, rows_of, said_of
from domain.books.books import Books
from domain.books.conditions import LeftOut
from domain.books.entry_form import EntryForm
from domain.books.try_out import TryOut
from domain.clock import now
from domain.errors import AppError, Invalid, InvalidForm
from domain.model.book import BookEntry
from storage.database import Database

ORDERS = {"маяк": 100, "лес": 5, "кот": 50, "мост": 10, "море": 70}
SOME = ("кот", "море", "лес", "маяк")


@pytest.fixture
async def world(books: Books, entries: BookEntries, ira: Caller) -> int:
    """A world with four entries."""
    world = await books.create_world(ira, "Острова")
    for word in SOME:
        await entries.add(ira, world.id, EntryForm(title=word.title(), keys=(word,), content=f"Здесь есть {word}."))
    return world.id


async def ids_of(entries: BookEntries, caller: Caller, book_id: int) -> dict[str, int]:
    return {line.keys: line.id for line in (await entries.lines(caller, book_id)).lines}


async def keys_in(entries: BookEntries, caller: Caller, book_id: int) -> list[str]:
    return [line.keys for line in (await entries.lines(caller, book_id)).lines]


async def test_the_table_is_read_a_page_at_a_time_and_searched_in_all_its_words(
    entries: BookEntries, ira: Caller, world: int
) -> None:
    page = await entries.lines(ira, world, offset=1, limit=2)
    assert ([line.keys for line in page.lines], page.found, page.entries) == (["море", "лес"], 4, 4)
    assert [line.position for line in page.lines] == [1, 2]
    found = await entries.lines(ira, world, "ЕСТЬ  лес")
    assert [(line.keys, line.position, line.excerpt) for line in found.lines] == [("лес", 2, "Здесь есть лес.")]
    assert (found.found, found.entries) == (1, 4)
    assert (await entries.lines(ira, world, "extensions")).lines == [], (
        "what a program wrote is no word of the author's"
    )
    assert (await entries.lines(ira, world, offset=9)).lines == []


async def test_a_new_entry_stands_where_it_is_wanted(entries: BookEntries, ira: Caller, world: int) -> None:
    ids = await ids_of(entries, ira, world)
    await entries.add(ira, world, EntryForm(keys=("мост",)), before=ids["лес"])
    assert await keys_in(entries, ira, world) == ["кот", "море", "мост", "лес", "маяк"]


async def test_entries_are_put_in_another_order(entries: BookEntries, ira: Caller, world: int) -> None:
    ids = await ids_of(entries, ira, world)
    await entries.move(ira, world, [ids["маяк"], ids["кот"]], ids["лес"])
    assert await keys_in(entries, ira, world) == ["море", "маяк", "кот", "лес"]
    await entries.move(ira, world, [ids["море"]], None)
    assert await keys_in(entries, ira, world) == ["маяк", "кот", "лес", "море"]
    await entries.move(ira, world, [ids["лес"], 10**12, -1], ids["лес"])
    assert sorted(await keys_in(entries, ira, world)) == sorted(SOME)


async def test_what_is_moved_stands_there_in_the_prompt_too_and_the_others_keep_their_orders(
    entries: BookEntries, try_out: TryOut, database: Database, ira: Caller
) -> None:
    async with database.write() as db:
        bare = {"content": "Слово.", "enabled": True, "use_regex": False, "extensions": {}}
        told = [bare | {"keys": [key], "insertion_order": order} for key, order in ORDERS.items()]
        book = await add_book(db, rows_of({"entries": told}), owner_id=ira.user_id, character_id=None)
        kept = [said_of(each)["insertion_order"] for each in await entries_of(db, book.id)]
    assert kept == [*ORDERS.values()], "an untouched book goes out as it came"
    assert await keys_in(entries, ira, book.id) == ["лес", "мост", "кот", "море", "маяк"], "as in the prompt"
    ids = await ids_of(entries, ira, book.id)

    async def orders() -> dict[str, float]:
        tried = await try_out.of_text(ira, book.id, " ".join(ORDERS))
        lines = (await entries.lines(ira, book.id)).lines
        assert [each.id for each in tried.fired] == [line.id for line in lines]
        return {line.keys: line.order for line in lines}

    assert await entries.move(ira, book.id, [ids["лес"]], ids["море"]) == [ids["лес"]]
    assert await orders() == {"мост": 10, "кот": 50, "лес": 50, "море": 70, "маяк": 100}
    assert await entries.move(ira, book.id, [ids["маяк"], ids["мост"]], ids["кот"]) == [ids["маяк"], ids["мост"]]
    assert await orders() == {"маяк": 50, "мост": 50, "кот": 50, "лес": 50, "море": 70}
    assert await entries.move(ira, book.id, [ids["кот"]], ids["море"]) == [], "it may keep its order there"
    assert [*await orders()] == ["маяк", "мост", "лес", "кот", "море"]
    await entries.move(ira, book.id, [ids["маяк"]], None)
    assert (await entries.entry(ira, ids["маяк"])).form.order == 70
    new = await entries.add(ira, book.id, EntryForm(keys=("ров",), content="Ров.", order=0), before=ids["море"])
    assert (await entries.entry(ira, new.id)).form.order == 50
    assert (await keys_in(entries, ira, book.id))[2:4] == ["кот", "ров"]


async def test_what_is_always_there_says_so_everywhere_unless_its_keys_are_expressions(
    entries: BookEntries, books: Books, try_out: TryOut, ira: Caller, world: int
) -> None:
    form = EntryForm(keys=("кит[а-я]*",), content="Здесь киты.", is_constant=True, is_expression=True)
    entry = await entries.add(ira, world, form)
    line = next(line for line in (await entries.lines(ira, world)).lines if line.id == entry.id)
    assert (line.is_constant, (await books.view(ira, world)).tokens_constant) == (False, 0)
    assert not (await try_out.of_text(ira, world, "Пусто.")).fired
    seen = await entries.save(ira, entry.id, replace(entry.form, is_expression=False), entry.version)
    line = next(line for line in (await entries.lines(ira, world)).lines if line.id == entry.id)
    assert (line.is_constant, (await books.view(ira, world)).tokens_constant) == (True, seen.tokens)
    assert [each.id for each in (await try_out.of_text(ira, world, "Пусто.")).fired] == [entry.id]


async def test_a_tried_text_brings_up_no_more_than_a_prompt_has_room_for(
    entries: BookEntries, books: Books, try_out: TryOut, ira: Caller, world: int
) -> None:
    await entries.add(ira, world, EntryForm(keys=("буря",), content="Буря! " * 100))
    await books.change(ira, world, token_budget=1_000)
    assert len((await try_out.of_text(ira, world, "Буря.", prompt_tokens=1_000)).fired) == 1
    tried = await try_out.of_text(ira, world, "Буря.", prompt_tokens=20)
    assert ([*tried.fired], [each.why for each in tried.left_out]) == ([], [LeftOut.BUDGET])
    assert len((await try_out.of_text(ira, world, "Буря.")).fired) == 1, "nobody said how long a prompt is"


async def test_many_are_switched_copied_deleted_and_brought_back_at_once(
    entries: BookEntries, books: Books, ira: Caller, world: int, database: Database
) -> None:
    ids = await ids_of(entries, ira, world)
    await entries.switch(ira, world, [ids["кот"], ids["лес"]], on=False)
    assert [line.is_on for line in (await entries.lines(ira, world)).lines] == [False, True, False, True]
    assert not (await entries.entry(ira, ids["кот"])).form.is_on
    await entries.duplicate(ira, world, [ids["кот"], ids["море"]])
    assert await keys_in(entries, ira, world) == ["кот", "море", "кот", "море", "лес", "маяк"]
    gone = await entries.delete(ira, world, [ids["море"], ids["лес"]])
    assert await keys_in(entries, ira, world) == ["кот", "кот", "море", "маяк"]
    assert (await books.view(ira, world)).entries == 4
    assert await entries.restore(ira, world, gone) == gone
    assert await keys_in(entries, ira, world) == ["кот", "море", "кот", "море", "лес", "маяк"]
    await entries.delete(ira, world, gone)
    async with database.write() as db:
        await db.exec(update(BookEntry).where(col(BookEntry.id).in_(gone)).values(deleted_at=now() - KEPT_IN_BIN))
    assert await entries.restore(ira, world, gone) == []


async def test_what_another_window_changed_meanwhile_is_not_undone(
    entries: BookEntries, ira: Caller, world: int
) -> None:
    ids = await ids_of(entries, ira, world)
    seen = await entries.entry(ira, ids["кот"])

    async def save(content: str) -> object:
        return await entries.save(ira, seen.id, replace(seen.form, content=content), seen.version)

    ended = await asyncio.gather(*(save(f"Кот {number}.") for number in range(4)), return_exceptions=True)
    assert sum(isinstance(each, Outdated) for each in ended) == 3
    await entries.switch(ira, world, [ids["море"]], on=False)
    now = await entries.entry(ira, ids["кот"])
    assert now.form.content.startswith("Кот ")
    with pytest.raises(Outdated):
        await save("Поздно.")
    await entries.save(ira, seen.id, replace(now.form, title="Кот"), now.version)


async def test_what_another_window_switched_off_is_not_switched_on_by_saving(
    entries: BookEntries, ira: Caller, world: int
) -> None:
    seen = await entries.entry(ira, (await ids_of(entries, ira, world))["кот"])
    await entries.switch(ira, world, [seen.id], on=False)
    with pytest.raises(Outdated):
        await entries.save(ira, seen.id, replace(seen.form, title="Тимофей"), seen.version)
    assert not (await entries.entry(ira, seen.id)).form.is_on


async def test_changes_from_many_windows_at_once_are_all_kept(
    books: Books, entries: BookEntries, ira: Caller, world: int
) -> None:
    before = (await books.view(ira, world)).revision
    ids = await ids_of(entries, ira, world)
    await asyncio.gather(
        *(entries.add(ira, world, EntryForm(keys=(f"новая {number}",))) for number in range(5)),
        *(entries.duplicate(ira, world, [ids["кот"]]) for _ in range(3)),
        *(entries.move(ira, world, [each], None) for each in ids.values()),
        entries.delete(ira, world, [ids["лес"]]),
    )
    view = await books.view(ira, world)
    assert (view.entries, view.revision) == (4 + 5 + 3 - 1, before + 13)
    lines = (await entries.lines(ira, world)).lines
    assert len(lines) == view.entries
    assert len({line.id for line in lines}) == len(lines)


async def test_saving_overlays_what_was_edited_and_keeps_the_rest(
    entries: BookEntries, database: Database, ira: Caller
) -> None:
    silly = {
        "keys": ["кот"],
        "content": "@@role user\nКот.",
        "enabled": True,
        "use_regex": False,
        "insertion_order": 7,
        "extensions": {"position": 4, "depth": 3, "vectorized": False, "sticky": 2, "другое": {"глубже": [None]}},
        "x_unknown": "останется",
    }
    async with database.write() as db:
        found = rows_of({"name": "Острова", "extensions": {}, "entries": [silly]})
        book_id = (await add_book(db, found, owner_id=ira.user_id, character_id=None)).id
    (line,) = (await entries.lines(ira, book_id)).lines
    seen = await entries.entry(ira, line.id)
    edited = replace(seen.form, keys=("кот", "кошка"), depth=1, sticky=0)
    await entries.save(ira, line.id, edited, seen.version)
    async with database.read() as db:
        (kept,) = [said_of(entry) for entry in await entries_of(db, book_id)]
    extensions = {"position": 4, "depth": 1, "vectorized": False, "sticky": 0, "другое": {"глубже": [None]}}
    assert kept == silly | {"keys": ["кот", "кошка"], "position": "after_char", "extensions": extensions}


async def test_what_is_wrong_stands_beside_its_field(entries: BookEntries, ira: Caller, world: int) -> None:
    wrong = EntryForm(keys=("/дракон(/",), content="а" * 20_001, chance=140, scan_depth=-1, title="ключ\u202e")
    with pytest.raises(InvalidForm) as refused:
        await entries.add(ira, world, wrong)
    told = {error.field: str(error) for error in refused.value.errors}
    assert set(told) == {"keys", "content", "chance", "scan_depth", "title"}
    assert told["keys"] == "Key “/дракон(/”: a bracket ( is never closed."
    with pytest.raises(InvalidForm):
        await entries.add(ira, world, EntryForm(keys=tuple(map(str, range(101)))))
    with pytest.raises(InvalidForm) as refused:
        await entries.add(ira, world, EntryForm(keys=("ко\u200bт",)))
    assert [error.field for error in refused.value.errors] == ["keys"], "it would never fire, and nobody could see why"
    at_the_limits = EntryForm(keys=tuple(map(str, range(100))), content="а" * 20_000, chance=0, scan_depth=100)
    await entries.add(ira, world, at_the_limits)


async def test_what_a_file_brought_stays_however_long_until_it_is_edited(
    entries: BookEntries, database: Database, ira: Caller
) -> None:
    long = {"keys": ["к" * 300], "content": "а" * 30_000, "extensions": {}, "enabled": True, "use_regex": False}
    async with database.write() as db:
        found = rows_of({"name": "Острова", "extensions": {}, "entries": [long | {"insertion_order": 0}]})
        book_id = (await add_book(db, found, owner_id=ira.user_id, character_id=None)).id
    (line,) = (await entries.lines(ira, book_id)).lines
    seen = await entries.entry(ira, line.id)
    saved = await entries.save(ira, line.id, replace(seen.form, title="Длинная"), seen.version)
    assert (saved.form.title, len(saved.form.content)) == ("Длинная", 30_000)
    with pytest.raises(InvalidForm):
        await entries.save(ira, line.id, replace(saved.form, content="б" * 30_000), saved.version)


async def test_a_full_book_takes_no_more(
    entries: BookEntries, ira: Caller, world: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(book_room, "MOST_ENTRIES", 5)
    ids = await ids_of(entries, ira, world)
    ended = await asyncio.gather(
        *(entries.add(ira, world, EntryForm(keys=(f"{number}",))) for number in range(3)), return_exceptions=True
    )
    assert sum(isinstance(each, Invalid) for each in ended) == 2
    gone = await entries.delete(ira, world, [ids["кот"], ids["лес"]])
    await entries.add(ira, world)
    with pytest.raises(AppError):
        await entries.restore(ira, world, gone)


async def test_a_book_does_not_grow_for_ever(
    entries: BookEntries, ira: Caller, world: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(book_room, "LONGEST_BOOK", 30)
    ids = await ids_of(entries, ira, world)
    seen = await entries.entry(ira, ids["кот"])
    for longer in (
        entries.add(ira, world, EntryForm(content="а" * 120)),
        entries.save(ira, seen.id, replace(seen.form, content="а" * 120), seen.version),
        entries.duplicate(ira, world, [*ids.values()]),
    ):
        with pytest.raises(Invalid):
            await longer
    await entries.save(ira, seen.id, replace(seen.form, content="Кот."), seen.version)


async def test_trying_out_tells_what_fires_and_why_and_what_does_not(
    entries: BookEntries, books: Books, try_out: TryOut, ira: Caller, world: int
) -> None:
    ids = await ids_of(entries, ira, world)
    tried = await try_out.of_text(ira, world, "На маяке живут коты.")
    assert [(each.id, each.because, each.words) for each in tried.fired] == [
        (ids["кот"], "кот", "коты"),
        (ids["маяк"], "маяк", "маяке"),
    ]
    await entries.switch(ira, world, [ids["кот"]], on=False)
    await books.change(ira, world, token_budget=3)
    tried = await try_out.of_text(ira, world, "На маяке живут коты.")
    assert tried.fired == []
    assert {each.id: each.why for each in tried.left_out} == {ids["кот"]: LeftOut.OFF, ids["маяк"]: LeftOut.BUDGET}


async def test_trying_out_tells_what_has_no_room_and_knows_each_change(
    try_out: TryOut, books: Books, entries: BookEntries, ira: Caller, world: int
) -> None:
    assert not (await try_out.of_text(ira, world, "На маяке живут коты.")).left_out
    await books.change(ira, world, token_budget=0)
    tried = await try_out.of_text(ira, world, "На маяке живут коты.")
    assert [each.title for each in tried.left_out] == ["Кот", "Маяк"]
    assert not tried.fired
    await entries.switch(ira, world, [tried.left_out[0].id], on=False)
    left_out = (await try_out.of_text(ira, world, "На маяке живут коты.")).left_out
    assert [(each.title, each.why) for each in left_out] == [("Кот", LeftOut.OFF), ("Маяк", LeftOut.BUDGET)]


async def test_a_book_with_all_the_keys_that_it_may_have_takes_no_more_of_them(
    entries: BookEntries, ira: Caller, world: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(book_room, "MOST_KEYS", 5)
    entry_id = (await ids_of(entries, ira, world))["кот"]
    entry = await entries.entry(ira, entry_id)
    await entries.save(ira, entry_id, replace(entry.form, keys=("кот", "кошка")), entry.version)
    with pytest.raises(Invalid, match="at most 5 keys"):
        await entries.add(ira, world, EntryForm(keys=("пёс",)))
    with pytest.raises(Invalid, match="at most 5 keys"):
        await entries.duplicate(ira, world, [entry_id])
    entry = await entries.entry(ira, entry_id)
    with pytest.raises(Invalid, match="at most 5 keys"):
        await entries.save(ira, entry_id, replace(entry.form, keys=("кот", "кошка", "котёнок")), entry.version)
    await entries.save(ira, entry_id, replace(entry.form, keys=("пёс", "собака"), content="О собаке."), entry.version)
    await entries.add(ira, world, EntryForm(content="Без ключей."))

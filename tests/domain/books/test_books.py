"""Books as their authors use them: created, changed, deleted, attached; on both databases."""

from __future__ import annotations

import asyncio

import pytest
from sqlmodel import select

from domain.accounts.accounts import Accounts
from domain.accounts.sessions import Caller
from domain.bin import KEPT_IN_BIN
from domain.books.book_entries import BookEntries
from domain.books.book_rows import add_book, book_of, entries_of, rows_of
from domain.books.books import Books
from domain.books.entry_form import EntryForm
from domain.books.try_out import TryOut
from domain.books.worlds import MOST_ATTACHED, Worlds
from domain.characters.characters import Characters
from domain.clock import now
from domain.errors import Invalid, InvalidForm, NotAllowed, NotFound, RateLimited
from domain.model.audit_entry import AuditEntry
from domain.model.book import Book
from domain.model.dialog import Dialog
from domain.quotas import QuotaReached
from domain.rate_limits import BOOK_CHANGES, WORLDS_KEPT, InMemory, RateLimiter
from storage.database import Database
from tests.conftest import UNLIMITED
from tests.domain.conftest import filled


async def test_a_character_gets_one_book_even_by_two_clicks(books: Books, characters: Characters, ira: Caller) -> None:
    marina = await characters.save(ira, filled())
    assert await books.of_character(ira, marina.id) is None
    made = await asyncio.gather(*(books.create_for(ira, marina.id) for _ in range(5)))
    assert len({each.id for each in made}) == 1
    found = await books.of_character(ira, marina.id)
    assert found is not None
    assert (found.name, found.is_world, found.entries, found.character_id) == ("Марина", False, 0, marina.id)


async def test_what_is_not_changed_of_a_book_stays_and_what_is_leaves_no_trace_of_the_old(
    books: Books, ira: Caller, database: Database
) -> None:
    found = rows_of(
        {
            "name": "и" * 200,
            "scan_depth": 2.5,
            "token_budget": 300,
            "description": "Карта",
            "extensions": {"mine": [1]},
            "entries": [],
        }
    )
    async with database.write() as db:
        book_id = (await add_book(db, found, owner_id=ira.user_id, character_id=None)).id
    view = await books.change(ira, book_id, name="  Острова \n юга ", scan_depth=7, is_recursive=True)
    assert (view.name, view.scan_depth, view.token_budget, view.is_recursive) == ("Острова юга", 7, 300, True)
    async with database.read() as db:
        book = await db.get_one(Book, book_id)
        told = book_of(book, await entries_of(db, book.id))
    assert told == {
        "name": "Острова юга",
        "scan_depth": 7,
        "token_budget": 300,
        "recursive_scanning": True,
        "description": "Карта",
        "extensions": {"mine": [1]},
        "entries": [],
    }
    assert (await books.change(ira, book_id, scan_depth=None)).scan_depth is None


async def test_each_wrong_setting_is_named(books: Books, ira: Caller) -> None:
    world = await books.create_world(ira, "Острова")
    with pytest.raises(InvalidForm) as refused:
        await books.change(ira, world.id, name=" ", scan_depth=-1, token_budget=10**9)
    assert {error.field for error in refused.value.errors} == {"name", "scan_depth", "token_budget"}
    with pytest.raises(InvalidForm):
        await books.create_world(ira, "")


async def test_a_deleted_world_comes_back_with_what_it_was_attached_to(
    books: Books, worlds: Worlds, entries: BookEntries, characters: Characters, ira: Caller, database: Database
) -> None:
    marina = await characters.save(ira, filled())
    world = await books.create_world(ira, "Острова")
    await entries.add(ira, world.id, EntryForm(keys=("кот",), content="Рыжий."))
    await worlds.attach(ira, world.id, marina.id)
    await books.delete(ira, world.id)
    assert await books.worlds(ira) == []
    assert await worlds.of_character(ira, marina.id) == []
    with pytest.raises(NotFound):
        await entries.lines(ira, world.id)
    restored = await books.restore(ira, world.id)
    assert (restored.entries, [each.name for each in restored.attached_to]) == (1, ["Марина"])
    assert [each.name for each in await worlds.of_character(ira, marina.id)] == ["Острова"]
    await books.delete(ira, world.id)
    async with database.write() as db:
        (await db.get_one(Book, world.id)).deleted_at = now() - KEPT_IN_BIN
    with pytest.raises(NotAllowed):
        await books.restore(ira, world.id)


async def test_nothing_is_changed_in_a_deleted_world(books: Books, entries: BookEntries, ira: Caller) -> None:
    """Another window may still show it."""
    world = await books.create_world(ira, "Острова")
    kept = await entries.add(ira, world.id, EntryForm(keys=("кот",), content="Рыжий."))
    await books.delete(ira, world.id)
    for change in (
        books.change(ira, world.id, name="Горы"),
        books.delete(ira, world.id),
        entries.add(ira, world.id),
        entries.save(ira, kept.id, EntryForm(content="Серый."), kept.version),
        entries.delete(ira, world.id, [kept.id]),
    ):
        with pytest.raises(NotFound):
            await change
    restored = await books.restore(ira, world.id)
    assert (restored.name, restored.entries) == ("Острова", 1)
    assert (await entries.entry(ira, kept.id)).form.content == "Рыжий."


async def test_a_world_is_told_to_be_known_only_where_it_still_is(
    books: Books, worlds: Worlds, characters: Characters, database: Database, ira: Caller
) -> None:
    world = await books.create_world(ira, "Острова")
    kept, gone = [await characters.save(ira, filled(name=name)) for name in ("Марина", "Пётр")]
    async with database.write() as db:
        dialogs = [Dialog(user_id=ira.user_id, character_id=kept.id) for _ in range(2)]
        db.add_all(dialogs)
    for character in (kept, gone):
        await worlds.attach(ira, world.id, character.id)
    for dialog in dialogs:
        await worlds.attach_to_dialog(ira, world.id, dialog.id)
    await characters.delete(ira, gone.id)
    async with database.write() as db:
        (await db.get_one(Dialog, dialogs[0].id)).deleted_at = now()
    (view,) = await books.worlds(ira)
    assert ([each.name for each in view.attached_to], view.chats) == (["Марина"], 1)


async def test_a_new_book_of_a_character_takes_the_place_of_a_deleted_one(
    books: Books, characters: Characters, ira: Caller
) -> None:
    marina = await characters.save(ira, filled())
    first = await books.create_for(ira, marina.id)
    await books.delete(ira, first.id)
    assert await books.of_character(ira, marina.id) is None
    second = await books.create_for(ira, marina.id)
    assert second.id != first.id
    with pytest.raises(NotFound):
        await books.restore(ira, first.id)


async def test_strangers_find_no_book_and_no_entry(
    books: Books,
    entries: BookEntries,
    worlds: Worlds,
    try_out: TryOut,
    characters: Characters,
    ira: Caller,
    boris: Caller,
) -> None:
    marina = await characters.save(ira, filled(is_public=True))
    theirs = await characters.save(boris, filled())
    book, world = await books.create_for(ira, marina.id), await books.create_world(ira, "Острова")
    entry = await entries.add(ira, book.id, EntryForm(keys=("кот",), content="Тайна."))
    refused = (
        books.of_character(boris, marina.id),
        books.create_for(boris, marina.id),
        books.view(boris, book.id),
        books.view(boris, world.id),
        books.change(boris, world.id, name="Моё"),
        books.delete(boris, book.id),
        books.delete(boris, world.id),
        books.restore(boris, world.id),
        entries.lines(boris, book.id),
        entries.lines(boris, world.id),
        entries.entry(boris, entry.id),
        entries.add(boris, book.id),
        entries.save(boris, entry.id, EntryForm(), entry.version),
        entries.duplicate(boris, book.id, [entry.id]),
        entries.delete(boris, book.id, [entry.id]),
        entries.restore(boris, book.id, [entry.id]),
        entries.move(boris, book.id, [entry.id], None),
        entries.switch(boris, book.id, [entry.id], on=False),
        try_out.of_text(boris, book.id, "Где кот?"),
        try_out.of_text(boris, world.id, "Где кот?"),
        worlds.of_character(boris, marina.id),
        worlds.attach(boris, world.id, theirs.id),
        worlds.detach(boris, world.id, marina.id),
    )
    for asked in refused:
        with pytest.raises((NotFound, NotAllowed)):
            await asked


async def test_entries_are_reached_by_their_own_book_only(
    books: Books, entries: BookEntries, ira: Caller, boris: Caller
) -> None:
    hers, his = await books.create_world(ira, "Её"), await books.create_world(boris, "Его")
    entry = await entries.add(ira, hers.id, EntryForm(content="Её."))
    assert await entries.delete(boris, his.id, [entry.id]) == []
    assert await entries.duplicate(boris, his.id, [entry.id]) == []
    await entries.switch(boris, his.id, [entry.id], on=False)
    await entries.move(boris, his.id, [entry.id], None)
    assert [line.is_on for line in (await entries.lines(ira, hers.id)).lines] == [True]


async def test_what_an_admin_changes_in_a_book_is_in_the_audit_log(
    books: Books,
    entries: BookEntries,
    characters: Characters,
    accounts: Accounts,
    database: Database,
    ira: Caller,
    boris: Caller,
) -> None:
    marina = await characters.save(ira, filled())
    book = await books.create_for(ira, marina.id)
    entry = await entries.add(ira, book.id, EntryForm(content="Тайна."))
    await accounts.set_admin("boris@example.org", is_admin=True)
    assert (await entries.entry(boris, entry.id)).form.content == "Тайна."
    await entries.switch(boris, book.id, [entry.id], on=False)
    with pytest.raises(NotAllowed):
        await books.delete(boris, book.id)
    await books.delete(ira, book.id)
    with pytest.raises(NotAllowed):
        await books.restore(boris, book.id)
    async with database.read() as db:
        noted = (await db.exec(select(AuditEntry).where(AuditEntry.action == "character.changed"))).all()
    assert [(each.actor_id, each.target_id, each.changes) for each in noted] == [
        (boris.user_id, marina.id, {"fields": [None, ["book"]]})
    ]


async def test_admins_read_a_world_only_where_a_character_knows_it(
    books: Books, worlds: Worlds, characters: Characters, accounts: Accounts, ira: Caller, boris: Caller
) -> None:
    marina, world = await characters.save(ira, filled()), await books.create_world(ira, "Острова")
    await accounts.set_admin("boris@example.org", is_admin=True)
    with pytest.raises(NotFound):
        await books.view(boris, world.id)
    await worlds.attach(ira, world.id, marina.id)
    assert (await books.view(boris, world.id)).name == "Острова"
    with pytest.raises(NotFound):
        await books.change(boris, world.id, name="Другое")
    with pytest.raises(NotAllowed):
        await worlds.detach(boris, world.id, marina.id)


async def test_a_world_is_attached_once_and_can_be_taken_off(
    books: Books, worlds: Worlds, characters: Characters, database: Database, ira: Caller, boris: Caller
) -> None:
    marina, world = await characters.save(ira, filled()), await books.create_world(ira, "Острова")
    async with database.write() as db:
        dialog, foreign = (
            Dialog(user_id=ira.user_id, character_id=marina.id),
            Dialog(user_id=boris.user_id, character_id=marina.id),
        )
        db.add_all([dialog, foreign])
    await asyncio.gather(*(worlds.attach(ira, world.id, marina.id) for _ in range(4)))
    await worlds.attach_to_dialog(ira, world.id, dialog.id)
    assert [each.name for each in await worlds.of_character(ira, marina.id)] == ["Острова"]
    assert [each.name for each in await worlds.of_dialog(ira, dialog.id)] == ["Острова"]
    with pytest.raises(NotFound):
        await worlds.attach_to_dialog(ira, world.id, foreign.id)
    book = await books.create_for(ira, marina.id)
    with pytest.raises(NotFound):
        await worlds.attach(ira, book.id, marina.id)
    await worlds.detach(ira, world.id, marina.id)
    await worlds.detach_from_dialog(ira, world.id, dialog.id)
    assert await worlds.of_character(ira, marina.id) == await worlds.of_dialog(ira, dialog.id) == []


async def test_no_change_of_a_book_goes_uncounted(
    books: Books, worlds: Worlds, entries: BookEntries, characters: Characters, database: Database, ira: Caller
) -> None:
    """A program that changes a book without end would make every reply wait until it is compiled."""
    marina, world = await characters.save(ira, filled()), await books.create_world(ira, "Острова")
    entry = await entries.add(ira, world.id, EntryForm(content="Кот."))
    async with database.write() as db:
        dialog = Dialog(user_id=ira.user_id, character_id=marina.id)
        db.add(dialog)
    none = RateLimiter(InMemory(), UNLIMITED | {BOOK_CHANGES.name: 0})
    books, worlds, entries = Books(database, none), Worlds(database, none), BookEntries(database, none)
    for change in (
        books.change(ira, world.id, name="Горы"),
        books.delete(ira, world.id),
        books.restore(ira, world.id),
        worlds.attach(ira, world.id, marina.id),
        worlds.detach(ira, world.id, marina.id),
        worlds.attach_to_dialog(ira, world.id, dialog.id),
        worlds.detach_from_dialog(ira, world.id, dialog.id),
        entries.add(ira, world.id),
        entries.save(ira, entry.id, entry.form, entry.version),
        entries.duplicate(ira, world.id, [entry.id]),
        entries.delete(ira, world.id, [entry.id]),
        entries.restore(ira, world.id, [entry.id]),
        entries.move(ira, world.id, [entry.id], None),
        entries.switch(ira, world.id, [entry.id], on=False),
    ):
        with pytest.raises(RateLimited):
            await change


async def test_books_of_characters_are_no_worlds_and_take_no_room_from_them(
    books: Books, characters: Characters, database: Database, ira: Caller
) -> None:
    for _ in range(2):
        await books.create_for(ira, (await characters.save(ira, filled())).id)
    few = Books(database, RateLimiter(InMemory(), UNLIMITED | {WORLDS_KEPT.name: 1}))
    await few.create_world(ira, "Острова")
    with pytest.raises(QuotaReached):
        await few.create_world(ira, "Горы")


async def test_there_is_an_end_to_worlds(
    worlds: Worlds, characters: Characters, database: Database, ira: Caller
) -> None:
    few = Books(database, RateLimiter(InMemory(), UNLIMITED | {WORLDS_KEPT.name: MOST_ATTACHED + 1}))
    marina = await characters.save(ira, filled())
    made = [await few.create_world(ira, f"Мир {number}") for number in range(MOST_ATTACHED + 1)]
    with pytest.raises(QuotaReached):
        await few.create_world(ira, "Ещё один")
    for world in made[:-1]:
        await worlds.attach(ira, world.id, marina.id)
    with pytest.raises(Invalid):
        await worlds.attach(ira, made[-1].id, marina.id)
    await worlds.attach(ira, made[0].id, marina.id)
    async with database.write() as db:
        dialog = Dialog(user_id=ira.user_id, character_id=marina.id)
        db.add(dialog)
    for world in made[:-1]:
        await worlds.attach_to_dialog(ira, world.id, dialog.id)
    with pytest.raises(Invalid):
        await worlds.attach_to_dialog(ira, made[-1].id, dialog.id)
    await worlds.attach_to_dialog(ira, made[0].id, dialog.id)
    there = await worlds.of_character(ira, marina.id), await worlds.of_dialog(ira, dialog.id)
    assert [*map(len, there)] == [MOST_ATTACHED, MOST_ATTACHED]
    await few.delete(ira, made[0].id)
    there = await worlds.of_character(ira, marina.id), await worlds.of_dialog(ira, dialog.id)
    assert [*map(len, there)] == [MOST_ATTACHED - 1, MOST_ATTACHED - 1], "a deleted world makes room"


async def test_tokens_are_told_of_what_is_on_and_of_what_always_stands_there(
    books: Books, entries: BookEntries, ira: Caller
) -> None:
    world = await books.create_world(ira, "Острова")
    await entries.add(ira, world.id, EntryForm(content="а" * 30, is_constant=True))
    await entries.add(ira, world.id, EntryForm(content="б" * 60))
    await entries.add(ira, world.id, EntryForm(content="в" * 90, is_on=False))
    view = await books.view(ira, world.id)
    assert (view.entries, view.entries_on, view.tokens_on, view.tokens_constant) == (3, 2, 30, 10)

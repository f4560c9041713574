"""Audited views: an admin may look at private characters and worlds, but never without an entry in the audit log."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, timedelta

import pytest

from domain.accounts.sessions import Caller
from domain.admin.details import AdminDetails
from domain.books.book_entries import BookEntries
from domain.books.books import Books
from domain.books.entry_form import EntryForm
from domain.books.try_out import TryOut
from domain.books.worlds import Worlds
from domain.cards.book_export import BookExport
from domain.cards.card_export import NO_COLOURS, CardExport
from domain.cards.workers import Workers
from domain.cards.writing import CardKind
from domain.characters.characters import Characters
from domain.characters.versions import CharacterVersions
from domain.errors import NotFound
from domain.model.audit_entry import ONE_VISIT
from domain.pictures.photos import Photos
from domain.rate_limits import RateLimiter
from tests.clock import Clock
from tests.domain.admin.admin_world import AdminWorld
from tests.domain.conftest import filled

Entry = tuple[str, int | None, int | None, int | None]


async def entries_of(admin_world: AdminWorld, admin: Caller) -> list[Entry]:
    """Audit log as (action, actor, target, person), oldest first."""
    page = await admin_world.journal.page(admin)
    return [(each.action, each.actor_id, each.target_id, each.person_id) for each in reversed(page)]


WAYS = "page editor admins_page card archive versions chat book its_view lines entry file"


@pytest.mark.parametrize("way", WAYS.split())
async def test_an_admin_looks_at_a_private_character_by_no_way_without_an_entry(
    admin_world: AdminWorld, characters: Characters, photos: Photos, limits: RateLimiter, workers: Workers, way: str
) -> None:
    database = admin_world.database
    admin, author = await admin_world.admin(), await admin_world.world.somebody()
    marina = await characters.save(author, filled(is_public=False))
    books, entries = Books(database, limits), BookEntries(database, limits)
    book = await books.create_for(author, marina.id)
    entry = await entries.add(author, book.id, EntryForm(content="Тайна."))
    cards = CardExport(database, photos, limits, workers)

    async def archive(caller: Caller) -> None:
        async for _piece in await cards.export_many(
            caller, [marina.id], CardKind.JSON, lambda _name, _look: NO_COLOURS
        ):
            pass

    ways: dict[str, Callable[[Caller], Awaitable[object]]] = {
        "page": lambda caller: characters.get(caller, marina.id),
        "editor": lambda caller: characters.get_own(caller, marina.id),
        "admins_page": lambda _caller: AdminDetails(database, admin_world.world.bus).character(admin, marina.id, UTC),
        "card": lambda caller: cards.export(caller, marina.id, CardKind.JSON, lambda _name, _look: NO_COLOURS),
        "archive": archive,
        "versions": lambda caller: CharacterVersions(database, limits).of(caller, marina.id),
        "chat": lambda caller: admin_world.world.chat.begin(caller, marina.id),
        "book": lambda caller: books.of_character(caller, marina.id),
        "its_view": lambda caller: books.view(caller, book.id),
        "lines": lambda caller: entries.lines(caller, book.id),
        "entry": lambda caller: entries.entry(caller, entry.id),
        "file": lambda caller: BookExport(database, limits, workers).export(caller, book.id),
    }
    if way != "admins_page":
        await ways[way](author)
    assert await entries_of(admin_world, admin) == [], "what authors do with their own is nobody's business"
    await ways[way](admin)
    assert await entries_of(admin_world, admin) == [("character.viewed", admin.user_id, marina.id, author.user_id)]


async def test_what_the_model_reads_of_a_character_made_private_since_is_a_view(
    admin_world: AdminWorld, characters: Characters
) -> None:
    admin, author = await admin_world.admin(), await admin_world.world.somebody()
    chat, marina = admin_world.world.chat, await characters.save(author, filled(is_public=True))
    dialog_id = await chat.begin(admin, marina.id)
    await chat.next_prompt(admin, dialog_id)
    await characters.save(author, filled(id=marina.id, is_public=False, context="Тайна."))
    assert await entries_of(admin_world, admin) == []
    prompt = await chat.next_prompt(admin, dialog_id)
    assert "Тайна." in prompt.messages[0].text
    assert await entries_of(admin_world, admin) == [("character.viewed", admin.user_id, marina.id, author.user_id)]


async def test_one_visit_is_one_entry(admin_world: AdminWorld, characters: Characters, clock: Clock) -> None:
    first, second = await admin_world.admin(), await admin_world.admin()
    author = await admin_world.world.somebody()
    marina = await characters.save(author, filled(is_public=False))
    anna = await characters.save(author, filled(name="Анна", is_public=False))
    seen = [(first, marina), (first, marina), (second, marina), (first, anna)]
    for admin, character in seen:
        await characters.get(admin, character.id)
    clock.advance(ONE_VISIT + timedelta(seconds=1))
    await characters.get_own(first, marina.id)
    assert [entry[1:3] for entry in await entries_of(admin_world, first)] == [
        (first.user_id, marina.id),
        (second.user_id, marina.id),
        (first.user_id, anna.id),
        (first.user_id, marina.id),
    ]


async def test_what_everybody_may_see_and_what_is_refused_is_no_view(
    admin_world: AdminWorld, characters: Characters
) -> None:
    admin, author, stranger = (
        await admin_world.admin(),
        await admin_world.world.somebody(),
        await admin_world.world.somebody(),
    )
    marina = await characters.save(author, filled(is_public=True))
    anna = await characters.save(author, filled(name="Анна", is_public=False))
    own = await characters.save(admin, filled(name="Моя", is_public=False))
    for caller, character in ((admin, marina), (stranger, marina), (None, marina), (admin, own)):
        await characters.get(caller, character.id)
    await characters.get_own(admin, marina.id)
    with pytest.raises(NotFound):
        await characters.get(stranger, anna.id)
    assert await entries_of(admin_world, admin) == []


async def test_somebody_elses_world_is_as_private(
    admin_world: AdminWorld, characters: Characters, limits: RateLimiter
) -> None:
    database = admin_world.database
    admin, author = await admin_world.admin(), await admin_world.world.somebody()
    books, entries = Books(database, limits), BookEntries(database, limits)
    marina, world = await characters.save(author, filled(is_public=True)), await books.create_world(author, "Острова")
    await Worlds(database, limits).attach(author, world.id, marina.id)
    await entries.lines(author, world.id)
    assert await entries_of(admin_world, admin) == []
    await TryOut(database, limits).of_text(admin, world.id, "Где кот?")
    await books.view(admin, world.id)
    assert await entries_of(admin_world, admin) == [("world.viewed", admin.user_id, world.id, author.user_id)]

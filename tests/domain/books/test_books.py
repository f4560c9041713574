"""Books as their authors use them: made, changed, thrown away; on both databases."""

from __future__ import annotations

import pytest

from domain.accounts.sessions import Caller
from domain.books.book_entries import BookEntries, Outdated
from domain.books.books import Books
from domain.books.entry_form import EntryForm
from domain.books.try_out import TryOut
from domain.books.worlds import Worlds
from domain.characters.characters import Characters
from domain.errors import NotFound
from tests.domain.conftest import filled

pytestmark = pytest.mark.any_database


async def test_a_character_gets_a_book_with_entries(
    books: Books, entries: BookEntries, try_out: TryOut, characters: Characters, ira: Caller
) -> None:
    marina = await characters.save(ira, filled())
    assert await books.of_character(ira, marina.id) is None
    book = await books.create_for(ira, marina.id)
    assert (await books.create_for(ira, marina.id)).id == book.id
    lighthouse = await entries.add(
        ira, book.id, EntryForm(title="Маяк", keys=("маяк",), content="Маяк стоит на скале.")
    )
    await entries.add(ira, book.id, EntryForm(keys=("море",), content="Море холодное."), before=lighthouse.id)
    table = await entries.lines(ira, book.id)
    assert [(line.keys, line.excerpt) for line in table.lines] == [
        ("море", "Море холодное."),
        ("маяк", "Маяк стоит на скале."),
    ]
    assert [line.keys for line in (await entries.lines(ira, book.id, "СКАЛЕ маяк")).lines] == ["маяк"]
    tried = await try_out.of_text(ira, book.id, "Мы пришли к маяку.")
    assert [(each.title, each.because) for each in tried.fired] == [("Маяк", "маяк")]


async def test_what_another_window_changed_meanwhile_is_not_undone(
    books: Books, entries: BookEntries, ira: Caller
) -> None:
    world = await books.create_world(ira, "Острова")
    first = await entries.add(ira, world.id, EntryForm(keys=("кот",), content="Кот."))
    await entries.save(ira, first.id, EntryForm(keys=("кот",), content="Кот рыжий."), first.version)
    with pytest.raises(Outdated):
        await entries.save(ira, first.id, EntryForm(keys=("кот",), content="Кот серый."), first.version)
    assert (await entries.entry(ira, first.id)).form.content == "Кот рыжий."


async def test_a_world_is_attached_to_a_character(
    books: Books, worlds: Worlds, characters: Characters, ira: Caller, boris: Caller
) -> None:
    marina = await characters.save(ira, filled())
    world = await books.create_world(ira, "Острова")
    await worlds.attach(ira, world.id, marina.id)
    await worlds.attach(ira, world.id, marina.id)
    (attached,) = await worlds.of_character(ira, marina.id)
    assert [each.name for each in attached.attached_to] == ["Марина"]
    with pytest.raises(NotFound):
        await books.view(boris, world.id)

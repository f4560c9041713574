"""Copies of a dialog up to one of its messages: the same past, another continuation; on both databases."""

from __future__ import annotations

import pytest
from sqlmodel import select

from domain.books.books import Books
from domain.books.worlds import Worlds
from domain.chat.dialog_copies import DialogCopies
from domain.chat.import_export import CHUNK
from domain.errors import NotFound
from domain.llm.port import Role
from domain.model.dialog import Dialog, Message
from domain.model.user import FormOfAddress
from domain.rate_limits import InMemory, RateLimiter
from domain.statistics.hourly_totals import compute
from domain.usage.usage import hour_of
from tests.clock import Clock
from tests.conftest import UNLIMITED
from tests.domain.chat.conftest import GREETING, ChatWorld
from tests.domain.chat.test_dialogs import named, said


@pytest.fixture
def copies(world: ChatWorld) -> DialogCopies:
    return DialogCopies(world.database, world.bus, RateLimiter(InMemory(), UNLIMITED))


async def test_a_copy_has_the_past_up_to_the_message_and_goes_its_own_way(
    world: ChatWorld, copies: DialogCopies
) -> None:
    person = await world.somebody()
    dialog = await named(world, person, "Ночь на маяке")
    await world.dialogs.choose_form_of_address(person, dialog, "ты")
    await said(world, dialog, "Кто там?")
    reply = await said(world, dialog, "Это ветер.", role=Role.ASSISTANT)
    await said(world, dialog, "А если нет?")
    copy = (await copies.copy_up_to(person, reply)).id
    assert [each.text for each in await world.messages(person, copy)] == [GREETING, "Кто там?", "Это ветер."]
    await world.chat.send(person, copy, "Открой дверь", "1")
    await world.ended(person, copy)
    assert [each.text for each in await world.messages(person, dialog)][-1] == "А если нет?", "the first one stays"
    async with world.database.read() as db:
        made = await db.get_one(Dialog, copy)
    assert (made.title, made.form_of_address) == ("Ночь на маяке", FormOfAddress.INFORMAL)
    assert [line.dialog.id for line in await world.dialogs.list_own(person)] == [copy, dialog]


async def test_a_copy_knows_the_worlds_that_were_attached(world: ChatWorld, copies: DialogCopies) -> None:
    person = await world.somebody()
    dialog = await world.dialog(person)
    limits = RateLimiter(InMemory(), UNLIMITED)
    books, worlds = Books(world.database, limits), Worlds(world.database, limits)
    islands = await books.create_world(person, "Острова")
    await worlds.attach_to_dialog(person, islands.id, dialog)
    copy = (await copies.copy_up_to(person, await said(world, dialog, "Кто там?"))).id
    assert [each.name for each in await worlds.of_dialog(person, copy)] == ["Острова"]


async def test_a_long_past_is_copied_whole_and_stays_a_path(world: ChatWorld, copies: DialogCopies) -> None:
    person = await world.somebody()
    dialog = await world.dialog(person)
    for number in range(CHUNK + 3):
        last = await said(world, dialog, f"Слово {number}")
    copy = (await copies.copy_up_to(person, last)).id
    page = await world.chat.page(person, copy, limit=1000)
    assert [each.text for each in page] == [GREETING, *(f"Слово {number}" for number in range(CHUNK + 3))]
    assert [each.depth for each in page] == list(range(CHUNK + 4))


async def test_what_was_copied_is_counted_once(world: ChatWorld, copies: DialogCopies, clock: Clock) -> None:
    person = await world.somebody()
    dialog = await world.dialog(person)
    await world.chat.send(person, dialog, "Кто там?", "1")
    await world.ended(person, dialog)
    reply = (await world.messages(person, dialog))[-1]
    await copies.copy_up_to(person, reply.id)
    this = hour_of(clock.time)
    async with world.database.read() as db:
        [(hour, _models)] = await compute(db, range(this, this + 1))
        kept = list(await db.exec(select(Message).where(Message.is_copied)))
    assert (hour.messages, hour.replies) == (1, 1)
    assert len(kept) == 3
    assert {(each.tokens_in, each.cost, each.first_text_ms, each.client_id) for each in kept} == {(None,) * 4}


async def test_only_what_is_ones_own_and_there_is_copied(world: ChatWorld, copies: DialogCopies) -> None:
    person, stranger = await world.somebody(), await world.somebody()
    dialog = await world.dialog(person)
    message = await said(world, dialog, "Кто там?")
    for caller, about in ((stranger, message), (person, 10**12)):
        with pytest.raises(NotFound):
            await copies.copy_up_to(caller, about)
    await world.branches.delete(person, message)
    with pytest.raises(NotFound):
        await copies.copy_up_to(person, message)
    assert len(await world.dialogs.list_own(person)) == 1

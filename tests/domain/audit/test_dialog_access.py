"""Audited access: an admin reads a dialog only after saying why; it is in the audit log and the person is told."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlmodel import select

from domain.accounts.notices import NoticeKind
from domain.audit.dialog_access import DialogAccess, ReadingReason
from domain.chat.replies import reply_row
from domain.errors import NotAllowed, NotFound
from domain.model.dialog import Message, State
from tests.clock import Clock
from tests.domain.admin.admin_world import AdminWorld
from tests.domain.books.test_activation import entry
from tests.domain.chat.conftest import until
from tests.domain.chat.prompts.test_lore import book, say
from tests.domain.memory.memory_world import Remembering, memory_of, reader_of


async def test_nothing_is_read_without_a_reason_and_the_person_learns_of_it(admin_world: AdminWorld) -> None:
    admin, other, ira = await admin_world.admin(), await admin_world.admin(), await admin_world.world.somebody()
    dialog_id = await admin_world.world.dialog(ira)
    with pytest.raises(NotAllowed):
        await admin_world.reading.conversation(admin, dialog_id)
    twice = (admin_world.reading.open(admin, dialog_id, ReadingReason.REPORT, "Жалоба на угрозы") for _ in range(2))
    assert len(set(await asyncio.gather(*twice))) == 1, "a double click is told of once"
    conversation = await admin_world.reading.conversation(admin, dialog_id)
    assert [each.text for each in conversation.messages] == ["Заходи, здесь тепло."]
    assert (conversation.reader.id, conversation.may_go_on) == (ira.user_id, False)
    with pytest.raises(NotAllowed):  # each admin says why for themselves
        await admin_world.reading.refresh(other, dialog_id, [1])
    (notice,) = await admin_world.told(ira)
    assert (notice.kind, notice.data["reason"], notice.data["character"]) == (
        NoticeKind.DIALOG_READ,
        "report",
        "Марина",
    )
    assert await admin_world.notices.unseen_count(ira) == 1
    await admin_world.notices.seen(other, [notice.id])  # somebody else's notice stays as it is
    assert await admin_world.notices.unseen_count(ira) == 1
    await admin_world.notices.seen(ira, [notice.id])
    assert await admin_world.notices.unseen_count(ira) == 0
    (entry,) = await admin_world.journal.page(admin)
    assert (entry.action, entry.target_id, entry.person_id) == ("dialog.opened", dialog_id, ira.user_id)
    assert entry.reason == "Жалоба на угрозы"


async def test_after_an_hour_it_has_to_be_said_again(admin_world: AdminWorld, clock: Clock) -> None:
    admin, ira = await admin_world.admin(), await admin_world.world.somebody()
    dialog_id = await admin_world.world.dialog(ira)
    opening_id = await admin_world.reading.open(admin, dialog_id, ReadingReason.SAFETY)
    clock.advance(timedelta(minutes=59))
    assert await admin_world.reading.conversation(admin, dialog_id)
    assert await admin_world.reading.open(admin, dialog_id, ReadingReason.SAFETY) == opening_id
    clock.advance(timedelta(minutes=1))
    with pytest.raises(NotAllowed):
        await admin_world.reading.conversation(admin, dialog_id)


async def test_other_branches_are_read_without_turning_the_persons_page(admin_world: AdminWorld) -> None:
    admin, ira = await admin_world.admin(), await admin_world.world.somebody()
    dialog_id = await admin_world.world.dialog(ira)
    await admin_world.world.chat.send(ira, dialog_id, "Кто ты?", "1")
    first = await admin_world.world.ended(ira, dialog_id)
    await admin_world.world.branches.regenerate(ira, first.id)
    second = await admin_world.world.ended(ira, dialog_id)
    await admin_world.reading.open(admin, dialog_id, ReadingReason.FAULT)
    conversation = await admin_world.reading.conversation(admin, dialog_id)
    assert conversation.siblings[second.id] == (2, 2, first.id, None)
    other = await admin_world.reading.conversation(admin, dialog_id, through=first.id)
    assert other.messages[-1].id == first.id
    assert (await admin_world.world.messages(ira, dialog_id))[-1].id == second.id
    with pytest.raises(NotFound):
        await admin_world.reading.conversation(admin, dialog_id, through=1_000_000)


async def test_a_running_reply_and_a_dialog_in_the_bin_are_read_as_they_are(admin_world: AdminWorld) -> None:
    admin, ira = await admin_world.admin(), await admin_world.world.somebody()
    dialog_id = await admin_world.world.dialog(ira)
    admin_world.world.llm.answer(fault="endless", style="fine", pause=0.01)
    await admin_world.world.chat.send(ira, dialog_id, "Расскажи", "1")
    reply = (await admin_world.world.messages(ira, dialog_id))[-1]
    await admin_world.reading.open(admin, dialog_id, ReadingReason.FAULT)
    (seen,) = (await admin_world.reading.refresh(admin, dialog_id, [reply.id])).messages
    assert seen.state == State.RUNNING
    await admin_world.world.chat.stop(ira, dialog_id)
    await admin_world.world.ended(ira, dialog_id)
    await admin_world.world.dialogs.delete(ira, dialog_id)
    assert (await admin_world.reading.conversation(admin, dialog_id)).dialog.deleted_at


async def test_the_person_and_an_admin_read_a_running_reply_ahead_of_what_is_saved(
    admin_world: AdminWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reply_row, "SAVED_EVERY", 3600)
    world, admin, ira = admin_world.world, await admin_world.admin(), await admin_world.world.somebody()
    dialog_id = await world.dialog(ira)
    world.llm.answer(fault="endless", style="fine", pause=0.01)
    await world.chat.send(ira, dialog_id, "Расскажи", "1")

    async def has_begun() -> bool:
        return bool((await world.messages(ira, dialog_id))[-1].text)

    await until(has_begun)
    await admin_world.reading.open(admin, dialog_id, ReadingReason.FAULT)
    async with world.database.read() as db:
        saved = (await db.exec(select(Message).where(Message.state == State.RUNNING))).one()
    assert not saved.text
    assert (await world.chat.refresh(ira, dialog_id, {saved.id})).messages[0].text
    assert (await world.chat.page(ira, dialog_id, 10))[-1].text
    assert (await admin_world.reading.conversation(admin, dialog_id)).messages[-1].text
    assert (await admin_world.reading.refresh(admin, dialog_id, [saved.id])).messages[0].text
    assert (await admin_world.reading.read_for_api(admin, dialog_id, 10))[-1].text


async def test_only_what_is_in_the_dialog_is_looked_at(admin_world: AdminWorld) -> None:
    admin, ira, boris = (
        await admin_world.admin(),
        await admin_world.world.somebody(),
        await admin_world.world.somebody(),
    )
    dialog_id, another = await admin_world.world.dialog(ira), await admin_world.world.dialog(boris)
    await admin_world.reading.open(admin, dialog_id, ReadingReason.FAULT)
    (foreign,) = await admin_world.world.messages(boris, another)
    assert (await admin_world.reading.refresh(admin, dialog_id, [foreign.id])).messages == []
    assert (await admin_world.world.chat.refresh(ira, dialog_id, {foreign.id})).messages == []


async def test_a_program_opens_once_an_hour_and_whoever_wishes_tells_nobody(admin_world: AdminWorld) -> None:
    admin, ira = await admin_world.admin(), await admin_world.world.somebody()
    dialog_id = await admin_world.world.dialog(ira)
    for _ in range(3):
        assert len(await admin_world.reading.read_for_api(admin, dialog_id, 10)) == 1
    assert await admin_world.actions() == ["dialog.opened"]
    assert len(await admin_world.told(ira)) == 1
    await admin_world.world.dialogs.delete(ira, dialog_id)
    with pytest.raises(NotFound):  # an admin opens it by saying why, which a program does not
        await admin_world.reading.read_for_api(admin, dialog_id, 10)
    world = admin_world.world
    memory = reader_of(world.reply_writer)
    quiet = DialogAccess(world.database, world.bus, world.reply_writer, memory, tell_the_person=False)
    await quiet.open(admin, dialog_id, ReadingReason.LAW)
    assert len(await admin_world.told(ira)) == 1


async def test_an_admin_is_not_told_of_reading_their_own_dialog(admin_world: AdminWorld) -> None:
    admin = await admin_world.admin()
    dialog_id = await admin_world.world.dialog(admin)
    await admin_world.reading.open(admin, dialog_id, ReadingReason.FAULT)
    assert await admin_world.actions() == ["dialog.opened"]
    assert await admin_world.told(admin) == []


async def test_what_is_remembered_is_read_as_the_person_sees_it_with_an_opening_only(admin_world: AdminWorld) -> None:
    admin, ira = await admin_world.admin(), await admin_world.world.somebody()
    dialog_id = await admin_world.world.dialog(ira)
    talk = Remembering(admin_world.world, ira, dialog_id, memory_of(admin_world.world))
    said = await talk.said("Меня зовут Ира.")
    await talk.known("Её зовут Ира.", said)
    await talk.summarised("Познакомились.", said, said)
    await talk.memory.forget_fact(ira, dialog_id, await talk.known("Ира боится темноты.", said))
    await talk.memory.pin_message(ira, dialog_id, said)
    with pytest.raises(NotAllowed):
        await admin_world.reading.memory(admin, dialog_id)
    await admin_world.reading.open(admin, dialog_id, ReadingReason.REPORT)
    assert await admin_world.reading.memory(admin, dialog_id) == await talk.overview()
    with pytest.raises(NotFound):
        await admin_world.reading.memory(admin, 1_000_000)
    with pytest.raises(NotFound):
        await talk.memory.overview(admin, dialog_id)


async def test_an_admin_reads_which_entries_stood_in_a_prompt_only_with_a_reason(admin_world: AdminWorld) -> None:
    world = admin_world.world
    admin = await admin_world.admin()
    author, ira = await world.people(2)
    character = await world.character(author)
    await book(world.database, author, entry("маяк", "Тайна маяка.", name="Маяк"), character_id=character.id)
    dialog_id = await world.chat.begin(ira, character.id)
    await say(world, ira, dialog_id, "Что с маяком?")
    reply = (await world.messages(ira, dialog_id))[-1]
    with pytest.raises(NotAllowed):
        await admin_world.reading.conversation(admin, dialog_id)
    with pytest.raises(NotFound):
        await world.chat.lore(admin, reply.id)
    await admin_world.reading.open(admin, dialog_id, ReadingReason.REPORT)
    for seen in (
        await admin_world.reading.conversation(admin, dialog_id),
        await admin_world.reading.refresh(admin, dialog_id, [reply.id]),
    ):
        (fired,) = seen.lore[reply.id]
        assert (fired.title, fired.text, fired.because) == ("Маяк", "Тайна маяка.", "маяк")
    assert (await world.chat.open(ira, dialog_id)).lore == {}, "to the person it is the author's secret"

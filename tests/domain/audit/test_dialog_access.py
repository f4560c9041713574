"""Audited access: an admin reads a dialog only after saying why; it is in the audit log and the person is told."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlmodel import select

from domain.accounts.notices import NoticeKind
from domain.audit.dialog_access import DialogAccess, ReadingReason
from domain.chat import reply_writer
from domain.errors import NotAllowed, NotFound
from domain.model.dialog import Message, State
from tests.clock import Clock
from tests.domain.admin.office import Office
from tests.domain.chat.conftest import until


async def test_nothing_is_read_without_a_reason_and_the_person_learns_of_it(office: Office) -> None:
    admin, other, ira = await office.admin(), await office.admin(), await office.house.somebody()
    dialog_id = await office.house.dialog(ira)
    with pytest.raises(NotAllowed):
        await office.reading.conversation(admin, dialog_id)
    twice = (office.reading.open(admin, dialog_id, ReadingReason.REPORT, "Жалоба на угрозы") for _ in range(2))
    assert len(set(await asyncio.gather(*twice))) == 1, "a double click is told of once"
    conversation = await office.reading.conversation(admin, dialog_id)
    assert [each.text for each in conversation.messages] == ["Заходи, здесь тепло."]
    assert (conversation.reader.id, conversation.may_go_on) == (ira.user_id, False)
    with pytest.raises(NotAllowed):  # each admin says why for themselves
        await office.reading.refresh(other, dialog_id, [1])
    (notice,) = await office.told(ira)
    assert (notice.kind, notice.data["reason"], notice.data["character"]) == (
        NoticeKind.DIALOG_READ,
        "report",
        "Марина",
    )
    assert await office.notices.unseen_count(ira) == 1
    await office.notices.seen(other, [notice.id])  # somebody else's is left alone
    assert await office.notices.unseen_count(ira) == 1
    await office.notices.seen(ira, [notice.id])
    assert await office.notices.unseen_count(ira) == 0
    (entry,) = await office.journal.page(admin)
    assert (entry.deed, entry.target_id, entry.person_id) == ("dialog.opened", dialog_id, ira.user_id)
    assert entry.reason == "Жалоба на угрозы"


async def test_after_an_hour_it_has_to_be_said_again(office: Office, clock: Clock) -> None:
    admin, ira = await office.admin(), await office.house.somebody()
    dialog_id = await office.house.dialog(ira)
    opening_id = await office.reading.open(admin, dialog_id, ReadingReason.SAFETY)
    clock.advance(timedelta(minutes=59))
    assert await office.reading.conversation(admin, dialog_id)
    assert await office.reading.open(admin, dialog_id, ReadingReason.SAFETY) == opening_id
    clock.advance(timedelta(minutes=1))
    with pytest.raises(NotAllowed):
        await office.reading.conversation(admin, dialog_id)


async def test_other_branches_are_read_without_turning_the_persons_page(office: Office) -> None:
    admin, ira = await office.admin(), await office.house.somebody()
    dialog_id = await office.house.dialog(ira)
    await office.house.chat.send(ira, dialog_id, "Кто ты?", "1")
    first = await office.house.ended(ira, dialog_id)
    await office.house.branches.regenerate(ira, first.id)
    second = await office.house.ended(ira, dialog_id)
    await office.reading.open(admin, dialog_id, ReadingReason.FAULT)
    conversation = await office.reading.conversation(admin, dialog_id)
    assert conversation.siblings[second.id] == (2, 2, first.id, None)
    other = await office.reading.conversation(admin, dialog_id, through=first.id)
    assert other.messages[-1].id == first.id
    assert (await office.house.messages(ira, dialog_id))[-1].id == second.id
    with pytest.raises(NotFound):
        await office.reading.conversation(admin, dialog_id, through=1_000_000)


async def test_a_running_reply_and_a_dialog_in_the_bin_are_read_as_they_are(office: Office) -> None:
    admin, ira = await office.admin(), await office.house.somebody()
    dialog_id = await office.house.dialog(ira)
    office.house.llm.answer(fault="endless", style="fine", pause=0.01)
    await office.house.chat.send(ira, dialog_id, "Расскажи", "1")
    reply = (await office.house.messages(ira, dialog_id))[-1]
    await office.reading.open(admin, dialog_id, ReadingReason.FAULT)
    (seen,) = (await office.reading.refresh(admin, dialog_id, [reply.id])).messages
    assert seen.state == State.RUNNING
    await office.house.chat.stop(ira, dialog_id)
    await office.house.ended(ira, dialog_id)
    await office.house.dialogs.delete(ira, dialog_id)
    assert (await office.reading.conversation(admin, dialog_id)).dialog.deleted_at


async def test_the_person_and_an_admin_read_a_running_reply_ahead_of_what_is_saved(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reply_writer, "SAVED_EVERY", 3600)
    house, admin, ira = office.house, await office.admin(), await office.house.somebody()
    dialog_id = await house.dialog(ira)
    house.llm.answer(fault="endless", style="fine", pause=0.01)
    await house.chat.send(ira, dialog_id, "Расскажи", "1")

    async def has_begun() -> bool:
        return bool((await house.messages(ira, dialog_id))[-1].text)

    await until(has_begun)
    await office.reading.open(admin, dialog_id, ReadingReason.FAULT)
    async with house.database.read() as db:
        saved = (await db.exec(select(Message).where(Message.state == State.RUNNING))).one()
    assert not saved.text
    assert (await house.chat.refresh(ira, dialog_id, {saved.id})).messages[0].text
    assert (await house.chat.page(ira, dialog_id, 10))[-1].text
    assert (await office.reading.conversation(admin, dialog_id)).messages[-1].text
    assert (await office.reading.refresh(admin, dialog_id, [saved.id])).messages[0].text
    assert (await office.reading.read_for_api(admin, dialog_id, 10))[-1].text


async def test_only_what_is_in_the_dialog_is_looked_at(office: Office) -> None:
    admin, ira, boris = await office.admin(), await office.house.somebody(), await office.house.somebody()
    dialog_id, another = await office.house.dialog(ira), await office.house.dialog(boris)
    await office.reading.open(admin, dialog_id, ReadingReason.FAULT)
    (foreign,) = await office.house.messages(boris, another)
    assert (await office.reading.refresh(admin, dialog_id, [foreign.id])).messages == []
    assert (await office.house.chat.refresh(ira, dialog_id, {foreign.id})).messages == []


async def test_a_program_opens_once_an_hour_and_whoever_wishes_tells_nobody(office: Office) -> None:
    admin, ira = await office.admin(), await office.house.somebody()
    dialog_id = await office.house.dialog(ira)
    for _ in range(3):
        assert len(await office.reading.read_for_api(admin, dialog_id, 10)) == 1
    assert await office.deeds() == ["dialog.opened"]
    assert len(await office.told(ira)) == 1
    await office.house.dialogs.delete(ira, dialog_id)
    with pytest.raises(NotFound):  # which an admin opens by saying why, and a program says nothing
        await office.reading.read_for_api(admin, dialog_id, 10)
    quiet = DialogAccess(office.database, office.house.bus, office.house.reply_writer, tell_the_person=False)
    await quiet.open(admin, dialog_id, ReadingReason.LAW)
    assert len(await office.told(ira)) == 1

"""Word index of dialogs: filled after replies, after imports, by and by; emptied with what was said."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence

import pytest
from sqlalchemy import text, update
from sqlmodel import col, delete, select

from domain.accounts.sessions import Caller
from domain.chat.dialog_copies import DialogCopies
from domain.chat.replies.abandoned_replies import AbandonedReplies
from domain.chat.tree.unfinished_imports import LONGEST_LOADING
from domain.clock import now
from domain.erasure import erase_dialogs
from domain.llm.port import Role
from domain.memory.recall import words
from domain.memory.recall.telling_words import roots_in
from domain.memory.recall.words import INDEX, REPLIED, SAID, WordIndex, term
from domain.model.dialog import Dialog, Message, State
from domain.model.user import User
from domain.rate_limits import InMemory, RateLimiter
from domain.retention import Bin
from storage.bus import Bus
from storage.database import Database
from storage.full_text import SearchQuery
from tests.conftest import UNLIMITED
from tests.domain.chat.conftest import ChatWorld, server, until, world
from tests.domain.chat.tree.test_unfinished_imports import saved
from tests.domain.memory.recall.conftest import Past, index_dialog
from tests.domain.memory.recall.filler import rounds

__all__ = ["server", "world"]


async def where(database: Database, dialog_id: int, word: str, parts: Sequence[str] = (SAID, REPLIED)) -> list[int]:
    """Messages of the dialog in which the word is indexed."""
    sought = SearchQuery([[[term(dialog_id, root) for root in roots_in(word)]]], tuple(parts))
    async with database.read() as db:
        [ids] = await INDEX.ids(db, [sought], 1_000)
        return sorted(ids)


async def indexed(database: Database) -> int:
    """Number of messages that have words in the index."""
    async with database.read() as db:
        return int((await db.exec(text("SELECT count(*) FROM message_words"))).scalar_one())  # type: ignore[call-overload]  # as its signature has it


async def upto(database: Database, dialog_id: int) -> int:
    async with database.read() as db:
        return (await db.get_one(Dialog, dialog_id)).words_upto


@pytest.fixture
async def indexing(world: ChatWorld) -> AsyncGenerator[WordIndex]:
    index = WordIndex(world.database, world.bus)
    await index.start()
    yield index
    await index.close()


async def caught_up(world: ChatWorld, dialog_id: int) -> None:
    async def is_caught_up() -> bool:
        async with world.database.read() as db:
            dialog = await db.get_one(Dialog, dialog_id)
        return dialog.words_upto == dialog.leaf_id

    await until(is_caught_up)


@pytest.mark.usefixtures("indexing")
async def test_after_a_reply_both_messages_can_be_found(world: ChatWorld) -> None:
    ira = await world.somebody()
    dialog = await world.dialog(ira)
    world.llm.answer("Мандолины висят на стене.")
    await world.chat.send(ira, dialog, "Где мандолину повесить?", "1")
    reply = await world.ended(ira, dialog)
    await caught_up(world, dialog)
    assert await where(world.database, dialog, "мандолина", [SAID]) == [reply.parent_id]
    assert await where(world.database, dialog, "мандолинами", [REPLIED]) == [reply.id]
    assert await where(world.database, dialog, "тепло") == [], "the greeting stands in every prompt anyway"
    assert await where(world.database, dialog + 1, "мандолина") == [], "of this dialog only"


@pytest.mark.usefixtures("indexing")
async def test_a_reply_that_goes_on_is_indexed_anew(world: ChatWorld) -> None:
    ira = await world.somebody()
    dialog = await world.dialog(ira)
    world.llm.answer("Мандолина висит", fault="length")
    await world.chat.send(ira, dialog, "Где она?", "1")
    cut = await world.ended(ira, dialog)
    await caught_up(world, dialog)
    world.llm.answer("на гвозде.")
    await world.branches.continue_reply(ira, cut.id)
    await world.ended(ira, dialog)
    await caught_up(world, dialog)
    assert await where(world.database, dialog, "гвоздь") == [cut.id]
    assert await where(world.database, dialog, "мандолина") == [cut.id]


async def test_a_reply_going_on_makes_the_dialog_lag_even_if_the_server_dies(past: Past) -> None:
    """As `resume_reply` leaves it: the next indexing begins with the reply."""
    _question, reply = await past.say(("Где?", "Мандолина висит"))
    await past.index()
    async with past.database.write() as db:
        await db.exec(update(Dialog).values(words_upto=reply.id - 1))
        await db.exec(update(Message).where(col(Message.id) == reply.id).values(text="Мандолина висит на гвозде."))
    await WordIndex(past.database, Bus()).look()
    assert await where(past.database, past.dialog_id, "гвоздь") == [reply.id]


@pytest.mark.parametrize("state", [State.FILTERED, State.FAILED, State.RUNNING])
async def test_what_is_no_part_of_the_talk_is_not_indexed(past: Past, state: State) -> None:
    _question, reply = await past.say(("Где мандолина?", "Я не могу говорить о мандолинах."))
    async with past.database.write() as db:
        await db.exec(update(Message).where(col(Message.id) == reply.id).values(state=state))
    await past.index()
    assert await where(past.database, past.dialog_id, "мандолина") == [reply.parent_id]
    is_waited_for = await upto(past.database, past.dialog_id) < reply.id
    assert is_waited_for == (state is State.RUNNING)


@pytest.mark.usefixtures("indexing")
async def test_an_imported_dialog_is_indexed_once_it_is_opened(world: ChatWorld) -> None:
    ira = await world.somebody()
    await world.character(ira)
    dialog = await world.dialogs.import_dialog(ira, saved(230))
    assert await where(world.database, dialog, "слово") == []
    await world.chat.open(ira, dialog)
    await caught_up(world, dialog)
    assert len(await where(world.database, dialog, "слово")) == 230
    assert len(await where(world.database, dialog, "слово", [SAID])) == 115


async def test_whatever_is_behind_is_found_by_and_by(world: ChatWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(words, "roots_in", None)  # it would load the dictionary into an idle server
    ira = await world.somebody()
    await world.character(ira)
    imported = await world.dialogs.import_dialog(ira, saved(130))
    leaf = (await world.messages(ira, imported))[-1]
    copy = (
        await DialogCopies(world.database, world.bus, RateLimiter(InMemory(), UNLIMITED)).copy_up_to(ira, leaf.id)
    ).id
    thrown_away = await world.dialogs.import_dialog(ira, saved(3))
    await world.dialogs.delete(ira, thrown_away)
    index = WordIndex(world.database, world.bus)
    await index.look()
    assert len(await where(world.database, imported, "слово")) == len(await where(world.database, copy, "слово")) == 130
    assert await where(world.database, thrown_away, "слово") == []
    await world.dialogs.restore(ira, thrown_away)
    await index.look()
    assert len(await where(world.database, thrown_away, "слово")) == 3


async def test_a_look_ends_before_another_instance_would_begin_one_and_the_next_goes_on(
    past: Past, other_past: Past, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(words, "LONGEST_LOOK", 0)
    monkeypatch.setattr(words, "AT_ONCE", 8)
    for each in (past, other_past):
        await each.say(*rounds(4))
    index = WordIndex(past.database, Bus())
    for there in (8, 16):
        await index.look()
        assert await indexed(past.database) == there


async def test_other_branches_are_indexed_with_it(past: Past) -> None:
    fork, _reply = await past.say(("Раз.", "Два."))
    there = await past.say(("Мандолина", "Да."), below=fork.id)
    await past.say(("Гвоздь", "Нет."), below=fork.id)
    await past.index()
    assert await where(past.database, past.dialog_id, "мандолина") == [there[0].id]


async def test_two_instances_index_a_dialog_once(past: Past, database_url: str) -> None:
    await past.say(*rounds(40))
    other = Database(database_url)
    await asyncio.gather(index_dialog(past.database, past.dialog_id), index_dialog(other, past.dialog_id))
    await other.close()
    while await words.index_some(past.database, [past.dialog_id]):
        pass
    async with past.database.read() as db:
        last = (await db.exec(select(Message.id).order_by(col(Message.id).desc()))).first()
    assert await upto(past.database, past.dialog_id) == last
    assert await indexed(past.database) == 80


async def test_what_changes_while_its_roots_are_worked_out_is_looked_at_again(
    past: Past, monkeypatch: pytest.MonkeyPatch
) -> None:
    question, reply = await past.say(("Где мандолина?", "На гвозде."))

    async def erased_meanwhile(texts: Sequence[str]) -> list[list[str]]:
        monkeypatch.undo()
        async with past.database.write() as db:
            await db.exec(delete(Message).where(col(Message.id) == reply.id))
            await db.exec(update(Dialog).values(leaf_id=question.id))
        return [roots_in(each) for each in texts]

    monkeypatch.setattr(words, "roots_in_each", erased_meanwhile)
    assert await words.index_some(past.database, [past.dialog_id], apart=True) == []
    assert await indexed(past.database) == 0
    await WordIndex(past.database, Bus()).look()
    assert await where(past.database, past.dialog_id, "мандолина") == [question.id]
    assert await indexed(past.database) == 1


async def test_words_leave_with_an_account(past: Past, ira: Caller) -> None:
    await past.say(*rounds(5))
    await past.index()
    assert await indexed(past.database) == 10
    async with past.database.write() as db:
        await erase_dialogs(db, await db.get_one(User, ira.user_id))
    assert await indexed(past.database) == 0


async def test_words_leave_with_what_has_lain_in_the_bin_for_long(past: Past) -> None:
    await past.say(*rounds(3))
    thrown_away, *_rest = await past.say(*rounds(5))
    await past.index()
    async with past.database.write() as db:
        await db.exec(update(Message).where(col(Message.id) == thrown_away.id).values(deleted_at=now()))
    await Bin(past.database).empty_of_messages(now())
    assert await indexed(past.database) == 6


async def test_words_leave_with_a_dialog_given_up(world: ChatWorld) -> None:
    ira = await world.somebody()
    await world.character(ira)
    dialog = await world.dialogs.import_dialog(ira, saved(30))
    await index_dialog(world.database, dialog)
    assert await indexed(world.database) == 30
    async with world.database.write() as db:
        await db.exec(update(Dialog).values(loading_until=now() - LONGEST_LOADING))
    abandoned = AbandonedReplies(world.database, world.bus, world.reply_writer.is_writing)
    await abandoned.start()
    await abandoned.close()
    assert await indexed(world.database) == 0


async def test_a_greeting_alone_leaves_nothing_to_index(world: ChatWorld) -> None:
    dialog = await world.dialog(await world.somebody())
    async with world.database.read() as db:
        greeting = (await db.exec(select(Message).where(Message.dialog_id == dialog))).one()
    assert (greeting.role, await upto(world.database, dialog)) == (Role.ASSISTANT, greeting.id)

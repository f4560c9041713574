"""Forgetting: what a person wants forgotten is neither known nor told until they take that back; on both databases."""

from __future__ import annotations

import pytest
from sqlmodel import select

from domain.bin import KEPT_IN_BIN
from domain.chat.message_marks import MessageMarks
from domain.clock import now
from domain.errors import Invalid, NotFound
from domain.memory.facts.facts import messages_left_out
from domain.memory.overview import MemoryState
from domain.memory.recall.words import WordIndex
from domain.memory.rows import ChapterState, MemoryChapter, MemoryFact
from domain.model.dialog import Dialog, Message
from domain.retention import Bin
from tests.domain.memory.memory_world import Remembering, facts


async def test_a_forgotten_fact_is_known_to_nobody_until_the_person_takes_it_back(talk: Remembering) -> None:
    fact = await talk.known("Илья боится темноты.", await talk.said("Я боюсь темноты."))
    await talk.memory.pin_fact(talk.person, talk.dialog_id, fact)
    assert await talk.pinned() == ["Илья боится темноты."]
    await talk.memory.forget_fact(talk.person, talk.dialog_id, fact)
    assert (await facts(talk), await talk.pinned()) == ([], [])
    for attempt in (
        talk.memory.forget_fact(talk.person, talk.dialog_id, fact),
        talk.memory.edit_fact(talk.person, talk.dialog_id, fact, "Илья боится."),
        talk.memory.pin_fact(talk.person, talk.dialog_id, fact),
    ):
        with pytest.raises(NotFound):
            await attempt
    await talk.memory.undo_forget(talk.person, talk.dialog_id, fact)
    await talk.memory.undo_forget(talk.person, talk.dialog_id, fact)
    assert (await facts(talk), await talk.pinned()) == (["Илья боится темноты."],) * 2
    await talk.memory.forget_fact(talk.person, talk.dialog_id, fact)
    async with talk.world.database.write() as db:
        (await db.get_one(MemoryFact, fact)).forgotten_at = now() - KEPT_IN_BIN
    with pytest.raises(NotFound):
        await talk.memory.undo_forget(talk.person, talk.dialog_id, fact)


async def test_forgetting_reaches_every_message_that_said_it_up_to_then(talk: Remembering) -> None:
    first = await talk.said("Знаешь, я боюсь грозы.")
    echoed = await talk.answered("Илья, грозы бояться не стыдно.")
    hailed = await talk.said("Гроза прошла стороной.")
    again = await talk.said("Говорю же: грозы боюсь с детства!")
    await talk.summarised("Илья боится грозы.", again, again)
    fact = await talk.known("Собеседник боится грозы", first, times=2)
    await talk.memory.forget_fact(talk.person, talk.dialog_id, fact)
    assert await left_out(talk) == {first, echoed, again}
    assert hailed not in await left_out(talk)
    assert [each.text for each in (await talk.overview()).chapters] in ([], [""])
    await talk.said("Всё-таки боюсь грозы.")
    assert await left_out(talk) == {first, echoed, again}, "what is said later may teach it anew"
    await talk.memory.undo_forget(talk.person, talk.dialog_id, fact)
    assert (await left_out(talk), await facts(talk)) == (set(), ["Собеседник боится грозы"])


async def test_forgetting_reaches_indexed_messages_too_and_a_number_only_where_it_stands(talk: Remembering) -> None:
    said = [await talk.said(text) for text in ("Мне 34 года", "Уже 34 года живу", "Прошло три года")]
    await index_words(talk)
    fact = await talk.known("Собеседнику 34 года", said[0])
    await talk.memory.forget_fact(talk.person, talk.dialog_id, fact)
    assert await left_out(talk) == set(said[:2])


async def left_out(talk: Remembering) -> set[int]:
    async with talk.world.database.read() as db:
        return await messages_left_out(db, talk.dialog_id)


async def index_words(talk: Remembering) -> None:
    index = WordIndex(talk.world.database, talk.world.bus)
    await index.look()
    async with talk.world.database.read() as db:
        dialog = await db.get_one(Dialog, talk.dialog_id)
    assert dialog.words_upto == dialog.leaf_id


async def test_after_a_month_the_words_of_a_forgotten_fact_are_gone_and_it_is_still_forgotten(
    talk: Remembering,
) -> None:
    said = await talk.said("Я боюсь темноты.")
    old, new = await talk.known("Илья боится темноты.", said, keys="страх"), await talk.known("Илья смел.", said)
    for fact in (old, new):
        await talk.memory.forget_fact(talk.person, talk.dialog_id, fact)
    async with talk.world.database.write() as db:
        (await db.get_one(MemoryFact, old)).forgotten_at = now() - 2 * KEPT_IN_BIN
    await Bin(talk.world.database).empty_of_facts(now() - KEPT_IN_BIN)
    async with talk.world.database.read() as db:
        kept = await db.get_one(MemoryFact, old)
        assert (kept.text, kept.keys, kept.roots, kept.message_id) == ("", "", "", said)
        assert kept.forgotten_at
        assert (await db.get_one(MemoryFact, new)).text == "Илья смел."


async def test_everything_is_forgotten_on_all_branches_and_stays_so(talk: Remembering) -> None:
    first = await talk.said("Меня зовут Илья.")
    await talk.known("Его зовут Илья.", first)
    await talk.summarised("Познакомились.", first, first)
    await talk.memory.pin_message(talk.person, talk.dialog_id, first)
    other = await talk.said("Я в другой ветке.", below=first)
    await talk.known("Он в другой ветке.", other)
    await talk.memory.forget_everything(talk.person, talk.dialog_id)
    shown = await talk.overview()
    assert (shown.facts, shown.chapters, shown.pinned, shown.bar.state) == ([], [], [], MemoryState.OFF)
    assert [each.text for each in await talk.world.messages(talk.person, talk.dialog_id)][-1] == "Я в другой ветке."


async def test_what_is_forgotten_is_no_longer_shown_as_recalled(talk: Remembering) -> None:
    storm, tea = await talk.said("Боюсь грозы."), await talk.said("Пью чай.")
    fact = await talk.known("Илья боится грозы.", storm)
    reply = await talk.answered("Помню.")
    async with talk.world.database.write() as db:
        (await db.get_one(Message, reply)).recalled = [storm, tea]
    assert len((await talk.overview()).recalled) == 2
    await talk.memory.forget_fact(talk.person, talk.dialog_id, fact)
    assert [each.excerpt for each in (await talk.overview()).recalled] == ["Пью чай."]
    await talk.memory.undo_forget(talk.person, talk.dialog_id, fact)
    assert len((await talk.overview()).recalled) == 2
    await talk.memory.forget_everything(talk.person, talk.dialog_id)
    assert (await talk.overview()).recalled == []


async def test_what_is_forgotten_or_hidden_is_told_no_more_and_told_again_when_it_is_back(talk: Remembering) -> None:
    said = await talk.said("Я боюсь темноты.")
    reply = await talk.answered("Зажги свечу.")
    await talk.summarised("Илья признался, что боится темноты.", said, reply)
    fact = await talk.known("Илья боится темноты.", said)

    async def told() -> list[str]:
        return [each.text for each in (await talk.overview()).chapters]

    await talk.memory.forget_fact(talk.person, talk.dialog_id, fact)
    assert await told() == [""], "it waits to be told without it"
    await talk.memory.undo_forget(talk.person, talk.dialog_id, fact)
    async with talk.world.database.write() as db:
        [chapter] = await db.exec(select(MemoryChapter))
        chapter.text, chapter.state = "Илья признался.", ChapterState.DONE
    marks = MessageMarks(talk.world.database, talk.world.bus)
    await marks.hide(talk.person, said, hidden=True)
    assert (await told(), await facts(talk)) == ([""], [])
    await marks.hide(talk.person, said, hidden=False)
    assert await facts(talk) == ["Илья боится темноты."]


async def test_a_forgotten_fact_is_pinned_again_only_where_there_is_room(talk: Remembering) -> None:
    fact = await talk.known("Илья живёт в Твери.", await talk.said("Я живу в Твери."), pinned_at=now())
    await talk.memory.forget_fact(talk.person, talk.dialog_id, fact)
    for _ in range(3):
        await talk.memory.pin_words(talk.person, talk.dialog_id, "ж" * 500)
    with pytest.raises(Invalid):
        await talk.memory.undo_forget(talk.person, talk.dialog_id, fact)
    await talk.memory.unpin(talk.person, talk.dialog_id, (await talk.overview()).pinned[0].id)
    await talk.memory.undo_forget(talk.person, talk.dialog_id, fact)
    assert [each.is_pinned for each in (await talk.overview()).facts] == [True]

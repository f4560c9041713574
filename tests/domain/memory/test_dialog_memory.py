"""Dialog memory: what a person sees of it and does with it, on every branch; on both databases."""

from __future__ import annotations

import pytest
from sqlmodel import select

from domain.chat.tree.message_tree import add_below
from domain.errors import Blocked, Invalid, NeedsAccount, NotFound, RateLimited, ReadOnly
from domain.llm.port import Role
from domain.memory.editing.goes_with import GoesWith
from domain.memory.facts.known_facts import known_on, new_fact
from domain.memory.overview import MemoryState
from domain.memory.rows import DIGEST, ChapterState, MadeBy, MemoryChapter, MemoryFact, MemoryVector
from domain.model.character import Character
from domain.model.dialog import Dialog, Message
from domain.model.user import User
from domain.rate_limits import MEMORY_CHANGES
from domain.settings.model_settings import SHORTEST_PROMPT
from domain.usage.usage import Used, add_usage
from tests.conftest import UNLIMITED
from tests.domain.memory.memory_world import Remembering, changing, facts, reader_of


async def test_facts_are_those_of_the_path_and_a_newer_one_stands_for_an_older(talk: Remembering) -> None:
    asked = await talk.said("Я живу в Твери.")
    old = await talk.known("Илья живёт в Твери.", asked)
    here = await talk.said("Переехал в Омск.")
    new = await talk.known("Илья живёт в Омске.", here, replaces_id=old)
    await talk.known("Илья не ест рыбу.", here)
    shown = (await talk.overview()).facts
    assert [(each.text, each.replaced_by) for each in shown] == [
        ("Илья не ест рыбу.", None),
        ("Илья живёт в Омске.", None),
        ("Илья живёт в Твери.", new),
    ]
    assert (await talk.overview()).bar.facts == 2
    assert all(each.is_still_verbatim for each in shown)
    await talk.said("Никуда я не переехал.", below=asked)
    assert await facts(talk) == ["Илья живёт в Твери."]


async def test_a_fact_put_right_is_the_persons(talk: Remembering) -> None:
    fact = await talk.known("Илья ест рыбу.", await talk.said("Я не ем рыбу."))
    await talk.memory.edit_fact(talk.person, talk.dialog_id, fact, " Илья не ест\u00a0рыбу. ")
    [shown] = (await talk.overview()).facts
    assert (shown.text, shown.made_by) == ("Илья не ест рыбу.", MadeBy.PERSON)
    for words in ("", " \n", "я" * 201, "\u202e"):
        with pytest.raises(Invalid) as refused:
            await talk.memory.edit_fact(talk.person, talk.dialog_id, fact, words)
        assert refused.value.field == "text"


async def test_no_vector_stays_of_words_that_were_put_right_or_forgotten(talk: Remembering) -> None:
    said = await talk.said("Я не ем рыбу, боюсь темноты и живу в Твери.")
    fish, dark, home = facts_known = [await talk.known(text, said) for text in ("Ест рыбу.", "Боится.", "Из Твери.")]
    async with talk.world.database.write() as db:
        db.add_all(
            [MemoryVector(dialog_id=talk.dialog_id, fact_id=each, model="m", vector=b"\0\0") for each in facts_known]
        )
    await talk.memory.edit_fact(talk.person, talk.dialog_id, fish, "Не ест рыбу.")
    await talk.memory.forget_fact(talk.person, talk.dialog_id, dark)
    async with talk.world.database.read() as db:
        assert (await db.exec(select(MemoryVector.fact_id))).all() == [home]


async def test_no_vector_stays_of_a_chapter_that_was_put_right(talk: Remembering) -> None:
    said, answered = await talk.said("Я не ем рыбу."), await talk.answered("Запомню.")
    chapter = await talk.summarised("Илья ест рыбу.", said, answered)
    async with talk.world.database.write() as db:
        db.add(MemoryVector(dialog_id=talk.dialog_id, chapter_id=chapter, model="m", vector=b"\0\0"))
    await talk.memory.edit_chapter(talk.person, talk.dialog_id, chapter, "Илья не ест рыбу.")
    async with talk.world.database.read() as db:
        assert (await db.exec(select(MemoryVector))).first() is None


async def test_a_pinned_fact_takes_of_the_same_room(talk: Remembering) -> None:
    fact = await talk.known("ф" * 150, await talk.said("Факт."))
    await talk.memory.pin_words(talk.person, talk.dialog_id, "а" * 500)
    await talk.memory.pin_words(talk.person, talk.dialog_id, "б" * 500)
    await talk.memory.pin_words(talk.person, talk.dialog_id, "в" * 400)
    with pytest.raises(Invalid):
        await talk.memory.pin_fact(talk.person, talk.dialog_id, fact)
    await talk.memory.edit_fact(talk.person, talk.dialog_id, fact, "ф" * 100)
    await talk.memory.pin_fact(talk.person, talk.dialog_id, fact)
    with pytest.raises(Invalid):
        await talk.memory.edit_fact(talk.person, talk.dialog_id, fact, "ф" * 101)
    assert [len(each) for each in await talk.pinned()] == [500, 500, 400, 100]
    await talk.memory.pin_fact(talk.person, talk.dialog_id, fact, pinned=False)
    assert len(await talk.pinned()) == 3


async def test_an_edit_leaves_the_memory_of_the_branch_behind_and_a_turn_brings_it_back(talk: Remembering) -> None:
    first = await talk.said("Кто там?")
    wind = await talk.answered("Ветер.")
    await talk.summarised("Спросили, кто там.", first, wind)
    later = await talk.said("Я живу в Твери.")
    lives = await talk.answered("Далеко.")
    await talk.summarised("Илья назвал город.", later, lives)
    await talk.known("Илья живёт в Твери.", later)
    await talk.memory.pin_message(talk.person, talk.dialog_id, later)
    await talk.world.branches.edit(talk.person, later, "Я живу в Омске.", "edit")
    await talk.world.ended(talk.person, talk.dialog_id)
    shown = await talk.overview()
    assert ([each.text for each in shown.chapters], shown.facts, shown.bar.pinned) == (["Спросили, кто там."], [], 0)
    edited = (await talk.world.messages(talk.person, talk.dialog_id))[-2].id
    await talk.world.branches.switch_branch(talk.person, edited, -1)
    shown = await talk.overview()
    assert [each.text for each in shown.chapters] == ["Илья назвал город.", "Спросили, кто там."]
    assert [(each.first_number, each.last_number) for each in shown.chapters] == [(4, 5), (2, 3)]
    assert (len(shown.facts), len(shown.pinned)) == (1, 1)


async def test_another_reply_does_not_know_what_the_one_before_it_taught(talk: Remembering) -> None:
    await talk.said("Кто там?")
    reply = await talk.answered("Это я, Марина, дочь смотрителя.")
    await talk.known("Марина — дочь смотрителя.", reply)
    await talk.world.branches.regenerate(talk.person, reply)
    await talk.world.ended(talk.person, talk.dialog_id)
    assert await facts(talk) == []


async def test_deleting_tells_what_goes_with_the_message_and_undoing_brings_it_back(talk: Remembering) -> None:
    first = await talk.said("Кто там?")
    wind = await talk.answered("Ветер.")
    await talk.summarised("Спросили, кто там.", first, wind)
    named = await talk.said("Меня зовут Илья.")
    glad = await talk.answered("А меня Марина.")
    await talk.summarised("Познакомились.", named, glad)
    await talk.summarised("Пришли и познакомились.", first, glad, level=DIGEST)
    await talk.known("Его зовут Илья.", named)
    await talk.memory.pin_message(talk.person, talk.dialog_id, glad)
    await talk.memory.pin_words(talk.person, talk.dialog_id, "Зима.")
    assert await talk.memory.goes_with(talk.person, named) == GoesWith(pins=1, facts=1, chapters=1)
    assert await talk.memory.goes_with(talk.person, first) == GoesWith(pins=1, facts=1, chapters=2)
    before = await talk.overview()
    await talk.world.branches.delete(talk.person, named)
    shown = await talk.overview()
    assert [each.text for each in shown.chapters] == ["Спросили, кто там."]
    assert ([each.text for each in shown.pinned], shown.facts) == (["Зима."], [])
    await talk.world.branches.restore(talk.person, named)
    assert await talk.overview() == before


async def test_a_message_of_another_branch_takes_nothing_of_this_one_with_it(talk: Remembering) -> None:
    first = await talk.said("Кто там?")
    here = await talk.said("Меня зовут Илья.")
    await talk.known("Его зовут Илья.", here)
    await talk.said("Меня зовут Пётр.", below=first)
    assert not await talk.memory.goes_with(talk.person, here)
    with pytest.raises(NotFound):
        await talk.memory.goes_with(await talk.world.somebody(), here)


async def test_a_chapter_put_right_stays_and_what_sums_it_up_is_made_anew(talk: Remembering) -> None:
    first = await talk.said("Кто там?")
    wind = await talk.answered("Ветер.")
    chapter = await talk.summarised("Спросили.", first, wind)
    sum_ = await talk.summarised("Сумма.", first, wind, level=1)
    await talk.summarised("Канва.", first, wind, level=DIGEST)
    await talk.memory.edit_chapter(talk.person, talk.dialog_id, chapter, "Спросили, кто там.")
    async with talk.world.database.read() as db:
        kept, above = await db.get_one(MemoryChapter, chapter), await db.get_one(MemoryChapter, sum_)
    assert (kept.text, kept.made_by, kept.state) == ("Спросили, кто там.", MadeBy.PERSON, ChapterState.DONE)
    assert above.state == ChapterState.FAILED
    assert {each.is_running for each in (await talk.overview()).chapters} == {True}
    with pytest.raises(Invalid):
        await talk.memory.edit_chapter(talk.person, talk.dialog_id, chapter, "я" * 2001)


async def test_a_chapter_is_told_once_more_when_the_person_asks(talk: Remembering) -> None:
    first = await talk.said("Кто там?")
    chapter = await talk.summarised("Спросили.", first, first, made_by=MadeBy.PERSON)
    await talk.memory.retell_chapter(talk.person, talk.dialog_id, chapter)
    async with talk.world.database.read() as db:
        kept = await db.get_one(MemoryChapter, chapter)
    assert (kept.state, kept.made_by, kept.text) == (ChapterState.FAILED, MadeBy.PERSON, "Спросили.")
    [shown] = (await talk.overview()).chapters
    assert (shown.is_running, shown.text) == (True, "Спросили."), "which is told until then"


async def test_memory_is_off_until_it_is_switched_on_and_loses_nothing(talk: Remembering) -> None:
    await talk.known("Его зовут Илья.", await talk.said("Меня зовут Илья."))
    await talk.memory.switch(talk.person, talk.dialog_id, on=False)
    shown = await talk.overview()
    assert (shown.bar.state, len(shown.facts)) == (MemoryState.OFF, 1)
    await talk.memory.switch(talk.person, talk.dialog_id, on=True)
    assert (await talk.overview()).bar.state == MemoryState.ON


async def test_the_panel_says_what_the_last_reply_recalled_and_what_memory_cost(talk: Remembering) -> None:
    old = await talk.said("Я не ем рыбу. " + "Длинно. " * 50)
    gone = await talk.answered("Хорошо.")
    await talk.said("Что мне приготовить?")
    reply = await talk.answered("Только не рыбу.")
    async with talk.world.database.write() as db:
        (await db.get_one(Message, reply)).recalled = [gone, old]
        dialog = await db.get_one(Dialog, talk.dialog_id)
        dialog.memory_tokens, dialog.memory_cost = 4200, 1_500_000
    shown = await talk.overview()
    assert [(each.message_id, each.is_persons, each.excerpt[:13]) for each in shown.recalled] == [
        (old, True, "Я не ем рыбу."),
        (gone, False, "Хорошо."),
    ]
    assert len(shown.recalled[0].excerpt) <= 201
    assert (shown.tokens, shown.cost) == (4200, 1_500_000)
    await talk.said("А на ужин?")
    assert len((await talk.overview()).recalled) == 2, "while the next reply is awaited"


async def test_memory_waits_while_the_days_budget_is_spent(talk: Remembering) -> None:
    memory = changing(talk.world, reader_of(talk.world.reply_writer, daily_tokens=100), UNLIMITED)
    for number in range(30):
        await talk.said(f"Слово {number}. " + "ж" * 1000)
    assert (await memory.bar(talk.person, talk.dialog_id)).state == MemoryState.ON
    async with talk.world.database.write() as db:
        dialog = await db.get_one(Dialog, talk.dialog_id)
        used = Used(model="m", tokens_in=90, tokens_out=10, cost=0, failed=0, filtered=0)
        await add_usage(db, dialog.id, dialog.user_id, dialog.character_id, used)
    assert (await memory.bar(talk.person, talk.dialog_id)).state == MemoryState.WAITS_FOR_BUDGET


@pytest.mark.parametrize("state", ["blocked", "read-only", "trial"])
async def test_who_may_not_write_may_not_change_what_is_remembered(talk: Remembering, state: str) -> None:
    said = await talk.said("Меня зовут Илья.")
    fact = await talk.known("Его зовут Илья.", said)
    chapter = await talk.summarised("Познакомились.", said, said)
    async with talk.world.database.write() as db:
        user = (await db.exec(select(User).where(User.id == talk.person.user_id))).one()
        user.is_blocked, user.is_read_only, user.is_trial = state == "blocked", state == "read-only", state == "trial"
    memory, who = talk.memory, (talk.person, talk.dialog_id)
    for change in (
        memory.pin_message(*who, said),
        memory.pin_words(*who, "Зима."),
        memory.pin_fact(*who, fact),
        memory.unpin(*who, 1),
        memory.edit_fact(*who, fact, "Его зовут Пётр."),
        memory.forget_fact(*who, fact),
        memory.undo_forget(*who, fact),
        memory.edit_chapter(*who, chapter, "Встретились."),
        memory.retell_chapter(*who, chapter),
        memory.switch(*who, on=False),
        memory.forget_everything(*who),
        memory.read_backlog(*who),
    ):
        with pytest.raises((Blocked, ReadOnly, NeedsAccount)):
            await change
    if state == "blocked":
        with pytest.raises(Blocked):
            await memory.overview(*who)
    else:
        assert len((await memory.overview(*who)).facts) == 1


async def test_changes_have_a_rate_limit(talk: Remembering) -> None:
    memory = changing(talk.world, reader_of(talk.world.reply_writer), UNLIMITED | {MEMORY_CHANGES.name: 2})
    for _ in range(2):
        await memory.switch(talk.person, talk.dialog_id, on=True)
    with pytest.raises(RateLimited):
        await memory.switch(talk.person, talk.dialog_id, on=True)


async def test_of_a_long_past_the_coarsest_is_shown_with_the_newest_digest(talk: Remembering) -> None:
    said = [await talk.said(f"Слово {number}") for number in range(8)]
    for at in range(7):
        await talk.summarised(f"Глава {at}.", said[at], said[at])
    await talk.summarised("Сумма.", said[0], said[5], level=1)
    await talk.summarised("Прежняя канва.", said[0], said[4], level=DIGEST)
    await talk.summarised("Канва.", said[0], said[5], level=DIGEST)
    await talk.summarised("", said[7], said[7], state=ChapterState.FAILED)
    shown = (await talk.overview()).chapters
    assert [(each.text, each.is_running) for each in shown] == [
        ("Канва.", False),
        ("", True),
        ("Глава 6.", False),
        ("Сумма.", False),
    ]


async def test_a_fact_put_right_is_found_by_its_new_words_and_not_learnt_twice(talk: Remembering) -> None:
    said = await talk.said("У меня живёт собака.")
    fact = await talk.known("У Ильи кошка.", said, keys="кот, питомец", roots="кошк кот питомец", key_hash="aaaa")
    await talk.memory.edit_fact(talk.person, talk.dialog_id, fact, "У Ильи живёт собака.")
    async with talk.world.database.read() as db:
        kept = await db.get_one(MemoryFact, fact)
        path = await talk.world.reply_writer.prompts.paths.of(db, said)
        known = await known_on(db, talk.dialog_id, path)
    assert "кот" not in kept.roots + kept.keys
    assert known.held(new_fact("У Ильи живёт собака.", "пёс", said))


async def grow_old(talk: Remembering) -> None:
    async with talk.world.database.write() as db:
        dialog = await db.get_one(Dialog, talk.dialog_id)
        messages = [
            Message(dialog_id=dialog.id, role=role, text="ж" * 2000)
            for _ in range(100)
            for role in (Role.USER, Role.ASSISTANT)
        ]
        messages[0].parent_id = dialog.leaf_id
        await add_below(db, dialog, *messages)


async def test_where_the_card_leaves_no_room_for_chapters_nobody_is_asked_whether_to_read_an_old_talk(
    talk: Remembering,
) -> None:
    await grow_old(talk)
    async with talk.world.database.write() as db:
        dialog = await db.get_one(Dialog, talk.dialog_id)
        dialog.prompt_tokens = SHORTEST_PROMPT
        (await db.get_one(Character, dialog.character_id)).context = "ж" * 3_000
    shown = await talk.overview()
    assert (shown.bar.state, shown.backlog_messages) == (MemoryState.NO_ROOM, 0)
    assert shown.bar.gap > 150


async def test_of_a_long_old_talk_the_price_of_reading_it_is_told_until_the_person_agrees(talk: Remembering) -> None:
    await grow_old(talk)
    shown = await talk.overview()
    assert shown.bar.state == MemoryState.ASKS_FOR_BACKLOG
    assert 150 < shown.backlog_messages < 200
    assert shown.backlog_messages == shown.bar.gap, "bar and panel name the same number"
    await talk.memory.read_backlog(talk.person, talk.dialog_id)
    shown = await talk.overview()
    assert (shown.bar.state, shown.backlog_messages) == (MemoryState.REMEMBERING, 0), "also between two chapters"

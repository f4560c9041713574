"""Meaning index: when vectors are made and of what, what they cost, and when they go."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlmodel import select

from domain.chat.prompts.prompt_reader import PromptReader
from domain.chat.tree.events import ReplyEnded
from domain.clock import now
from domain.memory.chapter_changes import exclude_messages, forget_everything
from domain.memory.events import MemoryChanged
from domain.memory.meaning import meaning_index
from domain.memory.meaning.near import Meaning
from domain.memory.rewritten import forget_the_old_text
from domain.memory.rows import MemoryChapter, MemoryFact
from domain.model.dialog import Dialog, Message
from domain.model.user import User
from domain.usage.usage import Usage
from tests.clock import Clock
from tests.domain.chat.conftest import ChatWorld, until
from tests.domain.memory.meaning.meaning_world import (
    QUESTIONS,
    TEXTS,
    chapter,
    client,
    index_of,
    inputs,
    long_talk,
    meaning,
    told_of_a_dog,
    vectors,
)
from tests.domain.memory.meaning.test_by_meaning import QUESTION, asked, room
from tests.llm_server import EMBEDDING_TOKENS


async def usage(world: ChatWorld) -> dict[str, Usage]:
    async with world.database.read() as db:
        return {each.model: each for each in await db.exec(select(Usage))}


async def test_vectors_are_made_after_the_memory_changed_but_not_of_what_is_to_be_forgotten(world: ChatWorld) -> None:
    person = await world.somebody()
    dialog, ids = await told_of_a_dog(world, person)
    async with world.database.write() as db:
        forgotten = (await db.exec(select(MemoryFact).where(MemoryFact.message_id == ids[5]))).one()
        forgotten.forgotten_at = now()
    world.llm.embeds = meaning
    index = index_of(world)
    await index.start()
    world.bus.publish(MemoryChanged(dialog))

    async def is_made() -> bool:
        return len(await vectors(world)) == 2

    await until(is_made)
    await index.close()
    assert "Лечить людей — призвание." not in inputs(world)


async def test_a_text_that_the_server_refuses_is_asked_about_once_and_stops_none_behind_it(world: ChatWorld) -> None:
    person = await world.somebody()
    dialog, ids = await told_of_a_dog(world, person)
    await chapter(world, dialog, ids[0], ids[9], "Пёс съел тапок.")
    world.llm.embeds = lambda text: [] if text in {"Есть пёс.", "Лечить людей — призвание."} else meaning(text)
    index = index_of(world)
    await index.make_missing(dialog)
    assert [bool(each.vector) for each in await vectors(world)] == [False, False, True, True]
    before = len(world.llm.requests)
    await index.make_missing(dialog)
    assert len(world.llm.requests) == before


async def test_a_text_that_the_server_breaks_on_stops_none_behind_it(
    world: ChatWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = await world.somebody()
    dialog, _ids = await told_of_a_dog(world, person)
    embeddings = client(world)
    good = embeddings.of_text

    async def breaks(text: str) -> object:
        return None if text == "Есть пёс." else await good(text)

    monkeypatch.setattr(embeddings, "of_text", breaks)
    world.llm.embeds = meaning
    await index_of(world, embeddings).make_missing(dialog)
    assert len(await vectors(world)) == 2


async def test_a_server_that_is_down_is_left_alone_for_a_while(
    world: ChatWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = await world.somebody()
    dialog, ids = await told_of_a_dog(world, person)
    await chapter(world, dialog, ids[0], ids[9], "Пёс съел тапок.")
    embeddings = client(world)
    tried: list[str] = []

    async def is_down(text: str) -> None:
        tried.append(text)

    monkeypatch.setattr(embeddings, "of_text", is_down)
    index = index_of(world, embeddings)
    for _ in range(3):
        await index.make_missing(dialog)
    assert len(tried) == meaning_index.GIVEN_UP_AFTER


async def test_what_a_vector_takes_is_counted_as_memory_for_whose_dialog_it_is(world: ChatWorld) -> None:
    person = await world.somebody()
    dialog, _ids = await told_of_a_dog(world, person)
    world.llm.embeds = meaning
    embeddings = client(world)
    questions = Meaning(world.database, embeddings)
    index = index_of(world, embeddings, asked=questions)
    await index.make_missing(dialog)
    await asked(world, dialog, QUESTION, PromptReader(room, meaning=questions))
    await index.start()
    world.bus.publish(ReplyEnded(dialog, 0))

    async def is_paid() -> bool:
        return QUESTIONS in await usage(world)

    await until(is_paid)
    await index.close()
    by_model = await usage(world)
    texts, question = by_model[TEXTS], by_model[QUESTIONS]
    assert (texts.user_id, texts.replies) == (person.user_id, 0)
    assert (texts.tokens_in, texts.memory_tokens, texts.memory_cost) == (
        3 * EMBEDDING_TOKENS,
        3 * EMBEDDING_TOKENS,
        210,
    )
    assert (question.memory_tokens, question.memory_cost) == (EMBEDDING_TOKENS, 140)
    async with world.database.read() as db:
        row = await db.get_one(Dialog, dialog)
    assert (row.memory_tokens, row.memory_cost, row.tokens) == (4 * EMBEDDING_TOKENS, 350, 4 * EMBEDDING_TOKENS)


async def test_what_the_server_does_not_count_is_estimated(world: ChatWorld) -> None:
    person = await world.somebody()
    dialog, _ids = await told_of_a_dog(world, person)
    world.llm.embeds, world.llm.counts_embeddings = meaning, False
    await index_of(world).make_missing(dialog)
    assert (await usage(world))[TEXTS].memory_tokens == 3 + 9 + 6  # characters, three a token


async def test_a_question_that_is_not_paid_for_yet_is_paid_for_at_the_end(world: ChatWorld) -> None:
    person = await world.somebody()
    dialog, _ids = await told_of_a_dog(world, person)
    world.llm.embeds = meaning
    embeddings = client(world)
    questions = Meaning(world.database, embeddings)
    index = index_of(world, embeddings, asked=questions)
    await index.start()
    await asked(world, dialog, QUESTION, PromptReader(room, meaning=questions))
    await index.close()
    assert (await usage(world))[QUESTIONS].memory_tokens == EMBEDDING_TOKENS


async def test_nothing_is_embedded_once_the_tokens_of_the_day_are_used_up_and_the_next_day_it_is(
    world: ChatWorld, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = await world.somebody()
    dialog, ids = await told_of_a_dog(world, person)
    for at in range(10, 100, 10):
        await chapter(world, dialog, ids[at], ids[at + 9], f"Пёс съел тапок номер {at}.")
    world.llm.embeds = meaning
    monkeypatch.setattr("domain.memory.meaning.missing_vectors.AT_ONCE", 2)
    index = index_of(world, tokens_a_day=3 * EMBEDDING_TOKENS)
    await index.make_missing(dialog)
    assert len(await vectors(world)) == 4, "as far as it reached when it was looked at"
    await index.make_missing(dialog)
    assert len(inputs(world)) == 4
    clock.advance(timedelta(days=1))
    await index.make_missing(dialog)
    assert len(await vectors(world)) == 8


@pytest.mark.parametrize("reason", ["memory off", "blocked", "trial", "deleted dialog"])
async def test_nothing_is_embedded_where_memory_may_not_be_worked_on(world: ChatWorld, reason: str) -> None:
    person = await world.somebody()
    dialog, _ids = await told_of_a_dog(world, person)
    async with world.database.write() as db:
        row, user = await db.get_one(Dialog, dialog), await db.get_one(User, person.user_id)
        row.memory_off = reason == "memory off"
        row.deleted_at = now() if reason == "deleted dialog" else None
        user.is_blocked, user.is_trial = reason == "blocked", reason == "trial"
    world.llm.embeds = meaning
    await index_of(world).make_missing(dialog)
    assert inputs(world) == []


async def forget_all(world: ChatWorld, dialog: int) -> None:
    async with world.database.write() as db:
        await forget_everything(db, await db.get_one(Dialog, dialog))


async def silence(world: ChatWorld, dialog: int) -> None:
    async with world.database.write() as db:
        told = (await db.exec(select(MemoryChapter).where(MemoryChapter.dialog_id == dialog))).one()
        await exclude_messages(db, dialog, [told.first_id])


async def go_on(world: ChatWorld, dialog: int) -> None:
    async with world.database.write() as db:
        told = (await db.exec(select(MemoryChapter).where(MemoryChapter.dialog_id == dialog))).one()
        await forget_the_old_text(db, await db.get_one(Message, told.last_id))


@pytest.mark.parametrize("gone", [forget_all, silence, go_on])
@pytest.mark.parametrize("amid", [False, True], ids=["before", "while it is made"])
async def test_the_vector_of_a_chapter_goes_with_what_it_tells(
    world: ChatWorld, gone: Callable[[ChatWorld, int], object], *, amid: bool
) -> None:
    person = await world.somebody()
    dialog, ids = await long_talk(world, person)
    await chapter(world, dialog, ids[0], ids[9], "Пёс съел тапок.")
    loop = asyncio.get_running_loop()

    def embeds(text: str) -> list[float]:
        if amid:
            asyncio.run_coroutine_threadsafe(gone(world, dialog), loop).result()  # type: ignore[arg-type]  # a coroutine
        return meaning(text)

    world.llm.embeds = embeds
    await index_of(world).make_missing(dialog)
    assert inputs(world) == ["Пёс съел тапок."]
    if not amid:
        assert len(await vectors(world)) == 1
        await gone(world, dialog)  # type: ignore[misc]  # a coroutine
    assert await vectors(world) == []

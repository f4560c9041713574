"""Prompts of real dialogs, with a stub for memory: of constant size, true to the path, within the room."""

from __future__ import annotations

from statistics import fmean
from typing import Any

import pytest
from sqlalchemy import event
from sqlmodel import col, select

from domain.accounts.sessions import Caller
from domain.chat.prompts.prompt_reader import PromptReader
from domain.clock import now
from domain.llm.port import ASIDE, RECALLED, Prompt
from domain.llm.token_estimates import estimated_tokens
from domain.memory import for_reply
from domain.memory.facts.facts import FactCandidate
from domain.memory.path_ids import Path
from domain.memory.recall.sought import Sought
from domain.memory.remembered import KnownFact, RecalledRound, Story
from domain.model.character import Character
from domain.model.dialog import Dialog, Message, State
from domain.model.user import User
from tests.domain.chat.conftest import ChatWorld
from tests.domain.chat.test_long_dialogs import line, planted

FIRST_CHAPTERS = 10
CHAPTER = 10
"""Messages told by one."""
TOLD = "Из главы"


class Memory:
    """Stub for the memory of every dialog: facts and chapters grow with the path, two rounds are recalled."""

    def __init__(self) -> None:
        self.paths: list[list[int]] = []
        self.recalls: list[int] = []

    async def pinned(self, _db: object, _dialog: int, _path: Path) -> tuple[str, ...]:
        return ("Меня зовут Ира.",)

    async def facts(self, _db: object, _dialog: int, path: Path, *, room: int) -> tuple[KnownFact, ...]:
        self.paths.append(path.ids.tolist())
        many = min(room // 50, len(path) // 10)
        return tuple(KnownFact(n, "Любит чай с мятой и тихие вечера дома.", now()) for n in range(many))

    async def candidates(self, *_: object) -> list[FactCandidate]:
        return []

    async def story(self, _db: object, _dialog: int, path: Path, *, room: int, before: int, ends_before: int) -> Story:
        ends = [path.ids[n : n + CHAPTER][-1] for n in range(1, len(path) - CHAPTER, CHAPTER) if path.ids[n] < before]
        ends = [each for each in ends if each < ends_before]
        digest = "о" * int(room * 0.45) if len(ends) > FIRST_CHAPTERS else ""
        chapters = tuple(f"{TOLD} до {end}: ".ljust(int(room * 0.11), "г") for end in ends[-5:])
        return Story(digest, chapters, ends[-1] if ends else 0)

    async def recalled(
        self, _db: object, _dialog: int, path: Path, _sought: Sought, *, before: int, room: int, led_to: list[int]
    ) -> Any:
        assert led_to == [], "no fact leads anywhere"
        ids = path.between(0, before - 1).tolist()[1:3]
        self.recalls += ids
        return (RecalledRound(ids[0], ids[1], now(), "давно спрошенное".ljust(room // 3), "давно сказанное"),)


@pytest.fixture
def memory(monkeypatch: pytest.MonkeyPatch) -> Memory:
    memory = Memory()
    monkeypatch.setattr(for_reply, "pinned_on", memory.pinned)
    monkeypatch.setattr(for_reply, "facts_for", memory.facts)
    monkeypatch.setattr(for_reply, "fact_candidates", memory.candidates)
    monkeypatch.setattr(for_reply, "story_on", memory.story)
    monkeypatch.setattr(for_reply, "recalled_for", memory.recalled)
    monkeypatch.setattr("domain.chat.prompts.prompt_reader.sought_in", lambda *_: Sought((), asks=True))
    return memory


async def long_dialog(world: ChatWorld, person: Caller, turns: int, length: int) -> tuple[int, list[int]]:
    """A dialog of a greeting and so many turns, each of so many characters; something of it is remembered."""
    text = "слово " * (length // 12)
    dialog, ids = await planted(world, person, line(2 * turns + 1), text=text)
    async with world.database.write() as db:
        (await db.get_one(Dialog, dialog)).memory_version = 1
    return dialog, ids


async def asked_with(world: ChatWorld, dialog: int, reply: int, prompts: PromptReader | None = None) -> Prompt:
    reader = prompts or world.reply_writer.prompts
    return (await reader.for_reply(world.database, dialog, reply)).prompt


@pytest.mark.parametrize("length", [300, 600, 900])
async def test_a_turn_costs_the_same_however_long_the_dialog(world: ChatWorld, memory: Memory, length: int) -> None:
    person = await world.somebody()
    dialog, ids = await long_dialog(world, person, 5_000 if length == 900 else 510, length)
    reached = 24_000 // length + 15  # from here on prompts have their full size
    spans = [range(max(41, reached), max(60, reached + 20)), range(491, 511)]
    if length == 900:
        spans.append(range(4_981, 5_001))
    means = [
        fmean([estimated_tokens(await asked_with(world, dialog, ids[2 * turn])) for turn in span]) for span in spans
    ]
    assert means[0] > 6_000, "and it is used"
    assert max(means) <= min(means) * 1.1, means
    assert memory.recalls, "with what came to mind in it"


@pytest.mark.parametrize("tokens", [2_000, 2_500, 3_000, 4_000, 8_000, 16_000, 32_000])
async def test_a_prompt_of_any_size_keeps_within_it_and_nothing_is_both_told_and_verbatim(
    world: ChatWorld, memory: Memory, tokens: int
) -> None:
    person = await world.somebody()
    dialog, ids = await long_dialog(world, person, 200, 600)
    prompts = PromptReader(lambda _model: 90_000, tokens)
    for reply in ids[-2:-40:-4]:
        prompt = await asked_with(world, dialog, reply, prompts)
        system, *talk = [each.text for each in prompt.messages]
        assert estimated_tokens(prompt) <= tokens
        assert "Меня зовут Ира." in system
        first = next(n for n, each in enumerate(ids) if talk[0].endswith(f" {n}") and each)
        told = [int(each.partition(":")[0].split()[-1]) for each in system.split(f"{TOLD} ")[1:]]
        assert all(end < ids[first] for end in told)
        assert bool(told) == (RECALLED in talk[-1])
    assert memory.paths or tokens < 3_000, "the smallest are too tight for facts"


@pytest.mark.usefixtures("clock")  # recalled messages are told with their day
async def test_another_reply_to_the_same_words_is_judged_by_those_words(world: ChatWorld, memory: Memory) -> None:
    person = await world.somebody()
    dialog, ids = await long_dialog(world, person, 60, 900)
    world.llm.answer("Первый ответ.")
    await world.chat.send(person, dialog, "А помнишь?", "1")
    first = await world.ended(person, dialog)
    world.llm.answer("Второй ответ.")
    await world.branches.regenerate(person, first.id)
    second = await world.ended(person, dialog)
    assert second.text == "Второй ответ."
    one, other = [request.body["messages"] for request in world.llm.requests]
    assert one == other, "the first reply is nowhere in what the second is asked with"
    question = first.parent_id
    assert [*ids, question] in memory.paths, "what is remembered, too, is that of the way to these words"


async def recalled_by(world: ChatWorld, reply_id: int) -> list[int] | None:
    async with world.database.read() as db:
        return (await db.get_one(Message, reply_id)).recalled


async def test_a_reply_keeps_which_old_messages_it_was_given(
    world: ChatWorld, memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = await world.somebody()
    dialog, ids = await long_dialog(world, person, 60, 900)
    world.llm.answer("Помню.", fault="length")
    await world.chat.send(person, dialog, "А помнишь?", "1")
    reply = await world.ended(person, dialog)
    assert await recalled_by(world, reply.id) == ids[1:3]
    newest = world.llm.requests[-1].body["messages"][-1]["content"]
    assert newest.startswith(f"А помнишь?\n\n{RECALLED}")
    assert "давно сказанное" in newest

    world.llm.answer(fault="401")
    await world.branches.continue_reply(person, reply.id)
    await world.ended(person, dialog)
    assert await recalled_by(world, reply.id) == ids[1:3], "nothing came of it"

    monkeypatch.setattr("domain.chat.prompts.prompt_reader.sought_in", lambda *_: None)
    world.llm.answer("И чай тоже.", fault="")
    await world.branches.continue_reply(person, reply.id)
    await world.ended(person, dialog)
    assert await recalled_by(world, reply.id) is None
    assert RECALLED not in str(world.llm.requests[-1].body)
    assert memory.recalls


async def test_the_line_in_the_chat_says_where_the_prompt_begins_to_be_verbatim(
    world: ChatWorld, memory: Memory
) -> None:
    person = await world.somebody()
    dialog, ids = await long_dialog(world, person, 60, 900)
    for turn in range(3):
        world.llm.answer(f"Ответ {turn}. " + "слово " * 60)
        await world.chat.send(person, dialog, "Ещё? " + "слово " * 60, str(turn))
        reply = await world.ended(person, dialog)
        async with world.database.read() as db:
            row, character = await db.get_one(Dialog, dialog), (await db.exec(select(Character))).one()
            ira = await db.get_one(User, person.user_id)
            verbatim = await world.reply_writer.prompts.verbatim(db, row, character, ira)
        assert verbatim.first == (await world.chat.open(person, dialog)).remembered_from
        assert verbatim.first in ids
        assert verbatim.number == ids.index(verbatim.first) + 1
        assert verbatim.gap == 0
        told = world.llm.requests[-1].body["messages"][1]["content"]
        begun = ids.index(verbatim.first)
        assert told.endswith((f" {begun}", f" {begun - CHAPTER}")), "it moves a chapter at a time"
        assert reply.state == State.DONE
    assert memory.paths


@pytest.mark.parametrize(("turns", "statements"), [(10, 2), (400, 3)])
async def test_what_a_prompt_asks_of_the_database_does_not_grow_with_the_dialog(
    world: ChatWorld, memory: Memory, turns: int, statements: int
) -> None:
    """Queries for who talks, for the end of the path, and for the opening of a longer one: the path's ids, and what is
    remembered on it, are cached by then.
    """
    person = await world.somebody()
    dialog, ids = await planted(world, person, line(2 * turns + 1), text="слово " * 75)
    await asked_with(world, dialog, ids[-1])
    asked: list[str] = []

    def hear(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        asked.append(statement)

    engine = world.database._reader.sync_engine
    event.listen(engine, "after_cursor_execute", hear)
    prompt = await asked_with(world, dialog, ids[-1])
    event.remove(engine, "after_cursor_execute", hear)
    assert len([each for each in asked if each.startswith(("SELECT", "WITH"))]) == statements, asked
    assert bool(prompt.memory) == bool(memory.paths) == (turns > 10), "the short one has no memory"


async def test_of_a_hidden_beginning_the_opening_stays_where_it_was(world: ChatWorld, memory: Memory) -> None:
    person = await world.somebody()
    dialog, ids = await long_dialog(world, person, 60, 900)
    async with world.database.write() as db:
        for message in await db.exec(select(Message).where(col(Message.id).in_(ids[1:5]))):
            message.is_hidden_from_model = True
    system, *_talk = (await asked_with(world, dialog, ids[-1])).messages
    assert "слово  0" in system.text
    assert memory.paths


async def test_the_authors_instruction_comes_after_what_came_to_mind(world: ChatWorld, memory: Memory) -> None:
    person = await world.somebody()
    dialog, ids = await long_dialog(world, person, 60, 900)
    async with world.database.write() as db:
        (await db.exec(select(Character))).one().after_history = "Будь краток."
    newest = (await asked_with(world, dialog, ids[-1])).messages[-1].text
    assert 0 < newest.index(RECALLED) < newest.index(ASIDE)
    assert memory.recalls

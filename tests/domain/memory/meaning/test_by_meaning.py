"""Recall by meaning: what was said in other words is found by vectors, if the server makes any."""

from __future__ import annotations

import logging
import threading
from math import sqrt
from random import Random

import pytest

from domain.chat.prompts.prompt_reader import PromptReader
from domain.chat.tree.message_tree import add_below
from domain.clock import now
from domain.llm.client import embeddings_client
from domain.llm.port import RECALLED, Role
from domain.memory.meaning.near import Meaning
from domain.memory.meaning.vectors import FEWEST, likeness, packed, standing_out, unpacked
from domain.memory.rows import MemoryFact
from domain.model.dialog import Dialog, Message, State
from tests.domain.chat.conftest import ChatWorld
from tests.domain.memory.meaning.meaning_world import (
    OF_TEA,
    chapter,
    chapters_of_weather,
    client,
    facts_of_tea,
    index_of,
    inputs,
    long_talk,
    meaning,
    told_of_a_dog,
    vectors,
)

QUESTION = "Помнишь мою собаку?"


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A longer timeout for questions: a busy machine is no slow model."""
    monkeypatch.setattr(embeddings_client, "QUESTION_PATIENCE", embeddings_client.TEXT_PATIENCE)


def room(_model: str) -> int:
    return 24_000


async def asked(world: ChatWorld, dialog: int, question: str, prompts: PromptReader, below: int | None = None) -> str:
    """Newest message of the prompt when the question is asked."""
    async with world.database.write() as db:
        row = await db.get_one(Dialog, dialog)
        said = Message(dialog_id=dialog, parent_id=below or row.leaf_id, role=Role.USER, text=question)
        reply = Message(dialog_id=dialog, role=Role.ASSISTANT, text="…")
        await add_below(db, row, said, reply)
    return (await prompts.for_reply(world.database, dialog, reply.id)).prompt.messages[-1].text


async def asked_by_meaning(world: ChatWorld, dialog: int, below: int | None = None) -> str:
    embeddings = client(world)
    await index_of(world, embeddings).make_missing(dialog)
    prompts = PromptReader(room, meaning=Meaning(world.database, embeddings))
    return await asked(world, dialog, QUESTION, prompts, below)


async def test_what_was_said_in_other_words_comes_to_mind(world: ChatWorld) -> None:
    person = await world.somebody()
    dialog, ids = await told_of_a_dog(world, person)
    await facts_of_tea(world, dialog, ids)
    world.llm.embeds = meaning
    index = index_of(world)
    await index.make_missing(dialog)
    made = [each.body for each in world.llm.requests]
    assert {each["model"] for each in made} == {"emb://folder/text-search-doc"}
    assert inputs(world) == ["Есть пёс.", "Лечить людей — призвание.", "Ходит на рыбалку.", *OF_TEA]
    assert all(each["encoding_format"] == "float" for each in made)
    await index.make_missing(dialog)
    assert len(world.llm.requests) == 3 + len(OF_TEA), "each once"

    by_words = await asked(world, dialog, QUESTION, PromptReader(room))
    assert "тапок" not in by_words
    by_meaning = await asked_by_meaning(world, dialog)
    assert world.llm.requests[-1].body["model"] == "emb://folder/text-search-query"
    assert RECALLED in by_meaning
    assert by_meaning.index("съел тапок") < by_meaning.index("»")


async def test_a_chapter_leads_to_what_it_tells_of(world: ChatWorld) -> None:
    """Nothing was learnt as a fact, and the question shares no word with what was said."""
    person = await world.somebody()
    dialog, ids = await long_talk(world, person)
    async with world.database.write() as db:
        (await db.get_one(Message, ids[13])).text = "Рыжий съел вчера тапок, а потом и второй."
    await chapter(world, dialog, ids[0], ids[8], "Говорили о погоде за окном и о чае.")
    await chapter(world, dialog, ids[9], ids[18], "Говорили о погоде и чае; пёс Рыжий съел тапок.")
    await chapter(world, dialog, ids[0], ids[18], "Говорили о погоде; собака съела тапок.", level=1)
    await chapters_of_weather(world, dialog, ids)
    world.llm.embeds = meaning
    recalled = await asked_by_meaning(world, dialog)
    assert inputs(world)[:2] == [
        "Говорили о погоде за окном и о чае.",
        "Говорили о погоде и чае; пёс Рыжий съел тапок.",
    ]
    assert recalled.index("Рыжий съел вчера тапок") < recalled.index("»")


async def test_of_what_was_never_spoken_of_nothing_is_quoted_though_something_is_nearest(world: ChatWorld) -> None:
    person = await world.somebody()
    dialog, ids = await told_of_a_dog(world, person)
    await facts_of_tea(world, dialog, ids)
    await chapter(world, dialog, ids[0], ids[18], "Пёс съел тапок, потом говорили о погоде.")
    await chapters_of_weather(world, dialog, ids)
    world.llm.embeds = meaning
    assert RECALLED in await asked_by_meaning(world, dialog)
    embeddings = client(world)
    prompts = PromptReader(room, meaning=Meaning(world.database, embeddings))
    for never in ("Как зовут мою черепаху?", "Какой у меня размер обуви?"):
        assert RECALLED not in await asked(world, dialog, never, prompts)
    assert len(inputs(world)) == len(OF_TEA) + 3 + FEWEST + 1 + 3, "each question was asked by its meaning"


@pytest.mark.parametrize("gone", ["deleted", "hidden", "filtered", "forgotten", "another branch", "everything"])
async def test_a_chapter_leads_to_nothing_that_may_not_be_recalled(world: ChatWorld, gone: str) -> None:
    person = await world.somebody()
    dialog, ids = await long_talk(world, person)
    async with world.database.write() as db:
        said = await db.get_one(Message, ids[13])
        said.text = "Рыжий съел вчера тапок."
        said.is_hidden_from_model = gone == "hidden"
        said.state = State.FILTERED if gone == "filtered" else said.state
        if gone in {"forgotten", "everything"}:
            forgotten = MemoryFact(dialog_id=dialog, message_id=ids[13], forgotten_at=now(), forgotten_upto=ids[-1])
            if gone == "everything":
                forgotten.message_id, forgotten.key_hash = None, "*"
            db.add(forgotten)
    await chapter(world, dialog, ids[9], ids[18], "Говорили о погоде; пёс Рыжий съел тапок.")
    await chapters_of_weather(world, dialog, ids)
    if gone == "deleted":
        await world.branches.delete(person, ids[13])
    world.llm.embeds = meaning
    recalled = await asked_by_meaning(world, dialog, below=ids[8] if gone == "another branch" else None)
    assert "тапок" not in recalled


async def test_a_server_without_embeddings_is_asked_once_and_hurts_no_reply(
    world: ChatWorld, caplog: pytest.LogCaptureFixture
) -> None:
    person = await world.somebody()
    dialog, _ids = await told_of_a_dog(world, person)
    embeddings = client(world)
    prompts = PromptReader(room, meaning=Meaning(world.database, embeddings))
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            assert await asked(world, dialog, QUESTION, prompts)
            await index_of(world, embeddings).make_missing(dialog)
    assert len(world.llm.requests) == 1
    assert len([each for each in caplog.records if "has no embeddings" in each.message]) == 1
    assert "собаку" not in caplog.text
    assert await vectors(world) == []


async def test_one_text_that_the_server_refuses_ends_recall_by_meaning_for_nobody(world: ChatWorld) -> None:
    world.llm.embeds = lambda text: [] if "∰" in text else meaning(text)
    embeddings = client(world)
    refused = await embeddings.of_question("∰")
    assert refused
    assert not refused.vector, "even if it is the very first"
    assert await embeddings.of_question(QUESTION)
    assert await embeddings.of_question("Помнишь мою собаку? " * 400)
    assert len(world.llm.requests[-1].body["input"]) <= embeddings_client.LONGEST


async def test_a_text_too_long_for_the_model_is_found_by_its_beginning(world: ChatWorld) -> None:
    world.llm.embeds, world.llm.embeds_at_most = meaning, 700
    embeddings = client(world)
    for asked_times in (3, 4):
        found = await embeddings.of_text("Помнишь мою собаку? " * 400)
        assert found
        assert found.vector
        assert len(world.llm.requests) == asked_times, "the length that it takes is remembered"


async def test_a_server_that_takes_its_time_is_not_waited_for(
    world: ChatWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_given_up = threading.Event()

    def slowly(text: str) -> list[float]:
        is_given_up.wait(embeddings_client.TEXT_PATIENCE / 2)  # whoever still waits is answered
        return meaning(text)

    world.llm.embeds = slowly
    with monkeypatch.context() as patch:
        patch.setattr(embeddings_client, "QUESTION_PATIENCE", 0.05)
        assert await client(world).of_question(QUESTION) is None
    is_given_up.set()
    world.llm.embeds = meaning
    assert await client(world).of_question(QUESTION), "and it is asked again the next time"


def test_a_vector_is_kept_in_two_bytes_a_number_and_alike_are_those_of_one_direction() -> None:
    one = packed([3.0, 4.0])
    assert len(one) == 4
    assert likeness(unpacked(one), unpacked(packed([30.0, 40.0]))) == pytest.approx(1, abs=0.01)
    assert likeness(unpacked(one), unpacked(packed([1.0, 2.0, 3.0]))) == 0


def around(angle: float, many: int) -> list[tuple[int, bytes]]:
    """Vectors that are as similar to (1, 0) as a model's unrelated texts are to a question."""
    random = Random(many)
    alike = [random.gauss(angle, 0.01) for _ in range(many)]
    return [(n, packed([each, sqrt(1 - each**2)])) for n, each in enumerate(alike)]


def at(alike: float) -> bytes:
    return packed([alike, sqrt(1 - alike**2)])


@pytest.mark.parametrize("usual", [0.2, 0.8])
def test_what_means_the_same_stands_out_however_alike_all_texts_are(usual: float) -> None:
    """In comparison with the others, since some models put all texts at 0.8."""
    others = around(usual, 100)
    assert standing_out([1, 0], others, 2) == [], "there is always a nearest one"
    assert standing_out([1, 0], [*others, (500, at(usual + 0.02)), (501, packed([]))], 2) == []
    assert standing_out([1, 0], [*others, (500, at(usual + 0.06)), (500, at(usual - 0.1))], 2) == [500]
    two = [(500, at(usual + 0.09)), (501, at(usual + 0.08)), (502, at(usual + 0.07))]
    assert standing_out([1, 0], [*others, *two], 2) == [500, 501]


def test_among_more_one_has_to_stand_out_further() -> None:
    near = (5_000, at(0.84))
    assert standing_out([1, 0], [*around(0.8, 20), near], 2) == [5_000]
    assert standing_out([1, 0], [*around(0.8, 2_000), near], 2) == []


def test_among_few_nothing_is_known_to_stand_out() -> None:
    """All of them are in the prompt anyway."""
    others = around(0.8, FEWEST - 2)
    assert standing_out([1, 0], [*others, (500, at(1))], 2) == []
    assert standing_out([1, 0], [*others, (500, at(1)), (501, at(0.8))], 2) == [500]

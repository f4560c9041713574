"""Recall by meaning: what was said in other words is found by the vectors of facts, where the server makes any."""

from __future__ import annotations

import logging
import time

import pytest
from sqlmodel import select

from domain.accounts.sessions import Caller
from domain.chat.prompts.prompt_reader import PromptReader
from domain.chat.tree.message_tree import add_below
from domain.clock import now
from domain.llm.client import embeddings_client
from domain.llm.client.embeddings_client import EmbeddingsClient
from domain.llm.port import RECALLED, Role
from domain.memory.events import MemoryChanged
from domain.memory.recall.by_meaning import MeaningIndex, embed_missing
from domain.memory.recall.vectors import likeness, nearest, packed, unpacked
from domain.memory.rows import MemoryFact, MemoryVector
from domain.model.dialog import Dialog, Message
from tests.domain.chat.conftest import ChatWorld, until
from tests.domain.chat.test_long_dialogs import line, planted

pytestmark = pytest.mark.any_database

SUBJECTS = (("собак", "пёс", "пса", "овчарк"), ("работ", "врач", "лечить"), ("море", "рыб"))


def meaning(text: str) -> list[float]:
    """A vector that knows some synonyms."""
    return [float(any(word in text.lower() for word in words)) for words in SUBJECTS] + [0.1]


def client(world: ChatWorld) -> EmbeddingsClient:
    texts, questions = "text-search-doc", "text-search-query"
    return EmbeddingsClient(base_url=world.llm.url, api_key="key", texts=texts, questions=questions, folder_id="folder")


async def told_of_a_dog(world: ChatWorld, person: Caller) -> tuple[int, list[int]]:
    """A long talk, at whose beginning the person told of their dog; facts of it are known."""
    dialog, ids = await planted(world, person, line(201), text="Разговор о погоде за окном и о чае. " * 8)
    async with world.database.write() as db:
        (await db.get_one(Dialog, dialog)).memory_version = 1
        (await db.get_one(Message, ids[3])).text = "Вчера мой пёс съел тапок."
        for at, text in ((3, "Есть пёс."), (5, "Лечить людей — призвание."), (7, "Ходит на рыбалку.")):
            db.add(MemoryFact(dialog_id=dialog, message_id=ids[at], text=text, key_hash=str(at)))
    return dialog, ids


async def asked(world: ChatWorld, dialog: int, question: str, prompts: PromptReader) -> str:
    """What the newest message of the prompt says, when that is asked."""
    async with world.database.write() as db:
        row = await db.get_one(Dialog, dialog)
        said = Message(dialog_id=dialog, parent_id=row.leaf_id, role=Role.USER, text=question)
        reply = Message(dialog_id=dialog, role=Role.ASSISTANT, text="…")
        await add_below(db, row, said, reply)
    return (await prompts.for_reply(world.database, dialog, reply.id)).prompt.messages[-1].text


async def test_what_was_said_in_other_words_comes_to_mind(world: ChatWorld) -> None:
    person = await world.somebody()
    dialog, _ids = await told_of_a_dog(world, person)
    world.llm.embeds = meaning
    embeddings = client(world)
    await embed_missing(world.database, embeddings, dialog)
    made = [each.body for each in world.llm.requests]
    assert {each["model"] for each in made} == {"emb://folder/text-search-doc"}
    assert [each["input"] for each in made] == ["Есть пёс.", "Лечить людей — призвание.", "Ходит на рыбалку."]
    assert all(each["encoding_format"] == "float" for each in made)
    await embed_missing(world.database, embeddings, dialog)
    assert len(world.llm.requests) == 3, "each once"

    by_words = await asked(world, dialog, "Помнишь мою собаку?", PromptReader(lambda _model: 24_000))
    assert "тапок" not in by_words
    by_meaning = await asked(
        world, dialog, "Помнишь мою собаку?", PromptReader(lambda _model: 24_000, embeddings=embeddings)
    )
    assert world.llm.requests[-1].body["model"] == "emb://folder/text-search-query"
    assert RECALLED in by_meaning
    assert by_meaning.index("съел тапок") < by_meaning.index("»")


async def test_a_server_without_embeddings_is_asked_once_and_hurts_no_reply(
    world: ChatWorld, caplog: pytest.LogCaptureFixture
) -> None:
    person = await world.somebody()
    dialog, _ids = await told_of_a_dog(world, person)
    embeddings = client(world)
    prompts = PromptReader(lambda _model: 24_000, embeddings=embeddings)
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            assert await asked(world, dialog, "Помнишь мою собаку?", prompts)
            await embed_missing(world.database, embeddings, dialog)
    assert len(world.llm.requests) == 1
    assert len([each for each in caplog.records if "has no embeddings" in each.message]) == 1
    assert "собаку" not in caplog.text
    async with world.database.read() as db:
        assert (await db.exec(select(MemoryVector))).first() is None


async def test_one_text_that_the_server_refuses_ends_recall_by_meaning_for_nobody(world: ChatWorld) -> None:
    world.llm.embeds = lambda text: [] if "∰" in text else meaning(text)
    embeddings = client(world)
    assert await embeddings.of_question("Помнишь мою собаку?")
    assert await embeddings.of_question("∰") is None
    assert await embeddings.of_question("Помнишь мою собаку? " * 400)
    assert len(world.llm.requests[-1].body["input"]) <= embeddings_client.LONGEST


async def test_a_server_that_takes_its_time_is_not_waited_for(
    world: ChatWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embeddings_client, "QUESTION_PATIENCE", 0.05)

    def slowly(text: str) -> list[float]:
        time.sleep(0.3)
        return meaning(text)

    world.llm.embeds = slowly
    assert await client(world).of_question("Помнишь мою собаку?") is None
    world.llm.embeds = meaning
    monkeypatch.setattr(embeddings_client, "QUESTION_PATIENCE", 20)
    assert await client(world).of_question("Помнишь мою собаку?"), "and it is asked again the next time"


async def test_vectors_are_made_after_the_memory_changed_but_not_of_what_is_to_be_forgotten(world: ChatWorld) -> None:
    person = await world.somebody()
    dialog, ids = await told_of_a_dog(world, person)
    async with world.database.write() as db:
        forgotten = (await db.exec(select(MemoryFact).where(MemoryFact.message_id == ids[5]))).one()
        forgotten.forgotten_at = now()
    world.llm.embeds = meaning
    index = MeaningIndex(world.database, world.bus, client(world))
    await index.start()
    world.bus.publish(MemoryChanged(dialog))

    async def is_made() -> bool:
        async with world.database.read() as db:
            return len((await db.exec(select(MemoryVector))).all()) == 2

    await until(is_made)
    await index.close()
    assert "Лечить людей — призвание." not in [each.body["input"] for each in world.llm.requests]


def test_a_vector_is_kept_in_two_bytes_a_number_and_alike_are_those_of_one_direction() -> None:
    one = packed([3.0, 4.0])
    assert len(one) == 4
    assert likeness(unpacked(one), unpacked(packed([30.0, 40.0]))) == pytest.approx(1, abs=0.01)
    assert likeness(unpacked(one), unpacked(packed([1.0, 2.0, 3.0]))) == 0
    assert nearest([1, 0], [(7, packed([0, 1])), (8, packed([1, 0.1])), (9, packed([1, 1]))], 2) == [8, 9]

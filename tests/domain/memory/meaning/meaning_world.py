"""Test set-up for recall by meaning: a long talk of which something is known, and a server with embeddings."""

from __future__ import annotations

from sqlmodel import col, select

from domain.accounts.sessions import Caller
from domain.llm.client.embeddings_client import EmbeddingsClient
from domain.memory.meaning.meaning_index import MeaningIndex
from domain.memory.meaning.near import Meaning
from domain.memory.meaning.vectors import FEWEST
from domain.memory.rows import ChapterState, MemoryChapter, MemoryFact, MemoryVector
from domain.model.dialog import Dialog, Message
from domain.prices import Price, Prices
from domain.usage.budget import TokenBudgets
from tests.domain.chat.conftest import ChatWorld
from tests.domain.chat.test_long_dialogs import line, planted

SUBJECTS = (("собак", "пёс", "пса", "овчарк"), ("работ", "врач", "лечить"), ("море", "рыб"))
OF_TEA = [f"Пьёт чай, {day} раз." for day in range(FEWEST)]
TEXTS, QUESTIONS = "text-search-doc", "text-search-query"


def meaning(text: str) -> list[float]:
    """Vector of a text, which knows some synonyms."""
    return [float(any(word in text.lower() for word in words)) for words in SUBJECTS] + [0.1]


def client(world: ChatWorld) -> EmbeddingsClient:
    return EmbeddingsClient(base_url=world.llm.url, api_key="key", texts=TEXTS, questions=QUESTIONS, folder_id="folder")


def index_of(
    world: ChatWorld, embeddings: EmbeddingsClient | None = None, *, tokens_a_day: int = 0, asked: Meaning | None = None
) -> MeaningIndex:
    embeddings = embeddings or client(world)
    return MeaningIndex(
        world.database,
        world.bus,
        embeddings,
        asked or Meaning(world.database, embeddings),
        budgets=TokenBudgets(tokens_a_day),
        prices=Prices({TEXTS: Price(read=10_000, written=0), QUESTIONS: Price(read=20_000, written=0)}),
    )


async def long_talk(world: ChatWorld, person: Caller) -> tuple[int, list[int]]:
    """A long talk about the weather, of which nothing is known; returns its id and those of its messages."""
    dialog, ids = await planted(world, person, line(201), text="Разговор о погоде за окном и о чае. " * 8)
    async with world.database.write() as db:
        (await db.get_one(Dialog, dialog)).memory_version = 1
    return dialog, ids


async def told_of_a_dog(world: ChatWorld, person: Caller) -> tuple[int, list[int]]:
    """A long talk, at whose beginning the person told of their dog; some of its facts are known."""
    dialog, ids = await long_talk(world, person)
    async with world.database.write() as db:
        (await db.get_one(Message, ids[3])).text = "Вчера мой пёс съел тапок."
        for at, text in ((3, "Есть пёс."), (5, "Лечить людей — призвание."), (7, "Ходит на рыбалку.")):
            db.add(MemoryFact(dialog_id=dialog, message_id=ids[at], text=text, key_hash=str(at)))
    return dialog, ids


async def facts_of_tea(world: ChatWorld, dialog: int, ids: list[int]) -> None:
    """Add as many as it takes to tell what stands out."""
    async with world.database.write() as db:
        for at, text in enumerate(OF_TEA, 9):
            db.add(MemoryFact(dialog_id=dialog, message_id=ids[at], text=text, key_hash=str(at)))


async def chapters_of_weather(world: ChatWorld, dialog: int, ids: list[int]) -> None:
    """Add as many as it takes to tell what stands out."""
    for at in range(FEWEST):
        first = 19 + 4 * at
        await chapter(world, dialog, ids[first], ids[first + 3], f"Говорили о погоде, {at} раз.")


async def chapter(world: ChatWorld, dialog: int, first_id: int, last_id: int, text: str, level: int = 0) -> int:
    async with world.database.write() as db:
        told = MemoryChapter(dialog_id=dialog, first_id=first_id, last_id=last_id, level=level)
        told.text, told.state = text, ChapterState.DONE
        db.add(told)
        await db.flush()
        return told.id


async def vectors(world: ChatWorld) -> list[MemoryVector]:
    async with world.database.read() as db:
        return list(await db.exec(select(MemoryVector).order_by(col(MemoryVector.id))))


def inputs(world: ChatWorld) -> list[str]:
    """Texts whose vectors the server was asked for."""
    return [each.body["input"] for each in world.llm.requests if each.path.endswith("/embeddings")]

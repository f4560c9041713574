"""Test set-up: the keeper of memory over a real database and a real model server, for people who have talked long."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest
from sqlalchemy import update
from sqlmodel import col, select

from domain.accounts.sessions import Caller
from domain.chat.tree.events import ReplyEnded
from domain.chat.tree.message_tree import add_below
from domain.llm.client.chat_model import ChatModel
from domain.llm.port import LanguageModel, Role
from domain.memory.chapter_plan import Sizes
from domain.memory.path_ids import Path, PathIds
from domain.memory.rows import MemoryChapter
from domain.memory.shares import Shares
from domain.memory.summaries import keeper as keeper_module
from domain.memory.summaries.keeper import MemoryKeeper
from domain.memory.summaries.summariser import Summariser
from domain.memory.summaries.summary_job import SummaryJobs
from domain.model.dialog import Dialog, Message
from domain.model.user import User
from domain.prices import Price, Prices
from domain.usage.budget import TokenBudgets
from tests.domain.chat.conftest import PATIENCE, ChatWorld, until
from tests.llm_server import Behaviour, Request
from tests.summariser_scripts import Summariser as Script

SHARES = Shares(room=10_000, story=2_850, chapter_source=400, verbatim=300)
"""Short, so that a few turns make a chapter."""
SIZES = Sizes.of(SHARES, 20_000)
TURNS = 9
"""They make one chapter."""
SUBJECTS = (
    ("Вчера шторм сорвал крышу со старой лодки.", "Лодку жалко, но сети целы и маяк горит."),
    ("Утром приходила соседка Вера с пирогом.", "Пирог был с капустой, я оставила половину."),
    ("На рынке продают белый мёд из гречихи.", "Гречишный бывает тёмный, белый из липы."),
    ("Ночью я слышал, как воют тюлени у камней.", "Тюлени приходят к камням каждую осень."),
    ("Завтра привезут уголь для печки и керосин.", "Керосин поставь в сарай, подальше от искр."),
    ("Я нашёл на берегу бутылку с запиской.", "Покажи записку, буквы могли размокнуть."),
    ("Дорога к посёлку совсем размыта дождями.", "Значит, почта придёт только морем."),
)
"""What is said, turn by turn, with the number of the turn."""


@dataclass
class Keeping:
    """The keeper, the person and dialog that it keeps memory for, and the script of the model server."""

    world: ChatWorld
    keeper: MemoryKeeper
    script: Script
    budgets: TokenBudgets
    person: Caller
    dialog_id: int

    async def talk(self, turns: int, *, below: int | None = None, question: str = "") -> list[int]:
        """Add so many turns, at the end of the path or below a message; returns the ids of their messages."""
        async with self.world.database.write() as db:
            dialog = await db.get(Dialog, self.dialog_id)
            assert dialog
            messages: list[Message] = []
            for n in range(turns):
                asked, answer = SUBJECTS[n % len(SUBJECTS)]
                for role, text in ((Role.USER, question or asked), (Role.ASSISTANT, answer)):
                    messages.append(Message(dialog_id=dialog.id, role=role, text=text))
            messages[0].parent_id = below or dialog.leaf_id
            await add_below(db, dialog, *messages)
            return [each.id for each in messages]

    async def a_reply_ended(self) -> None:
        self.world.bus.publish(ReplyEnded(self.dialog_id, 0))
        await asyncio.sleep(0)  # until the event is delivered

    async def rows(self, level: int | None = None) -> list[MemoryChapter]:
        async with self.world.database.read() as db:
            query = select(MemoryChapter).where(MemoryChapter.dialog_id == self.dialog_id)
            if level is not None:
                query = query.where(MemoryChapter.level == level)
            return list(await db.exec(query.order_by(col(MemoryChapter.level), col(MemoryChapter.last_id))))

    async def made(self, number: int, level: int = 0) -> list[MemoryChapter]:
        """Chapters of this level, once `number` of them are done."""

        async def are_done() -> bool:
            return sum(row.state == "done" for row in await self.rows(level)) >= number

        await until(are_done)
        return await self.rows(level)

    async def chapters(self, turns: int = 12) -> list[MemoryChapter]:
        """Add so many turns; returns the chapters that are made of them after a reply."""
        await self.talk(turns)
        await self.a_reply_ended()
        await self.idle()
        return await self.rows(0)

    async def while_asked(self, do: Callable[[], Awaitable[object]]) -> None:
        """Do this while the first chapter is being made; then wait for the rest."""
        reached, go_on = asyncio.Event(), threading.Event()
        loop = asyncio.get_running_loop()
        seen: list[Request] = []

        def answer(request: Request) -> Behaviour | None:
            said = self.script(request)
            if said is None or seen:
                return said
            seen.append(request)
            loop.call_soon_threadsafe(reached.set)
            go_on.wait(PATIENCE)  # the server's thread waits, and so does the answer
            return said

        self.world.llm.refuses = answer
        await self.talk(TURNS)
        await self.a_reply_ended()
        await reached.wait()
        try:
            await do()
        finally:
            go_on.set()
        await self.idle()

    async def idle(self, keeper: MemoryKeeper | None = None) -> None:
        """Wait until nothing is due any more."""

        async def is_idle() -> bool:
            return (keeper or self.keeper).is_idle

        await until(is_idle)

    async def path(self) -> Path:
        async with self.world.database.read() as db:
            dialog = await db.get(Dialog, self.dialog_id)
            assert dialog
            return await PathIds().of(db, dialog.leaf_id)

    async def change(self, **values: object) -> None:
        """Set columns of the dialog."""
        async with self.world.database.write() as db:
            await db.exec(update(Dialog).where(col(Dialog.id) == self.dialog_id).values(**values))

    async def change_person(self, **values: object) -> None:
        async with self.world.database.write() as db:
            await db.exec(update(User).where(col(User.id) == self.person.user_id).values(**values))

    async def dialog(self) -> Dialog:
        async with self.world.database.read() as db:
            dialog = await db.get(Dialog, self.dialog_id)
            assert dialog
            return dialog


def texts(rows: Sequence[MemoryChapter]) -> str:
    return " ".join(row.text for row in rows)


@pytest.fixture
async def keeping(world: ChatWorld, monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[Keeping]:
    monkeypatch.setattr(keeper_module, "LOOKS_EVERY", 0.05)
    monkeypatch.setattr("domain.llm.concurrency.SPARE_LOOKS_EVERY", 0.01)
    world.llm.refuses = script = Script()
    budgets = TokenBudgets()
    keeper = await keeper_of(world, budgets)
    person = await world.somebody()
    dialog_id = await world.dialog(person)
    await keeper.start()
    yield Keeping(world, keeper, script, budgets, person, dialog_id)
    await keeper.close()


async def keeper_of(
    world: ChatWorld, budgets: TokenBudgets, model: LanguageModel | None = None, *, name: str = ""
) -> MemoryKeeper:
    model = model or ChatModel(
        base_url=world.llm.url, api_key="key", folder_id="folder", model="yandexgpt-lite/latest", max_retries=0
    )
    prices = Prices({"yandexgpt-lite/latest": Price(read=200, written=200)})
    jobs = SummaryJobs(world.database, Summariser(model, name), world.reply_writer.places.load, prices=prices)
    return MemoryKeeper(
        world.database, world.bus, world.reply_writer.places, jobs, budgets=budgets, shares_of=lambda *_: SHARES
    )


@asynccontextmanager
async def another_keeper(
    keeping: Keeping, model: LanguageModel | None = None, *, name: str = ""
) -> AsyncGenerator[MemoryKeeper]:
    """Keeper of another instance over the same database, perhaps with another model, or one named for memory."""
    keeper = await keeper_of(keeping.world, keeping.budgets, model, name=name)
    await keeper.start()
    yield keeper
    await keeper.close()

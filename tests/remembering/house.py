"""The whole product without its pages, over a real database and the fake model server: for talks in which something is
to be remembered. Replies are asked for as people do it, and what the model was given is read at its server.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

from sqlmodel import col, select

from domain.accounts.sessions import Caller, LoginSession, hash_of, new_token
from domain.chat.tree.events import ReplyEnded
from domain.chat.tree.message_tree import path_up
from domain.clock import now
from domain.memory.rows import DIGEST, ChapterState, MemoryChapter
from domain.model.character import Character, Gender
from domain.model.dialog import Dialog, Message
from domain.model.user import User
from domain.services.build import build_services
from domain.services.groups import Services
from domain.settings.settings import Settings
from storage.database import Database
from tests.conftest import UNLIMITED
from tests.llm_server import TEXT, LlmServer, Request
from tests.remembering.talk import Planted, Talk, plant
from tests.summariser_scripts import Summariser, read

PATIENCE = 240  # seconds: far more than anything here takes
CARD = (
    "Ты — Аглая, травница и рассказчица. Живёшь одна в доме у реки, держишь пчёл, говоришь неторопливо и образно, "
    "любишь слушать. Собеседника знаешь давно и доверяешь ему. Отвечай от первого лица, не выходи из роли. "
)
SECRET = "a secret of the tests, the same in all instances"
NEIGHBOURS = 6
"""So many chapters become one of the next level."""
LONGEST_TAIL = 200  # messages
numbers = count(1)


@dataclass(frozen=True)
class Given:
    """Prompt that the model was given for one reply."""

    messages: Sequence[dict[str, str]]

    @property
    def text(self) -> str:
        return "\n".join(each["content"] for each in self.messages)

    @property
    def system(self) -> str:
        return self.messages[0]["content"]

    @property
    def newest(self) -> str:
        return self.messages[-1]["content"]

    @property
    def tokens(self) -> float:
        """Estimate as made by the product, at three characters a token."""
        return sum(len(each["content"]) for each in self.messages) / 3


@dataclass(frozen=True)
class _Visitor:
    caller: Caller
    cookie: str
    character_id: int


class House:
    def __init__(self, services: Services, llm: LlmServer, summariser: Summariser, visitor: _Visitor) -> None:
        self.services = services
        self.llm = llm
        self.ilya = visitor.caller
        self.cookie = visitor.cookie
        self._character_id = visitor.character_id
        self.summariser = summariser
        self._asked_last: dict[int, int] = {}

    @property
    def database(self) -> Database:
        return self.services.database

    async def plant(self, talk: Talk) -> Planted:
        async with self.database.write() as db:
            return await plant(db, self.ilya.user_id, self._character_id, talk)

    async def say(self, dialog_id: int, text: str, reply: str = TEXT) -> Given:
        """Say one more turn; returns what the model was given for it."""
        self.llm.answer(reply)
        return await self._replied(
            dialog_id, self.services.chat.chat.send(self.ilya, dialog_id, text, f"say {next(numbers)}")
        )

    async def ask(self, dialog_id: int, text: str) -> Given:
        """Say this at the end of the planted talk: each question is in a branch of its own beside the others."""
        if dialog_id not in self._asked_last:
            given = await self.say(dialog_id, text)
        else:
            self.llm.answer(TEXT)
            edit = self.services.chat.branches.edit(
                self.ilya, self._asked_last[dialog_id], text, f"ask {next(numbers)}"
            )
            given = await self._replied(dialog_id, edit)
        async with self.database.read() as db:
            reply = await db.get_one(Message, (await db.get_one(Dialog, dialog_id)).leaf_id)
        assert reply.parent_id
        self._asked_last[dialog_id] = reply.parent_id
        return given

    def go_on(self, dialog_id: int) -> None:
        """Let the next question go below the last one, not beside it."""
        self._asked_last.pop(dialog_id, None)

    async def _replied(self, dialog_id: int, asking: Awaitable[object]) -> Given:
        ended = asyncio.Event()
        forget = self.services.bus.subscribe(ReplyEnded, dialog_id, lambda _fact: ended.set())
        before = len(self.llm.asked)
        await asking
        async with asyncio.timeout(PATIENCE):
            await ended.wait()
        forget()
        [request] = [each for each in self.llm.asked[before:] if not read(each)]
        return Given(request.body["messages"])

    @property
    def replies_asked(self) -> list[Request]:
        return [each for each in self.llm.asked if not read(each)]

    async def words_are_indexed(self, dialog_id: int) -> bool:
        async with self.database.read() as db:
            dialog = await db.get_one(Dialog, dialog_id)
        return dialog.words_upto >= (dialog.leaf_id or 0)

    async def chapters(self, dialog_id: int) -> list[MemoryChapter]:
        async with self.database.read() as db:
            of_dialog = select(MemoryChapter).where(MemoryChapter.dialog_id == dialog_id)
            return list(await db.exec(of_dialog.order_by(col(MemoryChapter.level), col(MemoryChapter.last_id))))

    async def is_summarised(self, dialog_id: int, uncovered: int) -> bool:
        """Whether chapters cover all but `uncovered` characters at the end, and what is made of those is made too."""
        rows = await self.chapters(dialog_id)
        ends = {level: [each.last_id for each in rows if each.level == level] for level in range(DIGEST + 1)}
        async with self.database.read() as db:
            tail = await path_up(db, (await db.get_one(Dialog, dialog_id)).leaf_id, LONGEST_TAIL)
        upto = ends[0][-1] if ends[0] else 0
        is_near = bool(tail) and (tail[0].parent_id is None or tail[0].id <= upto)
        is_short = sum(each.length for each in tail if each.id > upto) < uncovered
        are_summed_up = all(len(ends[level + 1]) >= len(ends[level]) // NEIGHBOURS for level in range(DIGEST - 1))
        has_digest = ends[1][-1:] == ends[DIGEST][-1:]
        is_done = all(each.state == ChapterState.DONE for each in rows)
        return is_near and is_short and are_summed_up and has_digest and is_done


async def until(condition: Callable[[], Awaitable[bool]], patience: float = PATIENCE) -> None:
    """Wait for something that is bound to happen."""
    async with asyncio.timeout(patience):
        while not await condition():  # noqa: ASYNC110 - the row of a database has no event to wait for
            await asyncio.sleep(0.02)


@asynccontextmanager
async def house(
    folder: Path, database_url: str, llm: LlmServer, summariser: Summariser | None = None, **settings: str
) -> AsyncGenerator[House]:
    """The product over a database that has its tables, with its background jobs running. Another instance is given the
    summariser of the first.
    """
    llm.refuses = summariser = summariser or Summariser()
    services = services_over(folder, database_url, llm.url, **settings)
    started = []
    try:
        for job in services.in_background:
            await job.start()
            started.append(job)
        yield House(services, llm, summariser, await _visitor(services.database))
    finally:
        await services.reply_writer.close()
        for job in reversed(started):
            await job.close()
        await services.database.close()


def services_over(folder: Path, database_url: str, llm_url: str, **settings: str) -> Services:
    values: dict[str, Any] = {
        "DATA_DIR": str(folder),
        "DATABASE_URL": database_url,
        "BASE_URL": llm_url,
        "API_KEY": "key",
        "LLM_MODEL": "model",
        "LLM_WINDOW": "32768",
        "LLM_CONCURRENCY": "4",
        "JWT_SECRET": SECRET,
        "LIMITS": ",".join(f"{name}={times}" for name, times in UNLIMITED.items()),
    }
    return build_services(Settings(_env_file=None, **values | settings))


async def _visitor(database: Database) -> _Visitor:
    async with database.write() as db:
        name, cookie = f"ilya{next(numbers)}@example.test", new_token()
        ilya = User(email=name, email_key=name, display_name="Илья")
        db.add(ilya)
        await db.flush()
        tomorrow = now() + timedelta(days=1)
        session = LoginSession(user_id=ilya.id, token_hash=hash_of(cookie), entered_at=now(), expires_at=tomorrow)
        character = Character(owner_id=ilya.id, name="Аглая", gender=Gender.FEMALE, context=CARD, is_public=True)
        db.add_all([session, character])
        await db.flush()
        return _Visitor(Caller(session.id, ilya.id), cookie, character.id)

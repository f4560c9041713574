"""Chaos test: kill the server at random moments while people talk, and count what was lost.

The child is the conversation engine in a process of its own: twenty people, each in a dialog, write without a pause and
report on standard output what was acknowledged and which texts they saw grow. The parent sends SIGKILL, runs the
recovery of the next server start (abandoned_replies.py), and compares the database with the reports.

A moment is measured in acknowledged messages plus a short delay, not in seconds: a slow machine is as busy when killed
as a fast one. `python -m tests.crash --moments 30` prints a table (this is `make chaos`; `--on postgresql` takes a
while, since leases have to run out there); a short form is in the tests.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from sqlmodel import select

from domain.accounts.sessions import Caller, LoginSession
from domain.chat.chat import Chat
from domain.chat.replies.abandoned_replies import AbandonedReplies
from domain.chat.replies.reply_writer import ReplyWriter
from domain.chat.tree.events import ReplyChunk, ReplyEnded
from domain.clock import now
from domain.llm.client.chat_model import ChatModel
from domain.llm.port import Role
from domain.model.character import Character, Gender
from domain.model.dialog import Dialog, Message, State
from domain.model.user import User
from domain.rate_limits import InMemory, RateLimiter
from storage.bus import Bus
from storage.database import Database
from storage.migrate import upgrade
from tests.conftest import UNLIMITED
from tests.llm_server import Behaviour, LlmServer
from tests.postgres import EMPTY, Server

PEOPLE = 20
PATIENCE = 60  # seconds until every abandoned reply must be interrupted: its lease ends after ten
REPLY = " ".join(f"слово{n}" for n in range(60))


@dataclass
class Damage:
    """Damage done by a kill: `harm` must be zero."""

    acknowledged: int = 0
    replies: int = 0
    lost: int = 0
    doubled: int = 0
    orphaned: int = 0
    still_running: int = 0
    misordered: int = 0
    torn: int = 0
    """Kept texts that are no beginning of what the model said."""
    behind: list[float] = field(default_factory=list)
    """For each reply cut by the kill: seconds between the kill and the newest of the text that was kept."""

    @property
    def harm(self) -> int:
        return self.lost + self.doubled + self.orphaned + self.still_running + self.misordered + self.torn


async def talk_for_ever(database_url: str, llm_url: str) -> None:
    """The child process: everybody writes without end; each report is one line of JSON."""
    database, bus = Database(database_url), Bus()
    model = ChatModel(base_url=llm_url, api_key="k", model="m", max_retries=0)
    reply_writer = ReplyWriter(database, bus, model, RateLimiter(InMemory(), UNLIMITED), places=10)
    chat = Chat(database, bus, reply_writer)
    await asyncio.to_thread(model.warm)
    async with database.read() as db:
        sessions = list(await db.exec(select(LoginSession)))
        dialogs = {dialog.user_id: dialog.id for dialog in await db.exec(select(Dialog))}
    await asyncio.gather(*(_talk(chat, bus, Caller(each.id, each.user_id), dialogs[each.user_id]) for each in sessions))


async def _talk(chat: Chat, bus: Bus, caller: Caller, dialog_id: int) -> None:
    ended = asyncio.Event()
    bus.subscribe(ReplyEnded, dialog_id, lambda _fact: ended.set())
    bus.subscribe(
        ReplyChunk,
        dialog_id,
        lambda fact: report(grew=fact.reply_id, length=fact.at + fact.length, at=time.time()),
    )
    for n in range(10**6):
        client_id = f"{os.getpid()}-{dialog_id}-{n}"
        ended.clear()
        await chat.send(caller, dialog_id, f"вопрос {client_id}", client_id)
        report(acknowledged=client_id, dialog=dialog_id)
        await ended.wait()


def report(**what: object) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


async def prepare(database_url: str, count: int = PEOPLE) -> None:
    """Create `count` people, one character, and a dialog with it for each of them."""
    await asyncio.to_thread(upgrade, database_url)
    database = Database(database_url)
    async with database.write() as db:
        people = [User(email=f"{n}@x.test", email_key=f"{n}@x.test", display_name=str(n)) for n in range(count)]
        db.add_all(people)
        await db.flush()
        character = Character(owner_id=people[0].id, name="Марина", gender=Gender.FEMALE, context="Ты — Марина.")
        db.add(character)
        await db.flush()
        for person in people:
            db.add(Dialog(user_id=person.id, character_id=character.id))
            expires = now() + timedelta(days=1)
            db.add(LoginSession(user_id=person.id, token_hash=str(person.id), entered_at=now(), expires_at=expires))
    await database.close()


async def kill_at_a_random_moment(database_url: str, llm_url: str, moments: random.Random) -> Damage:
    """Let them talk for a while, kill the child, start again, count the damage."""
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.crash", "--child", database_url, llm_url),
        stdout=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parents[1],
    )
    assert child.stdout is not None
    heard = Ear(enough=moments.randint(1, PEOPLE * 3 // 2))
    listening = asyncio.create_task(heard.listen(child.stdout))
    waiting = asyncio.create_task(heard.has_enough.wait())
    await asyncio.wait({listening, waiting}, return_when=asyncio.FIRST_COMPLETED)
    assert heard.has_enough.is_set(), "the child died by itself"
    await asyncio.sleep(moments.uniform(0, 1.5))
    child.send_signal(signal.SIGKILL)
    killed = time.time()
    await listening
    await child.wait()
    return await count_damage(database_url, heard.reports, killed)


class Ear:
    """Reads the child's reports all the time: a full pipe would block the child."""

    def __init__(self, enough: int) -> None:
        self.reports: list[dict[str, object]] = []
        self.has_enough = asyncio.Event()
        self._missing = enough

    async def hear_more(self, enough: int) -> None:
        """Wait for `enough` more acknowledgements."""
        self._missing = enough
        self.has_enough.clear()
        await self.has_enough.wait()

    async def listen(self, reports: asyncio.StreamReader) -> None:
        async for line in reports:
            if not line.endswith(b"\n"):
                return  # the kill cut it off
            self.reports.append(json.loads(line))
            self._missing -= "acknowledged" in self.reports[-1]
            if self._missing <= 0:
                self.has_enough.set()


async def count_damage(database_url: str, reports: list[dict[str, object]], killed: float) -> Damage:
    """Run the recovery of the next start, then count the damage."""
    database = Database(database_url)
    await _start_again(database)
    async with database.read() as db:
        messages = {message.id: message for message in await db.exec(select(Message))}
        dialogs = list(await db.exec(select(Dialog)))
    await database.close()
    questions = Counter(message.client_id for message in messages.values() if message.role == Role.USER)
    replies = Counter(message.parent_id for message in messages.values() if message.role == Role.ASSISTANT)
    acknowledged = {str(report["acknowledged"]) for report in reports if "acknowledged" in report}
    damage = Damage(
        acknowledged=len(acknowledged),
        replies=len(replies),
        lost=sum(1 for client_id in acknowledged if not questions[client_id]),
        doubled=sum(1 for times in questions.values() if times > 1) + sum(1 for n in replies.values() if n > 1),
        orphaned=sum(1 for each in messages.values() if each.role == Role.USER and not replies[each.id]),
        still_running=sum(1 for each in messages.values() if each.state == State.RUNNING),
        misordered=sum(1 for dialog in dialogs if not _is_whole(dialog, messages)),
        torn=sum(1 for each in messages.values() if each.role == Role.ASSISTANT and not REPLY.startswith(each.text)),
    )
    damage.behind = list(_behind(messages, reports, killed))
    return damage


async def _start_again(database: Database) -> None:
    """Recover as the next start of the server does; on PostgreSQL the dead writer's leases have to run out first."""
    abandoned_replies = AbandonedReplies(database, Bus(), is_written_here=lambda _id: False)
    await abandoned_replies.start()
    with suppress(TimeoutError):
        async with asyncio.timeout(PATIENCE):
            while True:
                async with database.read() as db:
                    if (await db.exec(select(Message.id).where(Message.state == State.RUNNING))).first() is None:
                        break
                await asyncio.sleep(0.1)
    await abandoned_replies.close()


def _is_whole(dialog: Dialog, messages: dict[int, Message]) -> bool:
    """Whether questions and replies alternate from the leaf to the root, with no message of the dialog off the path."""
    seen, at, role = 0, dialog.leaf_id, Role.ASSISTANT
    while at is not None:
        if messages[at].role != role:
            return False
        role = Role.USER if role == Role.ASSISTANT else Role.ASSISTANT
        at, seen = messages[at].parent_id, seen + 1
    return seen == sum(1 for message in messages.values() if message.dialog_id == dialog.id)


def _behind(messages: dict[int, Message], reports: list[dict[str, object]], killed: float) -> list[float]:
    """Seconds of text lost, for each interrupted reply: from the first reported piece that was not kept to the kill."""
    first_lost: dict[int, float] = {}
    for report in reports:
        if "grew" in report:
            reply = messages.get(int(str(report["grew"])))
            kept = len(reply.text) if reply else 0
            if reply and reply.state == State.INTERRUPTED and int(str(report["length"])) > kept:
                first_lost.setdefault(reply.id, float(str(report["at"])))
    return [killed - at for at in first_lost.values()]


async def run(database_url: str, moments: int, seed: int) -> list[Damage]:
    """Kill `moments` times, on one database that lives through all of it."""
    await prepare(database_url)
    chance = random.Random(seed)
    with LlmServer(default=Behaviour(REPLY, style="fine", pause=0.015)) as llm:
        return [await kill_at_a_random_moment(database_url, llm.url, chance) for _ in range(moments)]


@contextmanager
def _database(dialect: str) -> Iterator[str]:
    if dialect == "sqlite":
        with tempfile.TemporaryDirectory() as folder:
            yield f"sqlite:///{folder}/crash.db"
    else:
        server = Server()
        yield server.url(EMPTY)
        server.stop()


def main() -> int:
    if sys.argv[1:2] == ["--child"]:
        asyncio.run(talk_for_ever(sys.argv[2], sys.argv[3]))
        return 0
    parser = argparse.ArgumentParser(description="Kill the engine at random moments and count what was lost.")
    parser.add_argument("--moments", type=int, default=30)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--on", choices=("sqlite", "postgresql"), default="sqlite")
    wishes = parser.parse_args()
    with _database(wishes.on) as database_url:
        damages = asyncio.run(run(database_url, wishes.moments, wishes.seed))
    acknowledged = sum(damage.acknowledged for damage in damages)
    print(f"{wishes.on}, seed {wishes.seed}: {len(damages)} kills, {acknowledged} acknowledged messages")
    return tell(damages)


def tell(damages: Sequence[Damage]) -> int:
    """Print the sums; returns the exit code."""
    for name in ("lost", "doubled", "orphaned", "still_running", "misordered", "torn"):
        print(f"{name:14} {sum(getattr(damage, name) for damage in damages)}")
    if behind := sorted(seconds for damage in damages for seconds in damage.behind):
        median = behind[len(behind) // 2]
        print(f"text behind    median {median:.2f} s, worst {behind[-1]:.2f} s of {len(behind)} replies")
    return 1 if any(damage.harm for damage in damages) else 0


if __name__ == "__main__":
    sys.exit(main())

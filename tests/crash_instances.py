"""Chaos test of several instances: fifty people talk on two over one PostgreSQL, and a random one is killed and
restarted, again and again. In the end everything acknowledged is there, and nothing is doubled or left running.

The instances are the domain as the server builds it, without pages: `python -m tests.crash_instances --kills 100` (a
part of `make chaos`); a short form is in the tests.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlmodel import select

from domain.accounts.sessions import Caller, LoginSession
from domain.chat.chat import Chat
from domain.chat.tree.events import ReplyEnded
from domain.errors import Busy
from domain.model.dialog import Dialog
from domain.services.build import build_services
from domain.settings.settings import Settings
from storage.bus import Bus
from tests.conftest import UNLIMITED
from tests.crash import REPLY, Damage, Ear, count_damage, prepare, report, tell
from tests.llm_server import Behaviour, LlmServer
from tests.postgres import EMPTY, Server

PEOPLE = 50
INSTANCES = 2
AGAIN = 0.3  # seconds until somebody whose last reply has lost its writer tries again
WITHIN = 120  # seconds for the next acknowledgement, on a busy machine
SECRET = "a secret of the tests, the same in all instances"


async def serve_and_talk(database_url: str, llm_url: str, name: str) -> None:
    """The child process: an instance, and its share of the people, who write without a pause."""
    with TemporaryDirectory() as folder:
        services = build_services(
            Settings(
                _env_file=None,
                DATA_DIR=Path(folder),
                DATABASE_URL=database_url,
                INSTANCE=name,
                BASE_URL=llm_url,
                LLM_MODEL="m",
                API_KEY="k",
                JWT_SECRET=SECRET,
                LIMITS=",".join(f"{limit}={times}" for limit, times in UNLIMITED.items()),
            )
        )
        for job in services.in_background:
            await job.start()
        async with services.database.read() as db:
            sessions = list(await db.exec(select(LoginSession)))
            dialogs = {dialog.user_id: dialog.id for dialog in await db.exec(select(Dialog))}
        ours = [each for each in sessions if each.user_id % INSTANCES == int(name)]
        chat, bus = services.chat.chat, services.bus
        await asyncio.gather(*(_talk(chat, bus, Caller(each.id, each.user_id), dialogs[each.user_id]) for each in ours))


async def _talk(chat: Chat, bus: Bus, caller: Caller, dialog_id: int) -> None:
    ended = asyncio.Event()
    bus.subscribe(ReplyEnded, dialog_id, lambda _fact: ended.set())
    for n in range(10**6):
        client_id = f"{time.monotonic_ns()}-{dialog_id}-{n}"
        ended.clear()
        while True:
            try:
                await chat.send(caller, dialog_id, f"вопрос {client_id}", client_id)
                break
            except Busy:  # the previous reply's writer was killed, and its lease has not run out
                await asyncio.sleep(AGAIN)
        report(acknowledged=client_id, dialog=dialog_id)
        await ended.wait()


class _Instance:
    """A child process that is started as often as it is killed. All children report to one `ear`."""

    def __init__(self, name: str, database_url: str, llm_url: str, ear: Ear) -> None:
        self._command = [*(sys.executable, "-m", "tests.crash_instances", "--child"), database_url, llm_url, name]
        self._ear = ear

    async def start(self) -> None:
        root = Path(__file__).parents[1]
        self._process = await asyncio.create_subprocess_exec(*self._command, stdout=asyncio.subprocess.PIPE, cwd=root)
        assert self._process.stdout is not None
        self._listening = asyncio.create_task(self._ear.listen(self._process.stdout))

    async def kill(self) -> None:
        assert self._process.returncode is None, "an instance died by itself"
        self._process.kill()
        await self._listening
        await self._process.wait()


async def run(database_url: str, kills: int, seed: int) -> Damage:
    """Kill a random instance `kills` times; returns the damage of all kills together."""
    await prepare(database_url, PEOPLE)
    chance, ear = random.Random(seed), Ear(0)
    with LlmServer(default=Behaviour(REPLY, style="fine", pause=0.015)) as llm:
        instances = [_Instance(str(n), database_url, llm.url, ear) for n in range(INSTANCES)]
        await asyncio.gather(*(instance.start() for instance in instances))
        for _ in range(kills):
            async with asyncio.timeout(WITHIN):
                await ear.hear_more(chance.randint(1, PEOPLE))
            await asyncio.sleep(chance.uniform(0, 1.5))
            victim = chance.choice(instances)
            await victim.kill()
            await victim.start()
        async with asyncio.timeout(WITHIN):
            await ear.hear_more(PEOPLE)  # the last one killed serves its people again
        await asyncio.gather(*(instance.kill() for instance in instances))
    return await count_damage(database_url, ear.reports, time.time())


def main() -> int:
    if sys.argv[1:2] == ["--child"]:
        asyncio.run(serve_and_talk(*sys.argv[2:5]))
        return 0
    parser = argparse.ArgumentParser(description="Kill one of two instances at random moments and count what was lost.")
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    wishes = parser.parse_args()
    server = Server()
    damage = asyncio.run(run(server.url(EMPTY), wishes.kills, wishes.seed))
    server.stop()
    print(f"two instances, seed {wishes.seed}: {wishes.kills} kills, {damage.acknowledged} acknowledged messages")
    return tell([damage])


if __name__ == "__main__":
    sys.exit(main())

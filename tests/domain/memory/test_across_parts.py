"""Memory amid everything else: other instances, a kill, a budget, a reply that needs the place, a deletion.

Real concurrency over real databases; only the model is a fake.
"""

from __future__ import annotations

import asyncio
import signal
from collections import Counter
from collections.abc import AsyncGenerator, Generator
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlmodel import col, select, update

from domain.accounts.sessions import LoginSession
from domain.clock import now
from domain.llm import concurrency, shared_concurrency
from domain.llm.port import Role
from domain.memory.overview import MemoryState
from domain.memory.rows import ChapterState, MemoryChapter, MemoryFact
from domain.memory.summaries.keeper import MemoryKeeper
from domain.model.dialog import Dialog, Message, State
from tests.clock import Clock
from tests.llm_server import LlmServer
from tests.remembering.house import House, house, until
from tests.remembering.instance import spawn
from tests.remembering.needles import one_of_each
from tests.remembering.talk import Planted, long_talk
from tests.summariser_scripts import Job, Summariser

TURNS = 60
UNCOVERED = 16_000  # characters at the end that no chapter need cover
FOR_EVER = 600.0  # seconds: whatever waits for that is cancelled


@pytest.fixture(scope="module")
def llm() -> Generator[LlmServer]:
    with LlmServer() as server:
        yield server


@pytest.fixture
async def home(tmp_path: Path, database_url: str, llm: LlmServer) -> AsyncGenerator[House]:
    llm.forget()
    async with house(tmp_path, database_url, llm) as home:
        yield home


def keeper_of(home: House) -> MemoryKeeper:
    return next(job for job in home.services.in_background if isinstance(job, MemoryKeeper))


async def planted_in(home: House, turns: int = TURNS) -> Planted:
    planted = await home.plant(long_talk(turns, one_of_each()))
    await home.services.chat.memory.read_backlog(home.ilya, planted.dialog_id)
    return planted


async def until_it_is_asked_for_a_summary(home: House, times: int = 1) -> None:
    async def is_asked() -> bool:
        return len(home.summariser.asked) >= times

    await until(is_asked)


def chapters_asked_for(summariser: Summariser) -> Counter[str]:
    """Number of requests for each chapter, by its first message."""
    return Counter(each.said[0].text for each in summariser.asked if each.job == Job.CHAPTER)


@pytest.mark.parametrize("dialect", ["postgresql"])
async def test_two_instances_never_tell_the_same_chapter_twice(
    tmp_path: Path, database_url: str, llm: LlmServer
) -> None:
    llm.forget()
    async with (
        house(tmp_path, database_url, llm, INSTANCE="a") as one,
        house(tmp_path, database_url, llm, one.summariser, INSTANCE="b") as other,
    ):
        planted = await planted_in(one, 90)
        while not await one.is_summarised(planted.dialog_id, UNCOVERED):
            for home in (one, other):
                keeper_of(home).look_at(planted.dialog_id, sums_too=True)
            await asyncio.sleep(0.01)
        chapters = await one.chapters(planted.dialog_id)
    told = [(each.level, each.first_id, each.last_id) for each in chapters]
    assert len(told) == len(set(told))
    assert len(one.summariser.asked) == len(chapters), "each was asked for once"
    assert set(chapters_asked_for(one.summariser).values()) == {1}


@pytest.mark.slow
async def test_a_kill_amid_a_summary_leaves_it_to_the_next_who_makes_it_once(
    tmp_path: Path, database_url: str, llm: LlmServer
) -> None:
    llm.forget()
    async with house(tmp_path, database_url, llm) as home:
        planted = await home.plant(long_talk(TURNS, one_of_each()))
        async with home.database.write() as db:
            (await db.get_one(Dialog, planted.dialog_id)).reads_backlog = True
    llm.refuses = slow = Summariser("slow", slowly=FOR_EVER)
    killed = await spawn(database_url, llm.url)

    async def is_amid() -> bool:
        return bool(slow.asked) and bool(llm.in_flight)

    await until(is_amid)
    killed.send_signal(signal.SIGKILL)
    await killed.wait()
    async with house(tmp_path, database_url, llm) as home:
        left, *_begun_meanwhile = await home.chapters(planted.dialog_id)
        assert left.state in {ChapterState.RUNNING, ChapterState.FAILED}
        async with home.database.write() as db:  # half a minute later
            await db.exec(
                update(MemoryChapter)
                .where(col(MemoryChapter.lease_until).is_not(None))
                .values(lease_until=now() - timedelta(hours=1))
            )
        keeper_of(home).look_at(planted.dialog_id, sums_too=True)
        await until(lambda: home.is_summarised(planted.dialog_id, UNCOVERED))
        assert set(chapters_asked_for(home.summariser).values()) == {1}
        async with home.database.read() as db:
            facts = list(await db.exec(select(MemoryFact.text).where(MemoryFact.dialog_id == planted.dialog_id)))
    assert len(facts) == len(set(facts)), "nothing is known twice"


async def test_memory_waits_when_the_day_s_tokens_are_spent_and_goes_on_tomorrow(
    tmp_path: Path, database_url: str, llm: LlmServer, clock: Clock
) -> None:
    llm.forget()
    async with house(tmp_path, database_url, llm, DAILY_TOKENS="8000") as home:
        planted = await planted_in(home)
        keeper_of(home).look_at(planted.dialog_id, sums_too=True)

        async def waits() -> bool:
            bar = await home.services.chat.memory.bar(home.ilya, planted.dialog_id)
            return bar.state == MemoryState.WAITS_FOR_BUDGET

        await until(waits)
        made = len(await home.chapters(planted.dialog_id))
        assert made, "some of it was made before"
        keeper_of(home).look_at(planted.dialog_id, sums_too=True)
        assert await used(home, planted) < 8000 + 4000, "no more than the one that was begun"
        clock.advance(timedelta(days=1))
        async with home.database.write() as db:
            await db.exec(update(LoginSession).values(expires_at=now() + timedelta(days=1)))
        asked = len(home.summariser.asked)
        keeper_of(home).look_at(planted.dialog_id, sums_too=True)
        await until_it_is_asked_for_a_summary(home, asked + 1)


async def used(home: House, planted: Planted) -> int:
    async with home.database.read() as db:
        return (await db.get_one(Dialog, planted.dialog_id)).memory_tokens


async def test_a_reply_takes_the_only_place_from_memory_which_comes_again(
    tmp_path: Path, database_url: str, llm: LlmServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    llm.forget()
    for places in (concurrency, shared_concurrency):
        monkeypatch.setattr(places, "IDLE", 0)
    async with house(tmp_path, database_url, llm, Summariser("slow", FOR_EVER), LLM_CONCURRENCY="1") as home:
        planted = await planted_in(home)
        keeper_of(home).look_at(planted.dialog_id)
        await until_it_is_asked_for_a_summary(home)
        home.summariser.manner = "faithful"  # from the next request on, which may come as soon as the reply has ended
        given = await home.say(planted.dialog_id, "Ты здесь?", "Здесь, здесь.")
        assert "Ты здесь?" in given.newest
        async with home.database.read() as db:
            dialog = await db.get_one(Dialog, planted.dialog_id)
            reply = await db.get_one(Message, dialog.leaf_id)
        assert (reply.state, reply.text) == (State.DONE, "Здесь, здесь.")
        await until(partial(has_hung_up, llm))
        keeper_of(home).look_at(planted.dialog_id)
        await until(lambda: home.is_summarised(planted.dialog_id, UNCOVERED))


@pytest.mark.slow
async def test_memory_of_many_and_their_replies_share_the_places_and_nothing_is_lost(home: House) -> None:
    talks = [await planted_in(home) for _ in range(3)]
    for each in talks:
        keeper_of(home).look_at(each.dialog_id)
    for n in range(3):
        for _ in talks:
            home.llm.answer("Слушаю.")
        chat = home.services.chat.chat
        await asyncio.gather(*(chat.send(home.ilya, each.dialog_id, "Слышишь?", str(n)) for each in talks))
        for each in talks:
            await until(partial(has_ended, home, each))
    for each in talks:
        await until(partial(home.is_summarised, each.dialog_id, UNCOVERED))


async def has_hung_up(llm: LlmServer) -> bool:
    """Whether the summary was cancelled at the model's server, which notices it in a thread of its own."""
    return llm.disconnects == 1


async def has_ended(home: House, planted: Planted) -> bool:
    async with home.database.read() as db:
        leaf_id = (await db.get_one(Dialog, planted.dialog_id)).leaf_id
        last = await db.get_one(Message, leaf_id)
    return last.role == Role.ASSISTANT and last.state == State.DONE and last.text == "Слушаю."


async def test_what_is_deleted_while_it_is_being_summed_up_is_told_by_nothing(home: House) -> None:
    home.summariser.manner = "waiting"
    planted = await planted_in(home)
    keeper_of(home).look_at(planted.dialog_id)
    await until_it_is_asked_for_a_summary(home)
    deleted = home.summariser.asked[0].said[-1].text
    async with home.database.read() as db:
        of_dialog = select(Message).where(Message.dialog_id == planted.dialog_id)
        message = next(each for each in await db.exec(of_dialog) if each.text == deleted)
    await home.services.chat.branches.delete(home.ilya, message.id)
    home.summariser.manner = "faithful"
    home.llm.go_on()
    given = await home.say(planted.dialog_id, "О чём мы говорили?")

    async def is_done() -> bool:
        chapters = await home.chapters(planted.dialog_id)
        return not home.llm.in_flight and all(each.state == ChapterState.DONE for each in chapters)

    await until(is_done)
    assert all(each.last_id < message.id for each in await home.chapters(planted.dialog_id))
    assert deleted not in given.text

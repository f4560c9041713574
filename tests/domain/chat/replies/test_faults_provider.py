"""Provider faults: whatever it does, the reply ends in one state, with what had come, and the dialog goes on.

Faults L1 to L16. What a provider does has nothing to do with the database, so all of this runs on SQLite only.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from pathlib import Path

import pytest

from domain.chat.tree.events import ReplyQueued
from domain.chat.tree.message_tree import add_below
from domain.llm.client.reply import LONGEST_REPLY
from domain.llm.deadlines import Timeouts
from domain.llm.faults import BY_CODE
from domain.llm.port import Role
from domain.model.dialog import Dialog, Message, State
from tests.domain.chat.conftest import PATIENCE, ChatWorld
from tests.domain.chat.ledger import FOLDER, KEY, check_goes_on, check_nothing_runs, check_rows, kept, world_over
from tests.domain.llm.conftest import eventually
from tests.llm_server import FOLDER as FOLDER_THAT_THE_PROVIDER_NAMES
from tests.llm_server import REFUSAL, TEXT, Behaviour
from tests.ports import free_port

UNTIL_THE_FIRST_WORD = Timeouts(first=3)
BETWEEN_WORDS = Timeouts(silence=0.7)
IN_ALL = Timeouts(whole=4)
BEGINNING = "Хорошо, что ты здесь. Я как раз думаю о море. "
SCRAP = TEXT[:4]
QUOTED = f"«{REFUSAL}» — так он и сказал."
PAGE = 4096  # bytes


@pytest.fixture(params=["sqlite"])
def dialect(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
async def stormy(world: ChatWorld) -> AsyncGenerator[ChatWorld]:
    stormy = world_over(world)
    yield stormy
    await stormy.reply_writer.close()


@dataclass(frozen=True)
class Fault:
    """Behaviour of the provider, request by request (the last one repeats), and the result that is required."""

    name: str
    behaviours: tuple[Behaviour, ...]
    state: State
    code: str = ""
    text: str = ""
    calls: int = 1
    hung_up: bool = False
    """Whether it is we who must close the connection."""


def fault(name: str, *, style: str = "coarse", retry_after: str = "") -> tuple[Behaviour, ...]:
    return (Behaviour(fault=name, style=style, retry_after=retry_after),)


SOUND = (Behaviour(),)
FAULTS = [
    Fault("L1 slow to begin", (Behaviour(hold=0.3),), State.DONE, text=TEXT),
    Fault("L2 never begins", fault("hang"), State.FAILED, "too_slow", hung_up=True),
    Fault("L3 stalls", fault("stall"), State.INTERRUPTED, "cut_off", BEGINNING, hung_up=True),
    Fault("L3 stalls, fine", fault("stall", style="fine"), State.INTERRUPTED, "cut_off", SCRAP, hung_up=True),
    Fault("L4 only comments", fault("keepalive"), State.FAILED, "too_slow", hung_up=True),
    Fault("L4 comments after words", fault("murmur"), State.INTERRUPTED, "cut_off", BEGINNING, hung_up=True),
    Fault("L5 reset", fault("reset"), State.INTERRUPTED, "cut_off", BEGINNING),
    Fault("L5 reset before a word", fault("drop"), State.FAILED, "unavailable", calls=3),
    Fault("L5 reset before a word, once", fault("drop") + SOUND, State.DONE, text=TEXT, calls=2),
    Fault("L6 clean cut", fault("cut"), State.INTERRUPTED, "cut_off", BEGINNING),
    Fault("L6 clean cut, fine", fault("cut", style="fine"), State.INTERRUPTED, "cut_off", SCRAP),
    Fault("L7 wrong key", fault("401"), State.FAILED, "key_rejected"),
    Fault("L7 no right", fault("403"), State.FAILED, "key_rejected"),
    Fault("L7 no such model", fault("404"), State.FAILED, "unknown_model"),
    Fault("L8 too many, for ever", fault("429"), State.FAILED, "overloaded", calls=3),
    Fault("L8 too many, for a second", fault("429", retry_after="1") + SOUND, State.DONE, text=TEXT, calls=2),
    Fault("L8 too many, for two minutes", fault("429", retry_after="120"), State.FAILED, "overloaded"),
    Fault("L9 500", fault("500"), State.FAILED, "unavailable", calls=3),
    Fault("L9 503 twice", fault("503") * 2 + SOUND, State.DONE, text=TEXT, calls=3),
    Fault("L9 502, a page", fault("502"), State.FAILED, "unavailable", calls=3),
    Fault("L9 200, a page", fault("html"), State.FAILED, "wrong_address", calls=3),
    Fault("L10 bad event", fault("badsse"), State.INTERRUPTED, "cut_off", BEGINNING),
    Fault("L10 error event", fault("error_event"), State.INTERRUPTED, "cut_off", BEGINNING),
    Fault("L10 error event, Yandex", fault("error_event_yandex"), State.INTERRUPTED, "cut_off", BEGINNING),
    Fault("L11 empty", fault("empty"), State.FAILED, "empty"),
    Fault("L11 empty, fine", fault("empty", style="fine"), State.FAILED, "empty"),
    Fault("L13 filter after words", fault("filter"), State.FILTERED, text=REFUSAL),
    Fault("L13 filter after words, fine", fault("filter", style="fine"), State.FILTERED, text=REFUSAL),
    Fault("L13 filter at once", fault("filter_at_once"), State.FILTERED, text=REFUSAL),
    Fault("L13 filter without words of its own", fault("filter_bare"), State.FILTERED, text=BEGINNING),
    Fault("L13 refusal as an ordinary reply", (Behaviour(REFUSAL),), State.FILTERED, text=REFUSAL),
    Fault("L13 refusal, fine", (Behaviour(REFUSAL, style="fine"),), State.FILTERED, text=REFUSAL),
    Fault("L13 a character who only quotes it", (Behaviour(QUOTED),), State.DONE, text=QUOTED),
    Fault("L14 length", fault("length"), State.DONE, "length", TEXT),
    Fault("L14 length, fine", fault("length", style="fine"), State.DONE, "length", TEXT),
    Fault("signs that no database keeps", (Behaviour("При\x00вет, \ud83dмир."),), State.DONE, text="Привет, мир."),
    Fault("an emoji torn in two", (Behaviour("Ура\ud83d\udc4b!", style="fine"),), State.DONE, text="Ура👋!"),
    Fault("what a terminal obeys", (Behaviour("При\x1b[1mв\x07ет\u202e!"),), State.DONE, text="При[1mвет!"),
    Fault("prompt too long", fault("toolong"), State.FAILED, "too_long", calls=6),
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
async def test_nothing_is_lost_when_the_provider_fails(
    stormy: ChatWorld, fault: Fault, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    person = await stormy.somebody()
    dialog = await stormy.dialog(person)
    if fault.hung_up:  # all others have as long as a busy machine takes
        patience = UNTIL_THE_FIRST_WORD if fault.code == "too_slow" else BETWEEN_WORDS
        stormy.reply_writer._deadlines = IN_ALL if "comments" in fault.name else patience
    *first, stormy.llm.default = fault.behaviours
    for behaviour in first:
        stormy.llm.answer(behaviour.text, fault=behaviour.fault, retry_after=behaviour.retry_after)
    await stormy.chat.send(person, dialog, "Что там на море?", "1")
    reply = await stormy.ended(person, dialog)

    assert (reply.state, reply.fault, reply.text) == (fault.state, fault.code, fault.text)
    assert len(stormy.llm.requests) == fault.calls
    await check_rows(stormy.database, dialog, "1")
    await check_nothing_runs(stormy)
    assert await eventually(lambda: stormy.llm.disconnects == fault.hung_up)

    is_trouble = reply.fault in BY_CODE
    assert bool(reply.reference) == is_trouble, "the person has something to quote"
    assert (f"[{reply.reference}]" in caplog.text) == is_trouble, "and the administrator something to find"
    for secret in (KEY, FOLDER, FOLDER_THAT_THE_PROVIDER_NAMES):
        assert secret not in caplog.text
        assert secret not in str(reply.model_dump())

    stormy.reply_writer._deadlines = Timeouts()
    prompt = await check_goes_on(stormy, person, dialog)
    goes_into_the_prompt = bool(fault.text) and fault.state != State.FILTERED
    assert [message["content"].strip() for message in prompt if message["role"] == "assistant"] == (
        [fault.text.strip()] if goes_into_the_prompt else []
    )
    await check_rows(stormy.database, dialog, "1", "next")


@pytest.mark.parametrize("style", ["coarse", "fine"])
async def test_an_endless_reply_is_cut_where_nobody_reads_on(stormy: ChatWorld, style: str) -> None:
    """L12"""
    person = await stormy.somebody()
    dialog = await stormy.dialog(person)
    stormy.llm.answer("Слова, слова, слова. " * 20, style=style, fault="endless")
    await stormy.chat.send(person, dialog, "Говори", "1")
    reply = await stormy.ended(person, dialog)
    assert (reply.state, reply.fault, len(reply.text)) == (State.DONE, "length", LONGEST_REPLY)
    assert await eventually(lambda: stormy.llm.disconnects == 1), "the model must not go on for nobody"
    await check_rows(stormy.database, dialog, "1")


async def test_a_huge_reply_takes_no_huge_memory(stormy: ChatWorld) -> None:
    """L12"""
    person = await stormy.somebody()
    dialog = await stormy.dialog(person)
    stormy.llm.answer("м" * 2_000_000)
    before = _resident()
    await stormy.chat.send(person, dialog, "Говори", "1")
    reply = await stormy.ended(person, dialog)
    assert (reply.state, reply.fault, len(reply.text)) == (State.DONE, "length", LONGEST_REPLY)
    assert _resident() - before < 100 * 2**20, "the model's server and what waits in it are in this process, too"
    await check_nothing_runs(stormy)


def _resident() -> int:
    """Resident memory of this process in bytes."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE


async def test_a_provider_that_cannot_be_reached_is_an_outage(
    world: ChatWorld, caplog: pytest.LogCaptureFixture
) -> None:
    """L16: no such host, nobody listening, no TLS where it was promised."""
    closed_door = f"http://127.0.0.1:{free_port()}/v1"
    no_tls = await asyncio.start_server(lambda _reader, writer: writer.close(), "127.0.0.1", 0)
    no_tls_there = f"https://127.0.0.1:{no_tls.sockets[0].getsockname()[1]}/v1"
    faults = {closed_door: "unreachable", "http://model.invalid/v1": "unreachable", no_tls_there: "unavailable"}
    for address, fault in faults.items():
        away = world_over(world, address=address)
        person = await away.somebody()
        dialog = await away.dialog(person)
        await away.chat.send(person, dialog, "Есть кто?", "1")
        reply = await away.ended(person, dialog)
        assert (reply.state, reply.fault) == (State.FAILED, fault), address
        assert reply.reference in caplog.text
        await check_rows(away.database, dialog, "1")
        assert (await check_goes_on(world, person, dialog))[-1]["content"] == "Есть кто?\n\nИ дальше?"
    no_tls.close()


@pytest.mark.slow
async def test_two_hundred_people_at_once_are_served_ten_at_a_time(world: ChatWorld) -> None:
    """L15"""
    crowded = world_over(world, places=10)
    people = await crowded.people(200)
    character = await crowded.character(people[0])
    async with crowded.database.write() as db:
        dialogs = [Dialog(user_id=person.user_id, character_id=character.id) for person in people]
        db.add_all(dialogs)
    places_in_the_queue: list[int] = []
    for each in dialogs:
        crowded.bus.subscribe(ReplyQueued, each.id, lambda fact: places_in_the_queue.append(fact.ahead))
    world.llm.default = Behaviour(said := "Готово. Совсем. Вот.")
    for _ in range(10):
        world.llm.answer(said, fault="waits")  # until the others have come and wait
    talks = zip(people, dialogs, strict=True)
    await asyncio.gather(*(crowded.chat.send(person, each.id, "Кто там?", "1") for person, each in talks))
    world.llm.go_on()
    await crowded.reply_writer.close(grace=2 * PATIENCE)
    for each in dialogs:
        question, reply = await kept(crowded.database, each.id)
        assert (question.text, reply.state, reply.text) == ("Кто там?", State.DONE, said)
    assert world.llm.most_in_flight <= 10
    assert len(world.llm.requests) == 200
    assert max(places_in_the_queue) > 10, "and those who waited were told how many were before them"


async def test_a_prompt_that_was_too_long_is_asked_again_with_half_of_the_conversation(world: ChatWorld) -> None:
    """Our count of tokens is an estimate, and this provider counts differently."""
    person = await world.somebody()
    dialog = await world.dialog(person)
    async with world.database.write() as db:
        row = await db.get_one(Dialog, dialog)
        room = world.reply_writer.prompts.room(row)
        for _ in range(10):
            message = Message(dialog_id=dialog, parent_id=row.leaf_id, role=Role.USER, text="м" * (room // 10))
            await add_below(db, row, message)
    world.llm.answer(fault="toolong")
    await world.chat.send(person, dialog, "Что там на море?", "1")
    reply = await world.ended(person, dialog)
    whole, half = [sum(len(each["content"]) for each in request.body["messages"]) for request in world.llm.requests]
    assert (reply.state, reply.text) == (State.DONE, TEXT)
    assert 0.8 * room < whole <= room
    assert 0.4 * room < half <= room / 2

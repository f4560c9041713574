"""Races and shutdown: what people and admins do at the worst moment: twice at once, stop, leave, stop the server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

import pytest

from domain.chat.replies import reply_writer
from domain.chat.tree.events import ReplyChunk
from domain.errors import Busy
from domain.model.dialog import State
from storage.database import Database
from tests.domain.chat.conftest import PATIENCE, ChatWorld, until
from tests.domain.chat.ledger import check_goes_on, check_nothing_runs, check_rows, kept, world_over
from tests.domain.llm.conftest import eventually
from tests.llm_server import TEXT, Behaviour

BEGINNING = "Хорошо, что ты здесь. "
LONG = 30.0
"""Seconds that each of these replies would go on for if nobody felt the stop. By design it is felt within milliseconds.
"""


@pytest.fixture
async def neighbour(world: ChatWorld, database_url: str) -> AsyncGenerator[ChatWorld]:
    """A second server over the same database, which hears nothing of what the first one writes."""
    database = Database(database_url)
    neighbour = world_over(world, database=database)
    yield neighbour
    await neighbour.reply_writer.close()
    await database.close()


async def test_one_message_sent_many_times_at_once_is_one_message(world: ChatWorld, neighbour: ChatWorld) -> None:
    """A5, through two servers at the same moment."""
    person = await world.somebody()
    dialog = await world.dialog(person)
    servers = [world, neighbour] * 4
    sent = await asyncio.gather(*(each.chat.send(person, dialog, "Привет", "same") for each in servers))
    (writing,) = (server for server, each in zip(servers, sent, strict=True) if each)
    await writing.ended(person, dialog)
    await world.chat.send(person, dialog, "Привет", "same")
    await check_rows(world.database, dialog, "same")
    assert len(world.llm.requests) == 1
    await check_nothing_runs(world)


async def test_different_messages_at_once_are_taken_one_by_one(world: ChatWorld, neighbour: ChatWorld) -> None:
    """A7, through two servers at the same moment."""
    person = await world.somebody()
    dialog = await world.dialog(person)
    world.llm.default = Behaviour(fault="waits")
    servers = [world, neighbour] * 2
    sent = await asyncio.gather(
        *(each.chat.send(person, dialog, f"Вопрос {n}", str(n)) for n, each in enumerate(servers)),
        return_exceptions=True,
    )
    refusals = [each for each in sent if isinstance(each, BaseException)]
    assert [str(refusal) for refusal in refusals] == ["One moment: the previous reply is still being written."] * 3
    assert {type(refusal) for refusal in refusals} == {Busy}
    world.llm.go_on()
    (taken,) = (number for number, each in enumerate(sent) if not isinstance(each, BaseException))
    await servers[taken].ended(person, dialog)
    await check_rows(world.database, dialog, str(taken))
    assert len(world.llm.requests) == 1
    await check_goes_on(world, person, dialog)


async def test_a_reply_is_written_to_its_end_though_everybody_left(world: ChatWorld) -> None:
    """A6"""
    person = await world.somebody()
    dialog = await world.dialog(person)
    world.llm.answer(pause=0.1)
    await world.chat.send(person, dialog, "Я пойду", "1")

    async def is_kept() -> bool:
        return (await kept(world.database, dialog))[-1].state == State.DONE

    await until(is_kept)
    assert (await kept(world.database, dialog))[-1].text == TEXT
    await check_rows(world.database, dialog, "1")


@pytest.mark.parametrize(
    ("behaviour", "text"),
    [
        (Behaviour(fault="hang"), ""),
        (Behaviour(fault="keepalive"), ""),
        (Behaviour(TEXT, pause=2 * LONG), BEGINNING),
        (Behaviour(fault="429", retry_after=str(LONG)), ""),
    ],
    ids=["waiting for the first word", "hearing comments", "between two words", "waiting to ask again"],
)
@pytest.mark.parametrize("dialect", ["sqlite"])
async def test_a_stop_is_felt_at_once(world: ChatWorld, behaviour: Behaviour, text: str) -> None:
    quick = world_over(world, longest_pause=2 * LONG)
    person = await quick.somebody()
    dialog = await quick.dialog(person)
    quick.llm.default = behaviour
    await quick.chat.send(person, dialog, "Говори", "1")
    assert await eventually(lambda: len(quick.llm.requests) == 1)
    reply_id = (await kept(quick.database, dialog))[-1].id
    assert await eventually(lambda: quick.reply_writer.text_of(reply_id) == text)
    began = asyncio.get_running_loop().time()
    await quick.chat.stop(person, dialog)
    reply = await quick.ended(person, dialog)
    assert asyncio.get_running_loop().time() - began < LONG / 2
    assert (reply.state, reply.text) == (State.STOPPED, text)
    assert await eventually(lambda: quick.llm.in_flight == 0), "the model must not go on for nobody"
    await check_rows(quick.database, dialog, "1")
    await check_nothing_runs(quick)
    assert len(quick.llm.requests) == 1, "nobody asks for what was stopped"


@pytest.mark.parametrize("dialect", ["sqlite"])
async def test_a_stop_in_the_queue_asks_the_model_for_nothing(world: ChatWorld) -> None:
    crowded = world_over(world, places=1)
    person = await crowded.somebody()
    first, second = [await crowded.dialog(person) for _ in range(2)]
    crowded.llm.default = Behaviour(fault="hang")
    await crowded.chat.send(person, first, "Говори", "1")
    await crowded.chat.send(person, second, "И ты", "1")
    assert await eventually(lambda: crowded.llm.in_flight == 1)
    await crowded.chat.stop(person, second)
    assert (await crowded.ended(person, second)).state == State.STOPPED
    await crowded.chat.stop(person, first)
    assert (await crowded.ended(person, first)).state == State.STOPPED
    assert len(crowded.llm.requests) == 1
    await check_nothing_runs(crowded)
    await check_goes_on(crowded, person, second)


async def test_going_down_takes_nothing_new_lets_the_quick_finish_and_marks_the_rest(
    world: ChatWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A2"""
    monkeypatch.setattr(reply_writer, "LAST_WRITES", PATIENCE)
    person = await world.somebody()
    quick, slow, late = [await world.dialog(person) for _ in range(3)]
    begun = {dialog: asyncio.Event() for dialog in (quick, slow)}
    for dialog in begun:
        world.bus.subscribe(ReplyChunk, dialog, lambda fact: begun[fact.about].set())
    world.llm.answer(fault="waits")
    await world.chat.send(person, quick, "Коротко", "1")
    await begun[quick].wait()
    world.llm.answer(fault="stall")
    await world.chat.send(person, slow, "Длинно", "1")
    await begun[slow].wait()
    closing = asyncio.create_task(world.reply_writer.close(grace=6))
    await asyncio.sleep(0)
    with pytest.raises(Busy, match="being restarted"):
        await world.chat.send(person, late, "Успею?", "1")
    world.llm.go_on()
    await closing
    ends = {dialog: (await kept(world.database, dialog))[-1] for dialog in (quick, slow)}
    assert (ends[quick].state, ends[quick].text) == (State.DONE, TEXT)
    assert (ends[slow].state, ends[slow].text) == (State.INTERRUPTED, BEGINNING + "Я как раз думаю о море. ")
    for dialog in (quick, slow):
        await check_rows(world.database, dialog, "1")
    assert len(await kept(world.database, late)) == 1, "what is refused leaves nothing behind"
    await check_nothing_runs(world)


@pytest.mark.parametrize("delay", [0.0, 0.002, 0.004, 0.008, 0.016])
async def test_a_message_sent_as_the_server_goes_down_is_refused_or_accounted_for(
    world: ChatWorld, delay: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A2, whichever of the two comes first."""
    monkeypatch.setattr(reply_writer, "LAST_WRITES", PATIENCE)
    closing = world_over(world)
    person = await closing.somebody()
    dialog = await closing.dialog(person)
    closing.llm.default = Behaviour(fault="hang")
    sending = asyncio.create_task(closing.chat.send(person, dialog, "Успею?", "1"))
    await asyncio.sleep(delay)
    await closing.reply_writer.close()
    (answer,) = await asyncio.gather(sending, return_exceptions=True)
    await closing.reply_writer.close()
    if isinstance(answer, BaseException):
        assert isinstance(answer, Busy)
        assert len(await kept(closing.database, dialog)) == 1
    else:
        assert (await kept(closing.database, dialog))[-1].state == State.INTERRUPTED
        await check_rows(closing.database, dialog, "1")
    await check_nothing_runs(closing)


async def test_a_reply_that_said_nothing_makes_room_for_the_next(world: ChatWorld) -> None:
    """N5: a reply regenerated after a stop before its first word is the only one, without an empty one beside it."""
    person = await world.somebody()
    dialog = await world.dialog(person)
    world.llm.answer(fault="hang")
    await world.chat.send(person, dialog, "Ты здесь?", "1")
    assert await eventually(lambda: world.llm.in_flight == 1)
    await world.chat.stop(person, dialog)
    stopped = await world.ended(person, dialog)
    assert (stopped.state, stopped.text) == (State.STOPPED, "")
    await world.branches.regenerate(person, stopped.id)
    reply = await world.ended(person, dialog)
    conversation = await world.chat.open(person, dialog)
    assert (reply.state, reply.text) == (State.DONE, TEXT)
    assert conversation.siblings[reply.id].of == 1

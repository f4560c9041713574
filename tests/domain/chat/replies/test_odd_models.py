"""Odd models: slow to load, thoughtful, forgetful, with one slot. The reply comes, and people see what it waits for."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncGenerator, Callable
from dataclasses import replace

import pytest

from domain.accounts.sessions import Caller
from domain.chat.chat import Chat
from domain.chat.history_page import may_see_thoughts
from domain.chat.replies.reply_writer import ReplyWriter
from domain.chat.replies.retries import RetryPolicy
from domain.chat.tree.events import Delay, ReplyDelayed, ReplyTakenBack
from domain.chat.tree.message_tree import add_below
from domain.llm.client.chat_model import ChatModel
from domain.llm.deadlines import Timeouts
from domain.llm.port import Role
from domain.model.dialog import Dialog, Message, State
from domain.model.user import User
from domain.rate_limits import InMemory, RateLimiter
from storage.bus import Bus
from tests.conftest import UNLIMITED
from tests.domain.chat.conftest import ChatWorld
from tests.llm_server import Behaviour, LlmServer, Request, exactly

WORDS = "Привет! Я жду у маяка."
LOADING = exactly('{"error": {"code": 503, "message": "Loading model", "type": "unavailable_error"}}', 503)
PATIENT = Timeouts(first=30, silence=30, whole=60)


@pytest.fixture(params=["sqlite"])  # a model's behaviour does not depend on the database
def dialect(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
async def home(world: ChatWorld) -> AsyncGenerator[ChatWorld]:
    """A server on one's own computer, with a model of which nothing is known."""
    home = at_home(world, PATIENT)
    yield home
    await home.reply_writer.close()


def at_home(world: ChatWorld, patience: Timeouts) -> ChatWorld:
    bus = Bus()
    model = ChatModel(base_url=world.llm.url, api_key="", model="gemma", max_retries=0, max_reply_tokens=1500)
    model.warm()
    reply_writer = ReplyWriter(
        world.database,
        bus,
        model,
        RateLimiter(InMemory(), UNLIMITED),
        places=10,
        deadlines=patience,
        patience=RetryPolicy(pause=0.01, loading=0.02),
    )
    return replace(world, bus=bus, reply_writer=reply_writer, chat=Chat(world.database, bus, reply_writer))


async def asked(world: ChatWorld, text: str = "Привет!") -> tuple[Caller, int, list[Delay]]:
    """A person, the dialog in which they have just asked something, and the delays they are told of."""
    person = await world.somebody()
    dialog = await world.dialog(person)
    told: list[Delay] = []
    world.bus.subscribe(ReplyDelayed, dialog, lambda fact: told.append(fact.why))
    await world.chat.send(person, dialog, text, "1")
    return person, dialog, told


async def test_a_model_that_is_being_loaded_is_waited_for_and_people_see_it(home: ChatWorld) -> None:
    loading = iter([LOADING] * 5)
    home.llm.refuses = lambda _: next(loading, None)
    home.llm.default = Behaviour(WORDS)
    person, dialog, told = await asked(home)
    reply = await home.ended(person, dialog)
    assert (reply.state, reply.text) == (State.DONE, WORDS)
    assert told == [Delay.LOADING] * 5


async def test_one_that_is_never_loaded_is_given_up_with_what_is_the_matter(world: ChatWorld) -> None:
    hasty = at_home(world, Timeouts(first=5))  # within which the first answer comes even on a busy machine
    hasty.llm.refuses = lambda _: LOADING
    person, dialog, _ = await asked(hasty)
    reply = await hasty.ended(person, dialog)
    assert (reply.state, reply.fault) == (State.FAILED, "loading")
    await hasty.reply_writer.close()


async def test_who_thinks_before_speaking_is_seen_to_think(home: ChatWorld) -> None:
    home.llm.default = Behaviour(f"<think>Hm, let me see.</think>{WORDS}", style="fine", pause=0.01)
    person, dialog, told = await asked(home)
    reply = await home.ended(person, dialog)
    assert (reply.state, reply.text) == (State.DONE, WORDS)
    assert told == [Delay.THINKING]
    home.llm.default = Behaviour("И дальше.")
    await home.chat.send(person, dialog, "И?", "2")
    await home.ended(person, dialog)
    assert "let me see" not in json.dumps(home.llm.requests[-1].body), "and the thought is not sent back"


async def test_thoughts_that_were_taken_for_the_reply_are_taken_back_and_known_from_then_on(home: ChatWorld) -> None:
    home.llm.default = Behaviour(f"Hm, let me see. </think>{WORDS}", style="fine", pause=0.02)
    taken_back: list[ReplyTakenBack] = []
    person = await home.somebody()
    dialog = await home.dialog(person)
    home.bus.subscribe(ReplyTakenBack, dialog, taken_back.append)
    for number in ("1", "2"):
        await home.chat.send(person, dialog, "Привет!", number)
        reply = await home.ended(person, dialog)
        assert (reply.state, reply.text) == (State.DONE, WORDS)
    assert len(taken_back) == 1, "the second time nothing of the thoughts was shown at all"


@pytest.mark.slow
async def test_a_server_that_works_on_one_reply_at_a_time_is_waited_for_and_noticed(
    world: ChatWorld, caplog: pytest.LogCaptureFixture
) -> None:
    """Five people ask at once; the wait for the last is longer than any server may be silent."""
    hasty = at_home(world, Timeouts(first=3, silence=30, whole=60))
    with OneAtATime() as server:
        hasty.reply_writer._model = ChatModel(base_url=server.url, api_key="", model="gemma", max_retries=0)
        hasty.reply_writer._model.warm()
        server.default = Behaviour(WORDS * 3, style="fine", pause=0.12)
        people = await asyncio.gather(*(asked(hasty) for _ in range(5)))
        replies = [await hasty.ended(person, dialog) for person, dialog, _ in people]
    assert {(reply.state, reply.text) for reply in replies} == {(State.DONE, WORDS * 3)}
    assert "LLM_CONCURRENCY=1" in caplog.text
    await hasty.reply_writer.close()


class OneAtATime(LlmServer):
    """Like most servers on one's own computer: one slot, and a queue before it."""

    def __init__(self) -> None:
        super().__init__()
        self._slot = asyncio.Lock()

    async def _reply(self, behaviour: Behaviour, request: Request, writer: asyncio.StreamWriter) -> None:
        async with self._slot:
            await super()._reply(behaviour, request, writer)


def overflowing(window: int, refusal: Behaviour) -> Callable[[Request], Behaviour | None]:
    """Refusals of a server that counts the prompt's tokens, two characters each, and takes only what fits."""

    def judge(request: Request) -> Behaviour | None:
        length = sum(len(message["content"]) for message in request.body["messages"])
        too_long = length / 2 + request.body["max_tokens"] > window
        return refusal if too_long else None

    return judge


@pytest.mark.parametrize(
    "refusal",
    [
        exactly('{"error": {"message": "the request exceeds the available context size", "n_ctx": 2048}}', 400),
        exactly('{"error": "The number of tokens to keep is greater than the context length."}', 400),
        exactly('{"error": {"message": "No."}}', 400),
        exactly('{"error": {"message": "Internal error"}}', 500),
        exactly("", 413),
    ],
    ids=["with its window", "with a sentence", "without a reason", "as a fault of its own", "by its front"],
)
async def test_a_dialog_never_dies_of_its_length(home: ChatWorld, refusal: Behaviour) -> None:
    home.llm.refuses = overflowing(2048, refusal)
    home.llm.default = Behaviour(WORDS)
    person = await home.somebody()
    dialog = await home.dialog(person)
    await talk_at_length(home, dialog)
    for number in ("1", "2"):
        await home.chat.send(person, dialog, "Что там на море?", number)
        reply = await home.ended(person, dialog)
        assert (reply.state, reply.text) == (State.DONE, WORDS)
    assert home.llm.requests[-1].body["messages"][-1]["content"] == "Что там на море?"
    tries, home.llm.requests = len(home.llm.requests), []
    await home.chat.send(person, dialog, "И дальше?", "3")
    await home.ended(person, dialog)
    is_told = refusal.status == 413 or b"context" in (refusal.body or b"")
    assert len(home.llm.requests) == 1 or not is_told, "what it takes is remembered"
    assert tries > 2, "and had to be found out"


async def talk_at_length(home: ChatWorld, dialog_id: int) -> None:
    async with home.database.write() as db:
        for place in range(40):
            row = await db.get_one(Dialog, dialog_id)
            role = Role.ASSISTANT if place % 2 else Role.USER
            await add_below(db, row, Message(dialog_id=dialog_id, parent_id=row.leaf_id, role=role, text="море " * 40))


async def test_a_prompt_whose_tokens_were_counted_is_cut_once_and_to_what_fits(home: ChatWorld) -> None:
    """As llama.cpp's server counts them; without its numbers the prompt would be halved."""

    def judge(request: Request) -> Behaviour | None:
        tokens = sum(len(message["content"]) for message in request.body["messages"]) // 2
        error = {"type": "exceed_context_size_error", "n_ctx": 3000, "n_prompt_tokens": tokens}
        return exactly(json.dumps({"error": error}), 400) if tokens >= 3000 else None

    home.llm.refuses = judge
    home.llm.default = Behaviour(WORDS)
    person = await home.somebody()
    dialog = await home.dialog(person)
    await talk_at_length(home, dialog)
    await home.chat.send(person, dialog, "Что там на море?", "1")
    assert (await home.ended(person, dialog)).text == WORDS
    _refused, taken = [sum(len(each["content"]) for each in request.body["messages"]) for request in home.llm.asked]
    room = home.reply_writer._model.room()
    assert 0.8 * room < taken <= room


async def test_the_log_tells_the_cause_beside_the_reference_and_nothing_of_the_talk(
    home: ChatWorld, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    said = "model 'gemma' not found, try pulling it first; prompt was: Меня зовут Анна и я живу в Перми"
    home.llm.default = exactly(json.dumps({"error": {"message": said}}), 404)
    person, dialog, _ = await asked(home, "Меня зовут Анна и я живу в Перми")
    reply = await home.ended(person, dialog)
    line = next(line for line in caplog.text.splitlines() if f"[{reply.reference}]" in line)
    assert "try pulling it first" in line
    assert "Анна" not in line


@pytest.mark.parametrize("kept", [True, False])
async def test_thoughts_are_kept_only_if_the_operator_says_so_and_shown_to_author_and_admins(
    home: ChatWorld, kept: bool
) -> None:
    home.reply_writer._keeps_thoughts = kept
    home.llm.default = Behaviour(f"<think>Hm, let me see.</think>{WORDS}")
    person, dialog, _ = await asked(home)
    reply = await home.ended(person, dialog)
    assert reply.thoughts == ("Hm, let me see." if kept else "")
    conversation = await home.chat.open(person, dialog)
    stranger, admin = (User(id=0, display_name="Глеб", is_admin=is_admin) for is_admin in (False, True))
    assert may_see_thoughts(conversation.reader, conversation.character), "it is their own character"
    assert may_see_thoughts(admin, conversation.character)
    assert not may_see_thoughts(stranger, conversation.character)
    assert not may_see_thoughts(None, conversation.character)

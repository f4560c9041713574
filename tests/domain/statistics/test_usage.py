"""Usage and quotas: tokens, prices and budgets of replies."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select

from domain.accounts.sessions import Caller
from domain.admin.quotas import Quotas
from domain.chat.ask import ReplyRequests
from domain.chat.branches import Branches
from domain.chat.chat import Chat
from domain.chat.replies.reply_writer import ReplyWriter
from domain.chat.replies.retries import RetryPolicy
from domain.chat.tree.events import ReplyChunk
from domain.clock import now
from domain.errors import Invalid, RateLimited
from domain.llm.client.chat_model import ChatModel
from domain.model.dialog import Dialog, Message, State
from domain.model.user import User
from domain.prices import Prices, read_prices
from domain.rate_limits import InMemory, RateLimiter
from domain.usage.budget import BudgetSpent, TokenBudgets, today, tomorrow
from domain.usage.usage import Usage, hour_of
from storage.database import Database
from tests.conftest import UNLIMITED
from tests.domain.chat.conftest import ChatWorld, until

pytestmark = pytest.mark.usefixtures("clock")  # so that a budget's day does not end meanwhile
PRICES = Prices(read_prices("m=0.2/0.4"))


@asynccontextmanager
async def with_budgets(world: ChatWorld, budgets: TokenBudgets) -> AsyncGenerator[ChatWorld]:
    """The same world, but the model has a price and people have budgets."""
    model = ChatModel(base_url=world.llm.url, api_key="key", folder_id="folder", model="m", max_retries=0)
    reply_writer = ReplyWriter(
        world.database,
        world.bus,
        model,
        RateLimiter(InMemory(), UNLIMITED),
        places=5,
        patience=RetryPolicy(pause=0.01, longest=2),
        prices=PRICES,
        budgets=budgets,
    )
    chat, branches = Chat(world.database, world.bus, reply_writer), Branches(world.database, world.bus, reply_writer)
    yield replace(world, reply_writer=reply_writer, chat=chat, branches=branches)
    await reply_writer.close()


@pytest.fixture
async def priced(world: ChatWorld) -> AsyncGenerator[ChatWorld]:
    async with with_budgets(world, TokenBudgets()) as same:
        yield same


async def used(database: Database) -> list[Usage]:
    async with database.read() as db:
        return list(await db.exec(select(Usage)))


async def dialog_row(database: Database, dialog_id: int) -> Dialog:
    async with database.read() as db:
        return await db.get_one(Dialog, dialog_id)


async def test_a_reply_is_counted_with_its_tokens_its_price_and_its_first_word(priced: ChatWorld) -> None:
    ira = await priced.somebody()
    dialog = await priced.dialog(ira)
    priced.llm.answer("Море тихое, и чайник уже шумит.", style="fine", hold=0.2, pause=0.02)
    begun, heard = time.monotonic(), list[float]()
    priced.bus.subscribe(ReplyChunk, dialog, lambda _fact: heard.append(time.monotonic()))
    await priced.chat.send(ira, dialog, "Привет!", "1")
    reply = await priced.ended(ira, dialog)
    assert not reply.tokens_estimated
    assert reply.cost == PRICES.cost("m", reply.tokens_in or 0, reply.tokens_out or 0) != 0
    assert reply.first_text_ms
    assert 200 <= reply.first_text_ms <= (heard[0] - begun) * 1000, "from the request to the first word, not the last"
    [row] = await used(priced.database)
    assert (row.user_id, row.model, row.replies, row.failed, row.filtered) == (ira.user_id, "m", 1, 0, 0)
    assert (row.tokens_in, row.tokens_out, row.cost) == (reply.tokens_in, reply.tokens_out, reply.cost)
    kept = await dialog_row(priced.database, dialog)
    assert (kept.messages, kept.tokens, kept.cost, kept.faults) == (1, row.tokens_in + row.tokens_out, row.cost, 0)


async def test_a_stopped_reply_and_its_end_are_both_paid_for(priced: ChatWorld) -> None:
    ira = await priced.somebody()
    dialog = await priced.dialog(ira)
    priced.llm.answer("Первое предложение. Второе предложение. Третье предложение.", fault="stall")
    await priced.chat.send(ira, dialog, "Расскажи!", "1")

    async def has_words() -> bool:
        return bool((await priced.messages(ira, dialog))[-1].text)

    await until(has_words)
    await priced.chat.stop(ira, dialog)
    stopped = await priced.ended(ira, dialog)
    assert stopped.state == State.STOPPED
    assert stopped.tokens_estimated
    assert stopped.tokens_in
    assert stopped.tokens_out
    await priced.branches.continue_reply(ira, stopped.id)
    finished = await priced.ended(ira, dialog)
    assert finished.state == State.DONE
    assert finished.first_text_ms == stopped.first_text_ms
    [row] = await used(priced.database)
    assert row.replies == 2
    assert (row.tokens_in, row.tokens_out) == (finished.tokens_in, finished.tokens_out)
    assert row.tokens_in > stopped.tokens_in
    assert row.cost == finished.cost


async def test_what_failed_and_what_was_refused_is_counted_as_such(priced: ChatWorld) -> None:
    ira = await priced.somebody()
    dialog = await priced.dialog(ira)
    for number, fault in enumerate(("403", "filter")):
        priced.llm.answer(fault=fault)
        await priced.chat.send(ira, dialog, "Привет!", str(number))
        await priced.ended(ira, dialog)
    rows = await used(priced.database)
    assert sum(row.replies for row in rows) == 2
    assert (sum(row.failed for row in rows), sum(row.filtered for row in rows)) == (1, 1)
    kept = await dialog_row(priced.database, dialog)
    assert (kept.messages, kept.faults) == (2, 2)


async def test_replies_that_end_together_are_all_counted(priced: ChatWorld) -> None:
    people = [await priced.somebody() for _ in range(3)]
    character = await priced.character(people[0])
    dialogs = [(person, await priced.chat.begin(person, character.id)) for person in people * 3]
    async with asyncio.TaskGroup() as together:
        for person, dialog in dialogs:
            together.create_task(priced.chat.send(person, dialog, "Привет!", "1"))
    for person, dialog in dialogs:
        await priced.ended(person, dialog)
    rows = await used(priced.database)
    assert {row.user_id: row.replies for row in rows} == {person.user_id: 3 for person in people}


async def spend(database: Database, person: Caller, tokens: int, *, replies: int = 1, days_ago: int = 0) -> None:
    hour = hour_of(max(today(), now() - timedelta(minutes=1)) - timedelta(days=days_ago))
    async with database.write() as db:
        character = (await db.exec(select(Dialog.character_id).where(Dialog.user_id == person.user_id))).first()
        assert character
        about: dict[str, Any] = {"user_id": person.user_id, "character_id": character, "model": "other"}
        db.add(Usage(hour=hour, **about, replies=replies, tokens_in=tokens, tokens_out=0))


async def test_a_spent_budget_refuses_every_way_to_a_reply_and_leaves_no_trace(world: ChatWorld) -> None:
    async with with_budgets(world, TokenBudgets(5_000)) as strict:
        ira = await strict.somebody()
        dialog = await strict.dialog(ira)
        await strict.chat.send(ira, dialog, "Привет!", "1")
        reply = await strict.ended(ira, dialog)
        question = (await strict.messages(ira, dialog))[-2]
        async with strict.database.write() as db:  # as if it had been stopped, so that it could be continued
            (await db.get_one(Message, reply.id)).state = State.STOPPED
        await spend(strict.database, ira, 5_000, days_ago=1)
        await strict.chat.send(ira, await strict.dialog(ira), "Вчера не считается", "2")
        await spend(strict.database, ira, 5_000)
        before = len(await strict.messages(ira, dialog))
        exchange = ReplyRequests(strict.database, strict.bus, strict.reply_writer, strict.chat)
        character = (await dialog_row(strict.database, dialog)).character_id
        ways: list[Callable[[], Awaitable[object]]] = [
            lambda: strict.chat.send(ira, dialog, "Ещё!", "3"),
            lambda: strict.branches.regenerate(ira, reply.id),
            lambda: strict.branches.edit(ira, question.id, "Иначе", "4"),
            lambda: strict.branches.continue_reply(ira, reply.id),
            lambda: exchange.ask(ira, character, "И так?", "5"),
        ]
        for way in ways:
            with pytest.raises(BudgetSpent) as refused:
                await way()
            assert isinstance(refused.value, RateLimited)
            assert refused.value.until == tomorrow()
        await strict.chat.send(ira, dialog, "Привет!", "1")  # sent already: nothing new is requested
        assert len(await strict.messages(ira, dialog)) == before
        boris = await strict.somebody()
        await strict.chat.send(boris, await strict.dialog(boris), "А мне можно?", "1")


async def test_many_dialogs_at_once_overshoot_a_budget_by_one_reply(world: ChatWorld) -> None:
    async with with_budgets(world, TokenBudgets(4_000)) as strict:
        ira = await strict.somebody()
        dialogs = [await strict.dialog(ira) for _ in range(6)]
        await spend(strict.database, ira, 2_000)  # a reply takes 2,000: there is room for one more
        strict.llm.default = replace(strict.llm.default, fault="hang")  # it runs while the others are requested
        asked = await asyncio.gather(
            *(strict.chat.send(ira, dialog, "Привет!", "1") for dialog in dialogs), return_exceptions=True
        )
        assert sum(not isinstance(each, BaseException) for each in asked) == 1
        assert sum(isinstance(each, BudgetSpent) for each in asked) == 5


@pytest.mark.parametrize(
    ("tokens_today", "replies_today", "at_once"),
    [(0, 0, 2), (0, 4, 2), (1_200, 0, 2), (1_200, 4, 3), (2_400, 1, 1)],
    ids=["nothing known", "all of them failed", "only help with writing", "short replies", "long ones"],
)
async def test_a_running_reply_is_reckoned_at_what_this_persons_took_today_on_average(
    world: ChatWorld, tokens_today: int, replies_today: int, at_once: int
) -> None:
    """Not at more: whoever gets short replies is not refused while there are tokens left."""
    async with with_budgets(world, TokenBudgets(3_000)) as strict:
        ira = await strict.somebody()
        dialogs = [await strict.dialog(ira) for _ in range(3)]
        if tokens_today or replies_today:
            await spend(strict.database, ira, tokens_today, replies=replies_today)
        strict.llm.default = replace(strict.llm.default, fault="hang")
        allowed = 0
        with suppress(BudgetSpent):
            for dialog in dialogs:
                await strict.chat.send(ira, dialog, "Привет!", "1")
                allowed += 1
        assert allowed == at_once


async def test_an_admin_gives_somebody_another_budget_and_the_person_sees_it(world: ChatWorld) -> None:
    budgets = TokenBudgets(1_000)
    quotas = Quotas(world.database, budgets)
    ira, boss = await world.somebody(), await world.somebody()
    async with world.database.write() as db:
        (await db.get_one(User, boss.user_id)).is_admin = True
    await world.dialog(ira)
    await spend(world.database, ira, 700)
    mine = await quotas.own_budget(ira)
    assert mine
    assert (mine.tokens, mine.used, mine.renews_at) == (1_000, 700, tomorrow())
    assert await quotas.own_budget(boss) is None  # admins have none
    await quotas.change(boss, ira.user_id, 50_000, "Пишет роман")
    assert await quotas.of(boss, ira.user_id) == replace(mine, tokens=50_000)
    await quotas.change(boss, ira.user_id, 0)
    assert await quotas.own_budget(ira) is None
    await quotas.change(boss, ira.user_id, None)
    assert await quotas.own_budget(ira) == mine
    for nonsense in (-1, 10**12):
        with pytest.raises(Invalid) as refused:
            await quotas.change(boss, ira.user_id, nonsense)
        assert refused.value.field == "tokens"


def test_prices_are_exact_to_the_millionth() -> None:
    prices = Prices(read_prices("a=0.2, b = 0.4/1.2,c=0"))
    assert prices.cost("a", 1000, 1000) == 400_000
    assert prices.cost("b", 1, 1) == 1_600
    assert prices.cost("c", 10**6, 10**6) == 0
    assert prices.cost("somebody else's", 1, 1) is None
    cheap = Prices(read_prices("d=0.0005/0.0004"))
    assert [cheap.cost("d", *tokens) for tokens in ((1, 0), (0, 1), (1, 1), (3, 0))] == [1, 0, 1, 2], "rounded"


def test_a_model_has_one_price() -> None:
    with pytest.raises(ValueError, match="each model once"):
        read_prices("a=0.2,b=1,a=0.3")

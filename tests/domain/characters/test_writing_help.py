"""Writing assistance: the model helps an author; against the provider's dialect over real HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import Generator

import pytest
from sqlmodel import select

from domain.accounts.sessions import Caller
from domain.accounts.sessions_list import SessionList
from domain.characters.writing_help import AWAY as MODEL_IS_AWAY
from domain.characters.writing_help import REFUSED, TOO_LONG, WritingHelp
from domain.characters.writing_prompt import HELPED, WritingTask, prompt_for
from domain.errors import Invalid, ModelFault, RateLimited, SignedOut
from domain.llm.client.chat_model import ChatModel
from domain.llm.concurrency import ModelConcurrency
from domain.llm.deadlines import Timeouts
from domain.llm.demo.model import DemoModel
from domain.llm.faults import Overloaded
from domain.llm.token_estimates import tokens_of
from domain.model.character import CONTEXT_LIMIT
from domain.prices import Prices, read_prices
from domain.rate_limits import InMemory, RateLimiter
from domain.usage.budget import BudgetSpent, TokenBudgets, today, used_since
from domain.usage.usage import Usage
from storage.database import Database
from tests.domain.conftest import filled
from tests.llm_server import Behaviour, LlmServer

PATIENCE = 60  # seconds: far more than anything here takes
FORM = filled(bio="Живёт у моря.", scenario="Шторм, {{user}} стучит в дверь.", examples=["", "{{char}}: Тише."])

pytestmark = pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)


@pytest.fixture(scope="module")
def server() -> Generator[LlmServer]:
    with LlmServer() as server:
        yield server


@pytest.fixture
def model(server: LlmServer) -> ChatModel:
    server.forget()
    return ChatModel(base_url=server.url, api_key="key", model="qwen3:8b", max_retries=0, max_reply_tokens=900)


@pytest.fixture
def places() -> ModelConcurrency:
    return ModelConcurrency(1)


@pytest.fixture
def help_(database: Database, model: ChatModel, places: ModelConcurrency, limits: RateLimiter) -> WritingHelp:
    return WritingHelp(database, model, places, limits)


async def test_a_field_is_written_from_all_the_others(help_: WritingHelp, server: LlmServer, ira: Caller) -> None:
    server.answer("«Маяк, который слышит. Заходи!»")
    assert await help_.ask(ira, FORM, "teaser", WritingTask.WRITE) == "Маяк, который слышит. Заходи!"
    (request,) = server.requests
    asked = request.last_words
    for told in ("Марина", "женский", "море", "Живёт у моря.", "Шторм, {{user}} стучит", "{{char}}: Тише.", "дополни"):
        assert told in asked
    assert "Смотрительница маяка" in asked.partition("Сейчас в этом поле:")[2], "what is there already is gone on with"
    assert "не длиннее 120 знаков" in asked
    assert request.body["max_tokens"] == 40


async def test_one_of_several_texts_is_named_by_its_place(help_: WritingHelp, server: LlmServer, ira: Caller) -> None:
    server.answer("{{char}}: Тс-с.")
    assert await help_.ask(ira, FORM, "examples.1", WritingTask.SHORTEN) == "{{char}}: Тс-с."
    assert "сократи поле «Пример разговора»" in server.requests[0].last_words
    assert server.requests[0].last_words.endswith("{{char}}: Тише.")
    await help_.ask(ira, FORM, "other_greetings.0", WritingTask.WRITE)
    assert "напиши поле «Другое первое сообщение»" in server.requests[1].last_words
    assert server.requests[1].body["max_tokens"] == 667, "and never more than the settings allow"


async def test_remarks_are_not_cut_and_what_goes_into_a_field_is(
    help_: WritingHelp, server: LlmServer, ira: Caller
) -> None:
    long = "Раз предложение\u202e. " * 20
    server.answer(long)
    assert await help_.ask(ira, FORM, "teaser", WritingTask.CHECK) == ("Раз предложение. " * 20).strip()
    server.answer(long)
    assert await help_.ask(ira, FORM, "teaser", WritingTask.SHORTEN) == ("Раз предложение. " * 7).strip()
    server.answer("ж" * 130 + ".")
    assert await help_.ask(ira, FORM, "teaser", WritingTask.WRITE) == "ж" * 120


@pytest.mark.parametrize(
    ("field", "wish"),
    [
        ("greeting", WritingTask.SHORTEN),
        ("examples.0", WritingTask.CHECK),
        ("name", WritingTask.WRITE),
        ("examples", WritingTask.WRITE),
    ],
)
async def test_where_there_is_nothing_to_work_with_nobody_is_asked(
    help_: WritingHelp, server: LlmServer, ira: Caller, field: str, wish: WritingTask
) -> None:
    with pytest.raises(Invalid) as refused:
        await help_.ask(ira, FORM, field, wish)
    assert refused.value.field == field
    with pytest.raises(Invalid):
        await help_.ask(ira, filled(name="", teaser="", context=""), "bio", WritingTask.WRITE)
    assert server.requests == []


async def test_a_form_beyond_all_limits_still_fits_the_model(
    help_: WritingHelp, server: LlmServer, ira: Caller
) -> None:
    heaps = {"other_greetings": ["ж" * 9_000] * 20, "examples": ["ж" * 9_000] * 20}
    form = filled(**{field: heaps.get(field, "ж" * 50_000) for field in HELPED})
    await help_.ask(ira, form, "context", WritingTask.SHORTEN)
    assert len(server.requests[0].last_words) < 60_000


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        *((fault, MODEL_IS_AWAY) for fault in ("500", "401", "cut", "empty")),
        ("toolong", TOO_LONG),
        ("filter", REFUSED),
        ("429", Overloaded.sentence),
    ],
)
async def test_faults_are_told_plainly_and_give_the_place_back(
    help_: WritingHelp, server: LlmServer, places: ModelConcurrency, ira: Caller, fault: str, sentence: str
) -> None:
    server.answer(fault=fault, retry_after="0.01")
    with pytest.raises(ModelFault) as failed:
        await help_.ask(ira, FORM, "bio", WritingTask.WRITE)
    assert str(failed.value) == sentence
    assert places.ahead(1) == 0
    assert await help_.ask(ira, FORM, "bio", WritingTask.WRITE)


async def test_a_model_that_says_nothing_is_not_waited_for(
    database: Database, model: ChatModel, places: ModelConcurrency, limits: RateLimiter, server: LlmServer, ira: Caller
) -> None:
    hasty = WritingHelp(database, model, places, limits, deadlines=Timeouts(first=0.05))
    server.answer(fault="hang")
    with pytest.raises(ModelFault):
        await hasty.ask(ira, FORM, "bio", WritingTask.WRITE)
    assert places.ahead(1) == 0


async def test_giving_up_closes_the_connection_and_frees_the_place(
    help_: WritingHelp, server: LlmServer, places: ModelConcurrency, ira: Caller
) -> None:
    server.answer(fault="hang")
    asking = asyncio.create_task(help_.ask(ira, FORM, "bio", WritingTask.WRITE))
    async with asyncio.timeout(PATIENCE):
        while not server.in_flight:  # noqa: ASYNC110 - the server lives in another thread
            await asyncio.sleep(0.01)
        assert places.ahead(1) == 1, "replies of chats wait for the same places"
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        while server.in_flight:  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.01)
    assert (server.disconnects, places.ahead(1)) == (1, 0)


async def test_help_is_limited_and_for_those_who_are_logged_in(
    database: Database, model: ChatModel, places: ModelConcurrency, server: LlmServer, devices: SessionList, ira: Caller
) -> None:
    help_ = WritingHelp(database, model, places, RateLimiter(InMemory(), {"writing_help": 1}))
    await help_.ask(ira, FORM, "bio", WritingTask.WRITE)
    with pytest.raises(RateLimited) as refused:
        await help_.ask(ira, FORM, "bio", WritingTask.WRITE)
    assert refused.value.field == "bio"
    await devices.log_out(ira)
    with pytest.raises(SignedOut):
        await help_.ask(ira, FORM, "bio", WritingTask.WRITE)
    assert len(server.requests) == 1


async def test_the_built_in_model_offers_no_help(database: Database, help_: WritingHelp, limits: RateLimiter) -> None:
    assert help_.is_there
    assert not WritingHelp(database, DemoModel(), ModelConcurrency(1), limits).is_there


async def used(database: Database) -> list[tuple[int, ...]]:
    """Replies, tokens read and written, and the cost, of all hours together, since an hour may end at any moment."""
    async with database.read() as db:
        rows = (await db.exec(select(Usage))).all()
    counted = [(row.replies, row.tokens_in, row.tokens_out, row.cost) for row in rows]
    return [(*map(sum, zip(*counted, strict=True)),)] if counted else []


@pytest.mark.usefixtures("clock")  # so that the day does not end meanwhile
async def test_help_counts_among_the_tokens_of_the_day_and_ends_with_them(
    database: Database,
    model: ChatModel,
    places: ModelConcurrency,
    limits: RateLimiter,
    server: LlmServer,
    ira: Caller,
    boris: Caller,
) -> None:
    prices = Prices(read_prices("qwen3:8b=0.2/0.4"))
    help_ = WritingHelp(database, model, places, limits, budgets=TokenBudgets(18), prices=prices)
    server.answer("Живёт у моря.", style="fine")
    assert await help_.ask(ira, FORM, "bio", WritingTask.WRITE)
    assert await used(database) == [(0, 11, 7, 5_000)], "it is no reply, and costs as one does"
    with pytest.raises(BudgetSpent) as refused:
        await help_.ask(ira, FORM, "bio", WritingTask.WRITE)
    assert refused.value.field == "bio"
    assert (len(server.requests), places.taken) == (1, 0)
    assert await help_.ask(boris, FORM, "bio", WritingTask.WRITE), "others have their own"
    async with database.read() as db:
        assert await used_since(db, ira.user_id, today()) == (0, 18)


async def test_what_was_written_before_the_author_went_away_is_counted(
    database: Database, help_: WritingHelp, server: LlmServer, ira: Caller
) -> None:
    for asked, fault in enumerate(("hang", "stall"), 1):
        server.answer("Слово за словом. " * 20, fault=fault)
        asking = asyncio.create_task(help_.ask(ira, FORM, "bio", WritingTask.WRITE))
        async with asyncio.timeout(PATIENCE):
            while len(server.requests) < asked:  # noqa: ASYNC110 - the server lives in another thread
                await asyncio.sleep(0.01)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
    ((_replies, tokens_in, _written, _cost),) = await used(database)
    assert tokens_in > 2 * 200, "at least the question was read, twice"


async def test_a_question_that_the_provider_did_not_take_costs_nothing(
    database: Database, help_: WritingHelp, server: LlmServer, ira: Caller
) -> None:
    server.answer(fault="500")
    with pytest.raises(ModelFault):
        await help_.ask(ira, FORM, "bio", WritingTask.WRITE)
    assert await used(database) == []


async def test_whatever_the_form_holds_question_and_answer_have_an_end(
    help_: WritingHelp, server: LlmServer, ira: Caller
) -> None:
    form = filled(name="ж" * 50_000, interests=["ж" * 9_000] * 500, **dict.fromkeys(("bio", "context"), "ж" * 50_000))
    await help_.ask(ira, form, "context", WritingTask.SHORTEN)
    assert len(server.requests[0].last_words) < 30_000
    prompt = prompt_for(form, "context", WritingTask.SHORTEN)
    assert prompt.longest == tokens_of("ж" * CONTEXT_LIMIT)


async def test_several_questions_of_one_author_leave_places_to_others(
    database: Database, model: ChatModel, limits: RateLimiter, server: LlmServer, ira: Caller, boris: Caller
) -> None:
    places = ModelConcurrency(4, each=3)
    help_ = WritingHelp(database, model, places, limits)
    server.default = Behaviour(fault="hang")
    asking = [asyncio.create_task(help_.ask(ira, FORM, "bio", WritingTask.WRITE)) for _ in range(6)]
    async with asyncio.timeout(PATIENCE):
        while server.in_flight < 3:  # noqa: ASYNC110 - the server lives in another thread
            await asyncio.sleep(0.01)
        server.answer("Живёт у моря.")
        assert await help_.ask(boris, FORM, "bio", WritingTask.WRITE) == "Живёт у моря."
    for each in asking:
        each.cancel()
    await asyncio.gather(*asking, return_exceptions=True)
    assert (places.taken, places.waiting) == (0, 0)

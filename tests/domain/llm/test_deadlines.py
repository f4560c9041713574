"""Timeouts: a model that speaks, over real HTTP, too slowly or not at all."""

import asyncio
import time
from contextlib import aclosing

import pytest

from domain.llm.deadlines import Timeouts, with_timeouts
from domain.llm.faults import CutOff, KnownFault, ModelTimeout
from domain.llm.port import Ending, Outcome, Prompt, PromptMessage, Role
from domain.llm.yandex import ChatModel
from tests.domain.llm.conftest import eventually
from tests.llm_server import TEXT, LlmServer

ASKING = Prompt((PromptMessage(Role.USER, "Привет!"),))
PATIENCE = 30  # seconds: far more than anything here takes


async def listen(model: ChatModel, deadlines: Timeouts) -> tuple[str, Ending | KnownFault]:
    """The text that came, and what ended it."""
    text = ""
    try:
        async with aclosing(with_timeouts(model.reply(ASKING), deadlines)) as pieces:
            async for piece in pieces:
                if isinstance(piece, Ending):
                    return text, piece
                text += piece
    except KnownFault as fault:
        return text, fault
    raise AssertionError("neither an ending nor a fault")


@pytest.fixture(autouse=True)
def warmed(model: ChatModel) -> None:
    model.warm()


async def test_a_reply_in_time_passes_unchanged(llm: LlmServer, model: ChatModel) -> None:
    llm.answer(style="fine")
    text, end = await listen(model, Timeouts())
    assert text == TEXT
    assert isinstance(end, Ending)
    assert end.outcome is Outcome.DONE


@pytest.mark.parametrize("fault", ["hang", "keepalive", "slow"])
async def test_no_first_word_in_time_is_too_slow(llm: LlmServer, model: ChatModel, fault: str) -> None:
    llm.answer(fault=fault)
    async with asyncio.timeout(PATIENCE):
        text, end = await listen(model, Timeouts(first=0.4, gap=2 * PATIENCE, whole=2 * PATIENCE))
    assert (text, type(end)) == ("", ModelTimeout)
    await _hung_up(llm)


async def test_a_silence_in_the_middle_is_a_reply_broken_off(llm: LlmServer, model: ChatModel) -> None:
    llm.answer(fault="stall")
    async with asyncio.timeout(PATIENCE):
        text, end = await listen(model, Timeouts(first=PATIENCE, gap=0.3, whole=2 * PATIENCE))
    assert TEXT.startswith(text)
    assert text
    assert type(end) is CutOff
    await _hung_up(llm)


async def test_a_reply_that_drags_on_is_broken_off_at_the_whole_limit(llm: LlmServer, model: ChatModel) -> None:
    llm.answer(style="fine", pause=0.05, fault="endless")
    started = time.monotonic()
    async with asyncio.timeout(PATIENCE):
        text, end = await listen(model, Timeouts(first=PATIENCE, gap=PATIENCE, whole=2))
    assert text
    assert type(end) is CutOff
    assert time.monotonic() - started > 1.9, "and no sooner"
    await _hung_up(llm)


async def test_a_patient_listener_hears_a_slow_model_out(llm: LlmServer, model: ChatModel) -> None:
    llm.answer(hold=0.5, pause=0.1)
    text, end = await listen(model, Timeouts())
    assert text == TEXT
    assert isinstance(end, Ending)


async def test_cancelling_is_no_fault_and_closes_the_line(llm: LlmServer, model: ChatModel) -> None:
    llm.answer(fault="hang")
    listening = asyncio.create_task(listen(model, Timeouts()))
    assert await eventually(lambda: llm.in_flight == 1)
    listening.cancel()
    with pytest.raises(asyncio.CancelledError):
        await listening
    await _hung_up(llm)


async def test_leaving_early_closes_the_line(llm: LlmServer, model: ChatModel) -> None:
    llm.answer(fault="stall")
    pieces = with_timeouts(model.reply(ASKING), Timeouts())
    await anext(pieces)
    await pieces.aclose()
    await _hung_up(llm)


async def _hung_up(llm: LlmServer) -> None:
    assert await eventually(lambda: llm.in_flight == 0)
    assert llm.disconnects == 1

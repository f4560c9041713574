"""Timeouts: a model that speaks, over real HTTP, too slowly or not at all."""

import asyncio
import time

import pytest

from domain.llm.client.chat_model import ChatModel
from domain.llm.deadlines import Timeouts, timeouts_for, with_timeouts
from domain.llm.faults import CutOff, KnownFault, ModelTimeout
from domain.llm.port import Ending, Outcome, Prompt, PromptMessage, Role
from domain.llm.server_load import ServerLoad
from tests.domain.llm.conftest import eventually, hear
from tests.llm_server import TEXT, LlmServer

ASKING = Prompt((PromptMessage(Role.USER, "Привет!"),))
PATIENCE = 30  # seconds: far more than anything here takes


async def listen(
    model: ChatModel, deadlines: Timeouts, load: ServerLoad | None = None
) -> tuple[str, Ending | KnownFault]:
    """The text that came, and the ending or the fault."""
    heard = await hear(with_timeouts(model.reply(ASKING), deadlines, load))
    return heard.text, heard.end


@pytest.fixture(autouse=True)
def warmed(model: ChatModel) -> None:
    model.warm()


async def test_a_reply_in_time_passes_unchanged(llm: LlmServer, model: ChatModel) -> None:
    llm.answer(style="fine")
    text, end = await listen(model, Timeouts())
    assert text == TEXT
    assert isinstance(end, Ending)
    assert end.outcome is Outcome.DONE


@pytest.mark.parametrize("fault", ["hang", "slow"])
async def test_no_sign_of_life_in_time_is_too_slow(llm: LlmServer, model: ChatModel, fault: str) -> None:
    llm.answer(fault=fault, hold=2 * PATIENCE)
    async with asyncio.timeout(PATIENCE):
        text, end = await listen(model, Timeouts(first=2, silence=2 * PATIENCE, whole=2 * PATIENCE))
    assert (text, type(end)) == ("", ModelTimeout)
    await _hung_up(llm)


async def test_comments_are_life_but_not_for_ever(llm: LlmServer, model: ChatModel) -> None:
    llm.answer(fault="keepalive")
    begun = time.monotonic()
    async with asyncio.timeout(PATIENCE):
        text, end = await listen(model, Timeouts(first=PATIENCE, silence=PATIENCE, whole=1))
    assert (text, type(end)) == ("", ModelTimeout)
    assert time.monotonic() - begun > 0.9, "and no sooner"
    await _hung_up(llm)


async def test_whoever_thinks_aloud_is_not_silent(llm: LlmServer, model: ChatModel) -> None:
    thought = '{"choices": [{"delta": {"content": null, "reasoning_content": "Так…"}}]}'
    said = '{"choices": [{"delta": {"content": "Да."}, "finish_reason": "stop"}]}'
    body = "".join(f"data: {each}\n\n" for each in [thought] * 8 + [said])
    llm.answer_with(body, pause=0.3)
    text, end = await listen(model, Timeouts(first=PATIENCE, silence=4, whole=PATIENCE))  # it thinks for longer
    assert text == "Да."
    assert isinstance(end, Ending)
    assert end.thoughts == "Так…" * 8


async def test_waiting_in_the_servers_queue_is_not_its_silence(llm: LlmServer, model: ChatModel) -> None:
    load = ServerLoad()
    llm.answer(TEXT * 2, style="fine", pause=0.16)
    llm.answer(hold=5)
    llm.answer(hold=20)
    hasty = Timeouts(first=4, silence=PATIENCE, whole=PATIENCE)
    ends = [end for _, end in await asyncio.gather(*(listen(model, hasty, load) for _ in range(2)))]
    assert all(isinstance(end, Ending) for end in ends), "the second had to wait until the first had been written"
    _, alone = await listen(model, hasty, load)
    assert isinstance(alone, ModelTimeout), "when nothing else is being written, it is silence"


@pytest.mark.parametrize(
    ("address", "nearby"),
    [
        ("http://127.0.0.1:11434/v1", True),
        ("http://[::1]:8080/v1", True),
        ("http://192.168.1.20:1234/v1", True),
        ("http://ollama:11434/v1", True),
        ("http://box.local/v1", True),
        ("https://ai.api.cloud.yandex.net/v1", False),
        ("https://8.8.8.8/v1", False),
    ],
)
def test_a_server_of_ones_own_gets_more_time(address: str, nearby: bool) -> None:
    chosen = timeouts_for(address, reply_tokens=1500)
    assert (chosen.first > 60) == nearby
    assert chosen.silence > 25, "which a small machine needs in the middle of a reply"
    assert chosen.whole >= 1500 / 10, "a reply of that length, at ten tokens a second"
    assert timeouts_for(address, 1500, first=1, silence=2, whole=3) == Timeouts(1, 2, 3)


async def test_a_silence_in_the_middle_is_a_reply_broken_off(llm: LlmServer, model: ChatModel) -> None:
    llm.answer(fault="stall")
    async with asyncio.timeout(PATIENCE):
        text, end = await listen(model, Timeouts(first=PATIENCE, silence=0.3, whole=2 * PATIENCE))
    assert TEXT.startswith(text)
    assert text
    assert type(end) is CutOff
    await _hung_up(llm)


async def test_a_reply_that_drags_on_is_broken_off_at_the_whole_limit(llm: LlmServer, model: ChatModel) -> None:
    llm.answer(style="fine", pause=0.05, fault="endless")
    started = time.monotonic()
    async with asyncio.timeout(PATIENCE):
        text, end = await listen(model, Timeouts(first=PATIENCE, silence=PATIENCE, whole=2))
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
    assert await eventually(lambda: llm.disconnects == 1 and llm.in_flight == 0)

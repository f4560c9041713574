"""Answers that made other programs stumble, byte for byte (cases/): the outcome of each through the real client."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from pathlib import Path

import pytest

from domain.llm.client.chat_model import ChatModel
from domain.llm.faults import (
    CutOff,
    KnownFault,
    Loading,
    NoMoney,
    ThoughtOnly,
    TooLong,
    ToolWanted,
    UnknownModel,
)
from domain.llm.port import Outcome, Persona, Prompt, PromptMessage, Role, Sign
from tests.domain.llm.conftest import hear
from tests.llm_server import Behaviour, LlmServer, exactly

CASES = Path(__file__).parent / "cases"
WORDS = "Привет! Я жду у маяка."
HALF = "Маяк погас, и"
ASKING = Prompt(
    (PromptMessage(Role.SYSTEM, "Ты — смотритель маяка."), PromptMessage(Role.USER, "Привет!")), Persona("Смотритель")
)


def case(name: str) -> bytes:
    (found,) = CASES.rglob(name)
    return found.read_bytes()


@pytest.fixture
def model(llm: LlmServer) -> ChatModel:
    """A model on a server of one's own, unlike Yandex's."""
    return ChatModel(base_url=llm.url, api_key="", model="qwen3:8b", max_retries=0)


@pytest.mark.parametrize(
    ("name", "text", "outcome"),
    [
        ("01-think-tags.sse", WORDS, Outcome.DONE),
        ("02-think-empty.sse", WORDS, Outcome.DONE),
        ("03-harmony.sse", WORDS, Outcome.DONE),
        ("04-end-tokens.sse", WORDS, Outcome.DONE),
        ("05-reasoning-only.sse", "", ThoughtOnly),
        ("06-heartbeat-empty-data.sse", WORDS, Outcome.DONE),
        ("07-heartbeat-retry.sse", WORDS, Outcome.DONE),
        ("08-heartbeat-ping-text.sse", WORDS, Outcome.DONE),
        ("09-finish-on-every-chunk.sse", WORDS, Outcome.DONE),
        ("10-no-finish-reason.sse", WORDS, Outcome.DONE),
        ("11-finish-empty-string.sse", WORDS, Outcome.DONE),
        ("12-finish-error.sse", HALF, CutOff),
        ("13-finish-insufficient.sse", HALF, CutOff),
        ("14-filter-without-replacement.sse", WORDS, Outcome.FILTERED),
        ("15-refusal-field.sse", "", Outcome.FILTERED),
        ("16-tool-calls.sse", "", ToolWanted),
        ("17-emoji-in-halves.sse", "Машу 👋 тебе.", Outcome.DONE),
        ("18-whole-json.json", WORDS, Outcome.DONE),
        ("19-message-not-delta.sse", WORDS, Outcome.DONE),
        ("20-bom.sse", WORDS, Outcome.DONE),
        ("21-overflow-llamacpp.400.json", "", TooLong),
        ("22-overflow-llamacpp-500.500.json", "", TooLong),
        ("23-overflow-ollama.400.json", "", TooLong),
        ("24-overflow-vllm-decoder.400.json", "", TooLong),
        ("25-overflow-lmstudio.400.json", "", TooLong),
        ("29-model-not-pulled.404.json", "", UnknownModel),
        ("30-loading-model.503.json", "", Loading),
        ("31-no-money.402.json", "", NoMoney),
    ],
)
async def test_each_answer_is_read_as_it_was_meant(
    llm: LlmServer, model: ChatModel, name: str, text: str, outcome: Outcome | type[KnownFault]
) -> None:
    body = case(name)
    status = next((int(part) for part in name.split(".") if part.isdigit()), 200)
    llm.answer_with(body, status)
    heard = await hear(model.reply(ASKING))
    assert (heard.text, heard.outcome) == (text, outcome)


async def test_a_refusal_of_the_models_own_is_shown_in_its_words(llm: LlmServer, model: ChatModel) -> None:
    llm.answer_with(case("15-refusal-field.sse"))
    heard = await hear(model.reply(ASKING))
    assert getattr(heard.end, "replacement", "") == "Об этом я говорить не могу."


async def test_thoughts_are_a_sign_of_life_and_kept_apart(llm: LlmServer, model: ChatModel) -> None:
    llm.answer(f"<think>Okay, he greets me.</think>{WORDS}", style="fine", pause=0.01)
    heard = await hear(model.reply(ASKING))
    assert Sign.THINKING in heard.signs
    assert heard.text == WORDS
    assert getattr(heard.end, "thoughts", "") == "Okay, he greets me."


@pytest.mark.parametrize(
    ("name", "is_refused"),
    [
        ("26-max-tokens-unsupported.400.json", lambda body: "max_tokens" in body),
        ("27-temperature-unsupported.400.json", lambda body: "temperature" in body),
        ("28-no-system-role.400.json", lambda body: body["messages"][0]["role"] == "system"),
    ],
)
async def test_what_a_model_refuses_is_left_out_and_never_sent_to_it_again(
    llm: LlmServer, model: ChatModel, name: str, is_refused: object
) -> None:
    assert callable(is_refused)
    refusal = exactly(case(name), 400)
    llm.refuses = lambda request: refusal if is_refused(request.body) else None
    for asked in (1, 2):
        heard = await hear(model.reply(ASKING))
        assert heard.outcome is Outcome.DONE
        assert len(llm.requests) == 1 + asked, "the second reply needs no second try"
    sent = llm.requests[-1].body
    assert not is_refused(sent)
    assert "Ты — смотритель маяка." in sent["messages"][0]["content"]
    assert ("max_completion_tokens" in sent) == name.startswith("26"), "a newer name in place of the older"


async def test_the_window_that_a_refusal_tells_is_used_from_then_on(llm: LlmServer, model: ChatModel) -> None:
    assert model.window() == 4096, "a careful guess"
    llm.answer_with(case("21-overflow-llamacpp.400.json").replace(b"4096", b"9000"), 400)
    await hear(model.reply(ASKING))
    assert model.window() == 9000


async def test_replies_that_fill_a_context_together_are_asked_for_with_less_from_then_on(
    llm: LlmServer, model: ChatModel, caplog: pytest.LogCaptureFixture
) -> None:
    begun = 'data: {"choices": [{"delta": {"content": "Маяк погас, и"}}]}\n\n'
    full = 'data: {"error": {"code": 500, "message": "Context size has been exceeded.", "type": "server_error"}}\n\n'
    for left in (2048, 1024, 1024):
        llm.default = replace(exactly(begun + full), pause=0.1)
        heard = await asyncio.gather(*(hear(model.reply(ASKING)) for _ in range(3)))
        assert {each.outcome for each in heard} == {CutOff}
        assert model.window() == left, "less by what one step takes, however many were broken off"
    assert "--no-kv-unified" in caplog.text, "and whoever runs the server reads why"
    llm.default = Behaviour(WORDS)
    await hear(model.reply(ASKING))
    assert llm.asked[-1].body["max_tokens"] == 1024 // 3


@pytest.mark.parametrize(("window", "characters"), [(512, 900), (2048, 6000)])
async def test_numbers_in_a_refusal_are_believed_and_no_window_is_guessed_beside_them(
    llm: LlmServer, model: ChatModel, window: int, characters: int
) -> None:
    """A model that takes a token for each letter, as small ones do for Russian."""
    numbers = {"n_ctx": window, "n_prompt_tokens": characters}
    error = {"code": 400, "message": "try increasing it", "type": "exceed_context_size_error", **numbers}
    prompt = Prompt((PromptMessage(Role.USER, "м" * characters),))
    llm.answer_with(json.dumps({"error": error}), 400)
    await hear(model.reply(prompt))
    assert model.room() <= window, "in characters"
    half = Prompt((PromptMessage(Role.USER, "м" * (characters // 4)),), share=0.5)
    assert (await hear(model.reply(half))).outcome is Outcome.DONE
    assert model.window() == window

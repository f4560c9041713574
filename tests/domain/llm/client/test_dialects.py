"""Dialects: every server's stream is read whole, and every refusal understood, through the real client."""

from __future__ import annotations

import json

import pytest

from domain.llm.client.chat_model import ChatModel
from domain.llm.faults import KnownFault
from domain.llm.port import Ending, Outcome, Prompt, PromptMessage, Role
from tests.domain.llm.conftest import hear
from tests.llm_dialects import DIALECTS, SHARED_CONTEXT_FULL, THOUGHT, WORDS, Dialect, event
from tests.llm_server import LlmServer, exactly

ASKING = Prompt((PromptMessage(Role.SYSTEM, "Ты — смотритель маяка."), PromptMessage(Role.USER, "Привет!")))
REFUSALS = [(each.name, *refusal) for each in DIALECTS for refusal in each.refusals]


@pytest.fixture
def model(llm: LlmServer) -> ChatModel:
    return ChatModel(base_url=llm.url, api_key="", model="m", max_retries=0)


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda each: each.name)
@pytest.mark.parametrize("line_end", ["\n", "\r\n"], ids=["LF", "CRLF"])
async def test_a_reply_is_heard_whole(llm: LlmServer, model: ChatModel, dialect: Dialect, line_end: str) -> None:
    llm.default = exactly(dialect.stream.replace("\n", line_end), 200, **dialect.headers)
    heard = await hear(model.reply(ASKING))
    assert (heard.text, heard.outcome) == (WORDS, Outcome.DONE)
    assert isinstance(heard.end, Ending)
    assert heard.end.thoughts == (THOUGHT if dialect.thinks else "")
    assert (heard.end.tokens_in, heard.end.tokens_out) == ((12, 7) if dialect.counts else (None, None))


@pytest.mark.parametrize(
    ("server", "meant", "status", "body"), REFUSALS, ids=[f"{each[0]}: {each[1].__name__}" for each in REFUSALS]
)
async def test_a_refusal_is_understood(
    llm: LlmServer, model: ChatModel, server: str, meant: type[KnownFault], status: int, body: object
) -> None:
    llm.default = exactly(json.dumps(body), status)
    heard = await hear(model.reply(ASKING))
    assert (heard.text, heard.outcome) == ("", meant), server


@pytest.mark.parametrize(
    ("ending", "sent_after"),
    [
        (
            "OpenRouter",
            (
                'data: {"error": {"code": 502, "message": "Provider disconnected"}, "choices": [{"index": 0, '
                '"delta": {"content": ""}, "finish_reason": "error"}]}\n\n'
            ),
        ),
        ("LM Studio", 'event: error\ndata: {"error": {"message": "The model has crashed"}}\n\n'),
        ("llama.cpp of old", 'error: {"code": 500, "message": "failed to decode", "type": "server_error"}\n\n'),
        ("llama.cpp", event({"error": {"code": 500, "message": SHARED_CONTEXT_FULL, "type": "server_error"}})),
        ("vLLM", 'data: {"object": "error", "message": "engine is dead", "code": 500}\n\ndata: [DONE]\n\n'),
        ("DeepSeek", 'data: {"choices": [{"delta": {}, "finish_reason": "insufficient_system_resource"}]}\n\n'),
    ],
    ids=lambda value: value if len(value) < 20 else "",
)
async def test_an_error_in_the_middle_keeps_what_came_and_can_be_gone_on_with(
    llm: LlmServer, model: ChatModel, ending: str, sent_after: str
) -> None:
    begun = 'data: {"choices": [{"delta": {"content": "Маяк погас, и"}}]}\n\n'
    llm.answer_with(begun + sent_after)
    heard = await hear(model.reply(ASKING))
    assert (heard.text, getattr(heard.end, "code", "")) == ("Маяк погас, и", "cut_off"), ending


async def test_a_prompt_that_the_filter_refuses_is_filtered_and_no_wrong_setting(
    llm: LlmServer, model: ChatModel
) -> None:
    message = "The response was filtered due to the prompt triggering Azure OpenAI's content management policy."
    llm.answer_with(json.dumps({"error": {"message": message, "code": "content_filter", "status": 400}}), 400)
    heard = await hear(model.reply(ASKING))
    assert (heard.text, heard.outcome) == ("", Outcome.FILTERED)

"""YandexGPT client: the real ChatOpenAI against a server that speaks the provider's dialect."""

import asyncio
import gc
import os
import sys
from contextlib import aclosing

import pytest

from domain.llm.client.chat_model import ChatModel
from domain.llm.client.reply import LONGEST_REPLY
from domain.llm.faults import (
    CutOff,
    EmptyReply,
    KeyRejected,
    KnownFault,
    Misconfigured,
    Overloaded,
    TooLong,
    Unavailable,
    UnknownModel,
    Unreachable,
    WrongAddress,
    sentence_for,
)
from domain.llm.port import Ending, Outcome
from tests import llm_server
from tests.domain.llm.client.asking import asking, fault_of, heard
from tests.domain.llm.conftest import FOLDER, KEY, eventually, hear
from tests.llm_server import REFUSAL, TEXT, LlmServer


@pytest.mark.parametrize("style", ["coarse", "fine"])
async def test_a_reply_arrives_whole_and_in_pieces(llm: LlmServer, model: ChatModel, style: str) -> None:
    llm.answer(style=style)
    words, ending = await heard(model.reply(asking()))
    assert "".join(words) == TEXT
    assert len(words) > 3
    assert ending.outcome is Outcome.DONE
    assert (ending.tokens_in, ending.tokens_out) == ((11, 7) if style == "fine" else (None, None))


async def test_pieces_come_while_the_model_is_still_speaking(llm: LlmServer, model: ChatModel) -> None:
    llm.answer(fault="waits")
    async with aclosing(model.reply(asking())) as pieces:
        await anext(pieces)
        assert llm.in_flight == 1


async def test_the_request_says_what_it_must_and_nothing_else(llm: LlmServer, model: ChatModel) -> None:
    await heard(model.reply(asking("Как море?")))
    (request,) = llm.requests
    assert request.path == "/v1/chat/completions"
    assert request.body == {
        "model": f"gpt://{FOLDER}/yandexgpt-lite/latest",
        "messages": [
            {"role": "system", "content": "Ты — смотритель маяка."},
            {"role": "user", "content": "Как море?"},
        ],
        "temperature": 0.6,
        "max_tokens": 1000,
        "stream": True,
    }
    assert request.headers["authorization"] == f"Bearer {KEY}"
    assert request.headers["x-data-logging-enabled"] == "false"
    assert request.headers["openai-project"] == FOLDER
    assert len(request.headers["x-client-request-id"]) == 36
    assert not {"cookie", "openai-organization"} & request.headers.keys()


async def test_every_request_has_a_number_of_its_own(llm: LlmServer, model: ChatModel) -> None:
    await heard(model.reply(asking()))
    await heard(model.reply(asking()))
    first, second = (request.headers["x-client-request-id"] for request in llm.requests)
    assert first != second


@pytest.mark.parametrize(("asked", "sent"), [(None, 0.6), (0.0, 0.0), (0.9, 0.9), (1.7, 1.0), (-3.0, 0.0)])
async def test_temperature_stays_in_the_range_the_provider_takes(
    llm: LlmServer, model: ChatModel, asked: float | None, sent: float
) -> None:
    await heard(model.reply(asking(temperature=asked)))
    assert llm.requests[0].body["temperature"] == sent


@pytest.mark.parametrize(("asked", "sent"), [(None, 1000), (300, 300), (8000, 1000)])
async def test_a_reply_is_never_longer_than_the_settings_allow(
    llm: LlmServer, model: ChatModel, asked: int | None, sent: int
) -> None:
    await heard(model.reply(asking(longest=asked)))
    assert llm.requests[0].body["max_tokens"] == sent


async def test_another_server_gets_its_own_model_name_and_no_project(llm: LlmServer) -> None:
    local = ChatModel(base_url=llm.url, api_key="", model="qwen3:8b")
    await heard(local.reply(asking()))
    (request,) = llm.requests
    assert request.body["model"] == local.name == "qwen3:8b"
    assert "openai-project" not in request.headers


async def test_a_model_written_out_in_full_is_sent_as_it_is(llm: LlmServer) -> None:
    whole = ChatModel(base_url=llm.url, api_key=KEY, folder_id=FOLDER, model="gpt://elsewhere/aliceai-llm/latest")
    await heard(whole.reply(asking()))
    assert llm.requests[0].body["model"] == "gpt://elsewhere/aliceai-llm/latest"
    assert whole.name == "aliceai-llm/latest"


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_the_conversation_goes_to_the_address_in_the_settings_and_nowhere_else(
    llm: LlmServer, model: ChatModel, status: int
) -> None:
    llm.answer_with("{}", status, location=f"{llm.url}/elsewhere/chat/completions")
    _, raised = await fault_of(model.reply(asking()))
    assert type(raised) is WrongAddress
    assert len(llm.requests) == 1


async def test_settings_of_the_machine_for_another_account_are_not_sent(llm: LlmServer) -> None:
    strays = {"OPENAI_ORG_ID": "org-stray", "OPENAI_PROJECT_ID": "stray", "OPENAI_API_KEY": "stray"}
    kept = {name: os.environ.get(name) for name in strays}
    os.environ.update(strays)
    try:
        local = ChatModel(base_url=llm.url, api_key="", model="qwen3:8b")
        await heard(local.reply(asking()))
    finally:
        for name, value in kept.items():
            os.environ.pop(name)
            if value is not None:
                os.environ[name] = value
    assert "stray" not in str(llm.requests[0].headers)


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ("401", KeyRejected),
        ("403", KeyRejected),
        ("404", UnknownModel),
        ("400", Misconfigured),
        ("toolong", TooLong),
        ("429", Overloaded),
        ("500", Unavailable),
        ("503", Unavailable),
        ("drop", Unavailable),
        ("html", WrongAddress),
        ("empty", EmptyReply),
    ],
)
async def test_a_request_that_fails_says_why_and_gives_nothing_away(
    llm: LlmServer, model: ChatModel, fault: str, expected: type[KnownFault]
) -> None:
    llm.answer(fault=fault)
    text, raised = await fault_of(model.reply(asking()))
    assert type(raised) is expected
    assert text == ""
    assert str(raised) == sentence_for(raised.code)
    assert not any(secret in str(raised) for secret in (KEY, FOLDER, llm_server.FOLDER, "request_id"))


@pytest.mark.parametrize("fault", ["cut", "reset", "badsse", "error_event", "error_event_yandex"])
@pytest.mark.parametrize("style", ["coarse", "fine"])
async def test_a_reply_broken_off_keeps_its_words(llm: LlmServer, model: ChatModel, fault: str, style: str) -> None:
    llm.answer(style=style, fault=fault)
    text, raised = await fault_of(model.reply(asking()))
    assert type(raised) is CutOff
    assert text
    assert TEXT.startswith(text)
    assert not any(secret in str(raised) for secret in (KEY, FOLDER, llm_server.FOLDER))
    assert len(llm.requests) == 1  # asking again would make the person read it twice


async def test_an_address_where_nobody_listens_is_an_outage() -> None:
    nobody = ChatModel(base_url="http://127.0.0.1:9/v1", api_key=KEY, model="m", max_retries=0)
    _, raised = await fault_of(nobody.reply(asking()))
    assert type(raised) is Unreachable
    assert raised.__cause__ is not None


async def test_an_address_that_is_none_is_the_administrators_matter() -> None:
    _, raised = await fault_of(ChatModel(base_url="http://host:port/v1", api_key=KEY, model="m").reply(asking()))
    assert type(raised) is Misconfigured


async def test_a_passing_overload_is_waited_out(llm: LlmServer) -> None:
    patient = ChatModel(base_url=llm.url, api_key=KEY, model="m", max_retries=2)
    llm.answer(fault="429", retry_after="0.1")
    llm.answer(fault="503")
    words, _ = await heard(patient.reply(asking()))
    assert "".join(words) == TEXT
    assert len(llm.requests) == 3


@pytest.mark.parametrize("style", ["coarse", "fine"])
async def test_a_refusal_of_the_filter_replaces_what_was_said(llm: LlmServer, model: ChatModel, style: str) -> None:
    llm.answer(style=style, fault="filter")
    words, ending = await heard(model.reply(asking()))
    assert ending == Ending(Outcome.FILTERED, replacement=REFUSAL)
    assert REFUSAL not in "".join(words)


@pytest.mark.parametrize("style", ["coarse", "fine"])
async def test_a_character_who_begins_like_the_filter_and_goes_on_is_heard_out(
    llm: LlmServer, model: ChatModel, style: str
) -> None:
    monologue = f"{REFUSAL} " + "Так сказал мне смотритель, и мы пили чай до утра. " * 5
    llm.answer(monologue, style=style)
    words, ending = await heard(model.reply(asking()))
    assert ("".join(words), ending.outcome, ending.replacement) == (monologue, Outcome.DONE, "")


@pytest.mark.parametrize("style", ["coarse", "fine"])
async def test_a_reply_at_the_models_limit_is_marked(llm: LlmServer, model: ChatModel, style: str) -> None:
    llm.answer(style=style, fault="length")
    words, ending = await heard(model.reply(asking()))
    assert "".join(words) == TEXT
    assert ending.outcome is Outcome.LENGTH


@pytest.mark.parametrize("style", ["coarse", "fine"])
async def test_an_endless_reply_is_cut_and_the_line_closed(llm: LlmServer, model: ChatModel, style: str) -> None:
    llm.answer("Слова, слова, слова. " * 10, style=style, fault="endless")
    words, ending = await heard(model.reply(asking()))
    assert len("".join(words)) == LONGEST_REPLY
    assert ending.outcome is Outcome.LENGTH
    assert await eventually(lambda: llm.in_flight == 0)
    assert llm.disconnects == 1


async def test_a_finished_reply_is_not_spoilt_by_a_line_left_open(llm: LlmServer, model: ChatModel) -> None:
    llm.answer(fault="late_end")
    words, ending = await heard(model.reply(asking()))
    assert "".join(words) == TEXT
    assert ending.outcome is Outcome.DONE
    assert await eventually(lambda: llm.in_flight == 0)


async def test_an_ending_without_a_text_part_still_counts(llm: LlmServer, model: ChatModel) -> None:
    llm.answer(style="fine", fault="no_delta")
    words, ending = await heard(model.reply(asking()))
    assert "".join(words) == TEXT
    assert ending.outcome is Outcome.DONE


async def test_a_listener_who_leaves_closes_the_line(llm: LlmServer, model: ChatModel) -> None:
    llm.answer(fault="stall")
    reply = model.reply(asking())
    await anext(reply)
    await reply.aclose()
    assert await eventually(lambda: llm.in_flight == 0)
    assert llm.disconnects == 1


@pytest.mark.parametrize("fault", ["hang", "stall", "keepalive"])
async def test_a_cancelled_wait_closes_the_line(llm: LlmServer, model: ChatModel, fault: str) -> None:
    llm.answer(fault=fault)
    listening = asyncio.create_task(heard(model.reply(asking())))
    assert await eventually(lambda: llm.in_flight == 1)
    listening.cancel()
    with pytest.raises(asyncio.CancelledError):
        await listening
    assert await eventually(lambda: llm.in_flight == 0)


async def test_replies_run_side_by_side(llm: LlmServer, model: ChatModel) -> None:
    llm.default = llm_server.Behaviour(fault="waits")
    replies = [asyncio.create_task(heard(model.reply(asking()))) for _ in range(8)]
    assert await eventually(lambda: llm.in_flight == 8)
    llm.go_on()
    await asyncio.gather(*replies)


async def test_a_prompt_can_tell_the_server_what_to_do(model: ChatModel) -> None:
    words, _ = await heard(model.reply(asking("[[style:fine]] [[text:Да, помню.]]")))
    assert "".join(words) == "Да, помню."
    _, raised = await fault_of(model.reply(asking("Ну же! [[fault:cut]] [[pause:0.01]]")))
    assert type(raised) is CutOff


async def test_the_house_stands_without_the_heavy_library() -> None:
    heavy = "'langchain_openai' in sys.modules or 'openai' in sys.modules"
    code = f"import sys, domain.llm.client.chat_model; sys.exit({heavy})"
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", code)
    assert await process.wait() == 0


@pytest.mark.parametrize("how", ["to its end", "left early", "cancelled", "broken off", "refused"])
async def test_no_generator_is_left_to_the_garbage_collector(llm: LlmServer, model: ChatModel, how: str) -> None:
    """The collector may close one in another thread while it runs, which breaks whatever is at work there."""
    left = list[object]()
    hooks = sys.get_asyncgen_hooks()
    model.warm()
    sys.set_asyncgen_hooks(finalizer=lambda generator: left.append(str(generator)))
    try:
        await _listen(llm, model, how)
        gc.collect()
    finally:
        sys.set_asyncgen_hooks(*hooks)
    assert not left


async def _listen(llm: LlmServer, model: ChatModel, how: str) -> None:
    faults = {"cancelled": "stall", "broken off": "reset", "refused": "500"}
    llm.answer(style="fine", fault=faults.get(how, ""))
    listening = asyncio.create_task(hear(model.reply(asking())))
    match how:
        case "left early":
            await listening
            llm.answer(style="fine", pause=0.05)
            reply = model.reply(asking())
            async with aclosing(reply) as pieces:
                await anext(pieces)
                await anext(pieces)
        case "cancelled":
            assert await eventually(lambda: llm.in_flight == 1)
            await asyncio.sleep(0.05)  # in the middle of the reply; anywhere else would do as well
            listening.cancel()
            with pytest.raises(asyncio.CancelledError):
                await listening
        case _:
            await listening

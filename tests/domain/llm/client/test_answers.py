"""Answers as servers write them, byte by byte: which part is the reply, how it ended, what is skipped."""

import pytest

from domain.llm.client import answer
from domain.llm.client.chat_model import ChatModel
from domain.llm.faults import (
    CutOff,
    EmptyReply,
    KnownFault,
    NoMoney,
    Overloaded,
    ThoughtOnly,
    Unavailable,
    WrongAddress,
)
from domain.llm.port import Outcome, Sign
from domain.text import without_controls
from tests.domain.llm.client.asking import asking, fault_of, heard
from tests.domain.llm.conftest import hear
from tests.llm_server import LlmServer


def answer_of(*chunks: str, done: bool = True) -> str:
    events = "".join(f'data: {{"choices": [{chunk}]}}\n\n' for chunk in chunks)
    return events + ("data: [DONE]\n\n" if done else "")


def said(text: str, more: str = "") -> str:
    return f'{{"delta": {{"content": "{text}"}}{more}}}'


def message(text: str) -> str:
    return f'{{"message": {{"content": "{text}"}}, "finish_reason": "stop"}}'


STOP = '{"delta": {}, "finish_reason": "stop"}'


@pytest.mark.parametrize(
    ("body", "text", "outcome"),
    [
        (answer_of(said("\\n\\n"), STOP), "", EmptyReply),
        (answer_of(said("\\u200b"), STOP), "", EmptyReply),
        (answer_of(said("Да."), STOP, done=False), "Да.", Outcome.DONE),
        (answer_of(said("Да."), STOP, done=False) + 'data: {"error": "late"}\n\n', "Да.", Outcome.DONE),
        (answer_of(said("Да."), said("", ', "finish_reason": "error"'), STOP), "Да.", CutOff),
        (answer_of(said("Да."), said("", ', "finish_reason": "length"'), STOP), "Да.", Outcome.LENGTH),
        (answer_of(said("Да."), '{"message": {"content": "Да."}, "finish_reason": "stop"}'), "Да.", Outcome.DONE),
        (answer_of('{"delta": {"tool_calls": [{"id": "1"}]}}', said("Да."), STOP), "Да.", Outcome.DONE),
        (answer_of(said("Да."), done=False) + 'data: "[DONE]"\n\n', "Да.", Outcome.DONE),
        (answer_of(said("Да.", ', "finish_reason": "FINISH_REASON_STOP"')), "Да.", Outcome.DONE),
        # in unusual shapes
        (answer_of('{"index": "0", "delta": {"content": "Да."}}', '{"index": "0", ' + STOP[1:]), "Да.", Outcome.DONE),
        (answer_of('{"index": [], "delta": {"content": "Нет."}}', said("Да."), STOP), "Да.", Outcome.DONE),
        (answer_of('{"delta": {"content": ["Да", "."]}}', STOP), "Да.", Outcome.DONE),
        (answer_of('{"delta": {"content": {"type": "text", "text": "Да."}}}', STOP), "Да.", Outcome.DONE),
        (answer_of(said("Да."), '{"index": 1, "delta": {"content": "Нет."}}', STOP), "Да.", Outcome.DONE),
        # before the first word
        (answer_of('{"delta": {}, "finish_reason": "content_filter"}'), "", Outcome.FILTERED),
        (answer_of('{"delta": {}, "finish_reason": "insufficient_system_resource"}'), "", Unavailable),
        (answer_of('{"delta": {"role": "assistant", "content": ""}}', done=False), "", Unavailable),
        (": still here\n\n" * 3, "", Unavailable),
        ("ping\n\n" + answer_of(said("Да."), STOP), "Да.", Outcome.DONE),
        ("", "", Unavailable),
    ],
)
async def test_how_an_answer_ended_is_read_from_all_of_it(
    llm: LlmServer, model: ChatModel, body: str, text: str, outcome: object
) -> None:
    llm.answer_with(body)
    reply = await hear(model.reply(asking()))
    assert (reply.text, reply.outcome) == (text, outcome)


@pytest.mark.parametrize("count", ["1" + "0" * 30, "-7", "true", "9223372036854775807"])
async def test_a_count_that_cannot_be_one_is_no_count(llm: LlmServer, model: ChatModel, count: str) -> None:
    usage = f'data: {{"choices": [], "usage": {{"prompt_tokens": {count}, "completion_tokens": {count}}}}}\n\n'
    llm.answer_with(answer_of(said("Да."), STOP, done=False) + usage)
    _, ending = await heard(model.reply(asking()))
    assert (ending.tokens_in, ending.tokens_out) == (None, None)


async def test_a_server_that_names_a_finish_too_early_is_heard_out(llm: LlmServer, model: ChatModel) -> None:
    chunks = [said(word, ', "finish_reason": "stop"') for word in ("Раз. ", "Два. ", "Три.")]
    llm.answer_with(answer_of(*chunks), pause=0.4)
    words, ending = await heard(model.reply(asking()))
    assert ("".join(words), ending.outcome) == ("Раз. Два. Три.", Outcome.DONE)


@pytest.mark.parametrize(
    ("body", "meant"),
    [
        ('{"detail": "Insufficient balance"}', NoMoney),
        ('{"code": 1113, "msg": "too many requests"}', Overloaded),
        ('data: {"message": "queued"}\n\ndata: [DONE]\n\n', Unavailable),
        (
            answer_of('{"delta": {}, "finish_reason": "error", "error": {"code": 502, "message": "at capacity"}}'),
            Overloaded,
        ),
    ],
)
async def test_what_a_server_says_in_place_of_a_reply_is_read(
    llm: LlmServer, model: ChatModel, body: str, meant: type[KnownFault]
) -> None:
    llm.answer_with(body)
    _, raised = await fault_of(model.reply(asking()))
    assert type(raised) is meant


@pytest.mark.parametrize(
    "body",
    [
        "upstream connect error or disconnect/reset before headers",
        '{"model": "m", "message": {"content": "Я жду у маяка."}, "done": false}\n{"done": true}\n',
        '{"code": 0, "data": {"choices": [{"message": {"content": "Я жду у маяка."}}]}}',
    ],
    ids=["a proxy's sentence", "another protocol", "wrapped"],
)
async def test_what_is_no_chat_completion_is_no_empty_reply(llm: LlmServer, model: ChatModel, body: str) -> None:
    """Nobody is asked to rephrase; and text that may be a reply is not in the log."""
    llm.answer_with(body, content_type="text/plain")
    _, raised = await fault_of(model.reply(asking()))
    assert (type(raised), raised.detail) == (WrongAddress, "ValueError: no chat completion, but text/plain")


async def test_a_document_without_an_end_is_given_up(
    llm: LlmServer, model: ChatModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answer, "LONGEST_DOCUMENT", 500)
    llm.answer_with(f'{{"choices": [{message("Да. " * 40)}]}}')
    words, _ = await heard(model.reply(asking()))
    assert "".join(words) == "Да. " * 40
    llm.answer_with(f'{{"choices": [{message("Да. " * 500)}]}}')
    _, raised = await fault_of(model.reply(asking()))
    assert type(raised) is WrongAddress


@pytest.mark.parametrize("beside", ['"error": {"code": 0, "message": "Success"}', '"message": "queued"'])
async def test_what_a_server_says_beside_a_reply_does_no_harm(llm: LlmServer, model: ChatModel, beside: str) -> None:
    llm.answer_with(f"data: {{{beside}}}\n\n" + answer_of(said("Да."), STOP))
    words, _ = await heard(model.reply(asking()))
    assert words == ["Да."]


async def test_text_that_comes_with_an_error_is_kept(llm: LlmServer, model: ChatModel) -> None:
    llm.answer_with('data: {"choices": [{"delta": {"content": "Да, "}}], "error": {"message": "broken"}}\n\n')
    text, raised = await fault_of(model.reply(asking()))
    assert (text, type(raised)) == ("Да, ", CutOff)


@pytest.mark.parametrize(
    "thought", ['{"type": "reasoning.text", "text": "Hm."}', '{"type": "reasoning.summary", "summary": "Hm."}']
)
async def test_thoughts_in_details_are_thoughts(llm: LlmServer, model: ChatModel, thought: str) -> None:
    details = f'{{"delta": {{"content": "", "reasoning_details": [{thought}, {{"type": "reasoning.encrypted"}}]}}}}'
    llm.answer_with(answer_of(details, said("Да."), STOP))
    reply = await hear(model.reply(asking()))
    assert (reply.text, getattr(reply.end, "thoughts", "")) == ("Да.", "Hm.")
    llm.answer_with(answer_of(details, done=False))
    assert Sign.THINKING in (await hear(model.reply(asking()))).signs
    llm.answer_with(answer_of(details, '{"delta": {}, "finish_reason": "length"}'))
    assert (await hear(model.reply(asking()))).outcome is ThoughtOnly, "and whose limit they took is told so"


@pytest.mark.parametrize(
    "sent",
    [
        ['{"message": {"content": "Ра"}}', '{"message": {"content": "з. "}}', '{"message": {"content": "Два."}}', STOP],
        ['{"message": {"content": "Ра"}}', '{"message": {"content": "Раз. "}}', message("Раз. Два.")],
        ['{"message": {"content": "Раз. "}}', '{"message": {"content": "Раз. Два."}}', message("Раз. Два.")],
        [
            '{"text": "Раз"}',
            '{"text": "."}',
            '{"text": " Два"}',
            '{"text": "."}',
            '{"text": "", "finish_reason": "stop"}',
        ],
        [said("Раз. "), said("Два."), message("Раз. Два.")],
        [said("Раз. "), said("Два."), message("Раз.  Два. ")],
    ],
    ids=["new", "grown", "grown, repeated", "old completions", "repeated", "repeated with other blanks"],
)
async def test_texts_of_other_shapes_are_heard_once_and_whole(
    llm: LlmServer, model: ChatModel, sent: list[str]
) -> None:
    llm.answer_with(answer_of(*sent))
    reply = await hear(model.reply(asking()))
    assert (reply.text, reply.outcome) == ("Раз. Два.", Outcome.DONE)


async def test_thoughts_that_a_last_message_repeats_are_kept_once(llm: LlmServer, model: ChatModel) -> None:
    whole = '{"message": {"content": "Да.", "reasoning": "Hm."}, "finish_reason": "stop"}'
    llm.answer_with(answer_of('{"delta": {"reasoning": "Hm."}}', said("Да."), whole))
    reply = await hear(model.reply(asking()))
    assert (reply.text, getattr(reply.end, "thoughts", "")) == ("Да.", "Hm.")


@pytest.mark.parametrize("line", ["\u2028", "\u0085", "\t", "\x1f"], ids=ascii)
async def test_signs_that_some_take_for_the_end_of_a_line_end_nothing(
    llm: LlmServer, model: ChatModel, line: str
) -> None:
    """Also in a stream whose events end with one line break instead of two."""
    events = answer_of(said("Раз."), said(f"Два.{line}Три."), STOP)
    for body in (events, events.replace("\n\n", "\n")):
        llm.answer_with(body)
        reply = await hear(model.reply(asking()))
        assert (reply.text, reply.outcome) == (without_controls(f"Раз.Два.{line}Три."), Outcome.DONE)


async def test_an_event_that_cannot_be_read_among_others_is_no_whole_reply(llm: LlmServer, model: ChatModel) -> None:
    llm.answer_with(answer_of(said("Раз. "), '{"delta": {"conte', said("Три."), STOP).replace("\n\n", "\n"))
    reply = await hear(model.reply(asking()))
    assert (reply.text, reply.outcome) == ("Раз. Три.", CutOff)


async def test_the_end_is_heard_behind_one_line_break_too(llm: LlmServer, model: ChatModel) -> None:
    llm.answer_with(answer_of(said("Да.")).replace("\n\n", "\n"))
    reply = await hear(model.reply(asking()))
    assert (reply.text, reply.outcome) == ("Да.", Outcome.DONE)


async def test_many_empty_lines_are_no_work(model: ChatModel, llm: LlmServer) -> None:
    llm.answer("Да." + "\n" * 5000 + "Нет.", style="fine")
    words, _ = await heard(model.reply(asking()))
    assert "".join(words).replace("\n", "") == "Да.Нет."

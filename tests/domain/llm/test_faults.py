"""Provider errors: what they mean, whoever's server it is."""

from __future__ import annotations

import socket

import httpx2
import openai
import pytest

from domain.llm.faults import (
    CutOff,
    KeyRejected,
    KnownFault,
    Misconfigured,
    ModelTimeout,
    Overloaded,
    TooLong,
    Unavailable,
    UnknownModel,
    Unreachable,
    WrongAddress,
    sentence_for,
    sentence_for_admins,
    translate,
)

REQUEST = httpx2.Request("POST", "http://model.test/v1/chat/completions")


def answered(status: int, words: str = "no", **headers: str) -> openai.APIStatusError:
    response = httpx2.Response(status, request=REQUEST, headers=headers)
    return openai.APIStatusError(words, response=response, body=None)


@pytest.mark.parametrize(
    ("status", "words", "meant"),
    [
        (400, "no", Misconfigured),
        (400, "Number of input tokens must be no more than 8192", TooLong),
        (400, "context_length_exceeded", TooLong),
        (403, "Quota exceeded", Overloaded),
        (403, "RESOURCE_EXHAUSTED", Overloaded),
        (401, "no", KeyRejected),
        (403, "no", KeyRejected),
        (404, "model 'qwen3' not found", UnknownModel),
        (404, "404 page not found", WrongAddress),
        (400, "qwen3 is not a valid model ID", UnknownModel),
        (405, "no", WrongAddress),
        (308, "moved", WrongAddress),
        (408, "no", Unavailable),
        (409, "no", Unavailable),
        (413, "no", TooLong),
        (429, "no", Overloaded),
        (499, "no", Misconfigured),
        (500, "no", Unavailable),
        (503, "quota", Unavailable),
    ],
)
def test_a_status_says_what_is_the_matter_and_where_it_does_not_the_words_do(
    status: int, words: str, meant: type[KnownFault]
) -> None:
    assert type(translate(answered(status, words))) is meant
    assert type(translate(answered(status, words), began=True)) is CutOff


@pytest.mark.parametrize(
    ("said", "seconds"), [("7", 7), ("0.5", 0.5), ("Wed, 21 Oct 2026 07:28:00 GMT", None), ("", None)]
)
def test_how_long_to_wait_is_taken_from_whoever_says_it_in_seconds(said: str, seconds: float | None) -> None:
    fault = translate(answered(429, **{"retry-after": said}))
    assert isinstance(fault, Overloaded)
    assert fault.retry_after == seconds


@pytest.mark.parametrize(
    ("error", "meant"),
    [
        (openai.APITimeoutError(REQUEST), ModelTimeout),
        (TimeoutError(), ModelTimeout),
        (openai.APIConnectionError(request=REQUEST), Unavailable),
        (openai.APIError("too many requests", REQUEST, body=None), Overloaded),
        (openai.APIError("something", REQUEST, body=None), Unavailable),
        (ValueError("no JSON"), WrongAddress),
    ],
    ids=repr,
)
def test_what_has_no_status_is_read_as_well(error: Exception, meant: type[KnownFault]) -> None:
    assert type(translate(error)) is meant


@pytest.mark.parametrize(
    "cause", [ConnectionRefusedError(111, "refused"), socket.gaierror(-2, "no such name")], ids=repr
)
def test_an_address_where_nobody_answers_is_told_from_a_connection_that_broke(cause: OSError) -> None:
    error = openai.APIConnectionError(request=REQUEST)
    error.__cause__ = httpx2.ConnectError("all attempts failed")
    error.__cause__.__context__ = cause
    assert type(translate(error)) is Unreachable


def test_people_read_one_sentence_and_admins_which_setting_is_wrong() -> None:
    told = {
        "key_rejected": "API_KEY",
        "unknown_model": "LLM_MODEL",
        "wrong_address": "BASE_URL",
        "unreachable": "BASE_URL",
    }
    for code, setting in told.items():
        assert sentence_for(code) == sentence_for("unavailable")
        assert setting in sentence_for_admins(code)

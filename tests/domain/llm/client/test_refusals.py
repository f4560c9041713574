"""Refusals: what a server that does not reply means, whatever server it is."""

from __future__ import annotations

import json
import socket
import ssl
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx2
import openai
import pytest

from domain.llm.client.errors import connection_fault, refusal_in
from domain.llm.client.redaction import LONGEST, redact
from domain.llm.client.refusals import fault_of, prompt_told, read_refusal, wait_told, window_told
from domain.llm.faults import (
    CertificateRefused,
    CountryRefused,
    KeyRejected,
    KnownFault,
    Loading,
    Misconfigured,
    ModelTimeout,
    NoMoney,
    Overloaded,
    TooLong,
    Unavailable,
    UnknownModel,
    Unreachable,
    WrongAddress,
)

REQUEST = httpx2.Request("POST", "http://model.test/v1/chat/completions")


def error(message: str, **more: object) -> str:
    return json.dumps({"error": {"message": message, **more}})


@pytest.mark.parametrize(
    ("status", "body", "meant"),
    [
        (400, error("no"), Misconfigured),
        (401, error("no"), KeyRejected),
        (403, error("no"), KeyRejected),
        (405, error("no"), WrongAddress),
        (308, "moved", WrongAddress),
        (403, "<!DOCTYPE html><title>Just a moment...</title>", WrongAddress),
        (403, error("Country not supported", code="unsupported_country_region_territory"), CountryRefused),
        (400, error("User location is not supported for the API use.", status="FAILED_PRECONDITION"), CountryRefused),
        (404, "404 page not found", WrongAddress),
        (404, error("model 'qwen3' not found"), UnknownModel),
        (400, error("qwen3 is not a valid model ID"), UnknownModel),
        (400, error("no", code="model_not_found"), UnknownModel),
        (408, error("no"), Unavailable),
        (409, error("no"), Unavailable),
        (413, error("no"), TooLong),
        (429, error("no"), Overloaded),
        (499, error("no"), Misconfigured),
        (500, error("no"), Unavailable),
        (529, error("Overloaded", type="overloaded_error"), Overloaded),
        (403, error("Quota exceeded"), Overloaded),
        (403, error("RESOURCE_EXHAUSTED"), Overloaded),
        # money
        (402, error("Insufficient Balance"), NoMoney),
        (429, error("You exceeded your current quota, check your plan", code="insufficient_quota"), NoMoney),
        (403, error("This request requires more credits, or fewer max_tokens"), NoMoney),
        (500, error("The billing service did not answer"), Unavailable),
        # a model that is being loaded, and one that has no time
        (503, error("Loading model", type="unavailable_error"), Loading),
        (503, json.dumps({"error": "Model x is currently loading", "estimated_time": 20.0}), Loading),
        (503, error("Service unavailable"), Unavailable),
        (502, "<html>Bad gateway</html>", Unavailable),
        # a full context, as Yandex, OpenAI, Azure, vLLM, TGI, Gemini, Anthropic behind LiteLLM, Groq and Mistral say it
        (400, error("Number of input tokens must be no more than 8192"), TooLong),
        (400, error("no", code="context_length_exceeded"), TooLong),
        (400, error("This model's maximum context length is 4096 tokens. However, you requested 5210"), TooLong),
        (400, json.dumps({"object": "error", "message": "please reduce the length of the input messages"}), TooLong),
        (
            422,
            json.dumps(
                {
                    "error": "Given: 5210 `inputs` tokens and 1500 `max_new_tokens`. The sum of "
                    "`inputs` tokens + `max_new_tokens` must be <= 4096",
                    "error_type": "validation",
                }
            ),
            TooLong,
        ),
        (
            400,
            json.dumps(
                [
                    {
                        "error": {
                            "code": 400,
                            "message": "The input token count (5210) exceeds the maximum number "
                            "of tokens allowed (4096).",
                        }
                    }
                ]
            ),
            TooLong,
        ),
        (400, error("litellm.ContextWindowExceededError: prompt is too long: 5210 tokens > 4096 maximum"), TooLong),
        (413, error("Request too large for model x on tokens per minute (TPM): Limit 6000, Requested 7000"), TooLong),
        (400, error("Prompt contains 5210 tokens, too large for model with 4096 maximum context length"), TooLong),
        (500, error("Context size has been exceeded."), TooLong),
        # not a full context, though it mentions tokens
        (429, error("Rate limit reached on tokens per min (TPM): Limit 30000, Used 29000"), Overloaded),
        (400, error("Invalid value: 'max_tokens' must be at least 1", param="max_tokens"), Misconfigured),
    ],
    ids=lambda value: str(value)[:60],
)
def test_a_refusal_says_what_is_the_matter(status: int, body: str, meant: type[KnownFault]) -> None:
    assert type(fault_of(read_refusal(status, body))) is meant


@pytest.mark.parametrize(
    ("body", "window", "prompt"),
    [
        (error("request (5210 tokens) exceeds the available context size (4096 tokens)"), 4096, 5210),
        (error("too long", n_ctx=4096, n_prompt_tokens=5210), 4096, 5210),
        (error("The decoder prompt (length 5210) is longer than the maximum model length of 4096."), 4096, 5210),
        (error("number of input tokens must be no more than 32768, got 59830"), 32768, 59830),
        (error("maximum context length is 4,096 tokens. However, your messages resulted in 5,210 tokens"), 4096, 5210),
        (error("The input token count (5210) exceeds the maximum number of tokens allowed (4096)."), 4096, 5210),
        (error("the input length exceeds the context length"), None, None),
        (error("the input length exceeds the context length", code=400), None, None),
        (error("context size of 1 token is exceeded", n_ctx=1), None, None),
    ],
    ids=lambda value: str(value)[:60],
)
def test_the_numbers_in_a_refusal_are_read(body: str, window: int | None, prompt: int | None) -> None:
    refusal = read_refusal(400, body)
    assert (window_told(refusal), prompt_told(refusal)) == (window, prompt)


@pytest.mark.parametrize("code", ["content_filter", "data_inspection_failed", "ResponsibleAIPolicyViolation"])
def test_a_filter_is_known_by_its_code_in_whatever_language_it_speaks(code: str) -> None:
    """Otherwise the person would read that a setting is wrong."""
    assert read_refusal(400, error("Запрос отклонён", code=code)).is_filter
    assert not read_refusal(400, error("Запрос отклонён", code="invalid_request")).is_filter


def test_where_a_redirect_leads_is_told() -> None:
    """Mostly to https, or to a log-in page."""
    refusal = read_refusal(301, "", {"location": "https://model.test/v1/chat/completions"})
    assert refusal.words.startswith("moved to https://model.test/v1/chat/completions")


def in_six_seconds() -> str:
    return format_datetime(datetime.now(UTC) + timedelta(seconds=6), usegmt=True)


@pytest.mark.parametrize(
    ("headers", "words", "seconds"),
    [
        ({"retry-after": "7"}, "no", 7),
        ({"retry-after": "0.5"}, "no", 0.5),
        ({"retry-after-ms": "1500"}, "no", 1.5),
        ({}, "Please try again in 7.66s.", 7.66),
        ({}, "Please try again in 20ms.", 0.02),
        ({}, "Please try again in 1m30s.", 90),
        ({"retry-after": "soon"}, "no", None),
        ({"retry-after": "-5"}, "no", None),
        ({"retry-after": "604800"}, "no", 604_800),
        ({"retry-after": "604801"}, "no", None),
        ({"retry-after": "nan"}, "no", None),
        ({"retry-after": "inf"}, "no", None),
        ({"retry-after": "Sat, 28 Nov 2026 00:00:00 +99999999999999"}, "no", None),
        ({}, "no", None),
    ],
)
def test_how_long_to_wait_is_taken_from_whoever_says_it(
    headers: dict[str, str], words: str, seconds: float | None
) -> None:
    fault = fault_of(read_refusal(429, error(words), headers))
    assert isinstance(fault, Overloaded)
    assert fault.retry_after == seconds


def test_a_date_is_as_good_as_seconds() -> None:
    wait = wait_told(read_refusal(429, error("no"), {"retry-after": in_six_seconds()}))
    assert wait is not None
    assert 4 < wait <= 6


@pytest.mark.parametrize(
    ("body", "meant"),
    [
        ({"message": "too many requests"}, Overloaded),
        ({"message": "something"}, Unavailable),
        ({"error": {"message": "Context size has been exceeded", "code": 500}}, TooLong),
        ({"error": {"message": "Provider returned error", "code": 402}}, NoMoney),
    ],
)
def test_an_error_inside_an_answer_has_no_status_and_is_read_as_well(body: object, meant: type[KnownFault]) -> None:
    assert type(fault_of(read_refusal(None, body))) is meant


@pytest.mark.parametrize(
    ("cause", "meant"),
    [
        (ConnectionRefusedError(111, "refused"), Unreachable),
        (socket.gaierror(-2, "no such name"), Unreachable),
        (ssl.SSLCertVerificationError("self-signed certificate"), CertificateRefused),
        (httpx2.ConnectTimeout("too slow"), ModelTimeout),
        (ConnectionResetError(), Unavailable),
    ],
    ids=repr,
)
def test_what_lies_below_the_librarys_error_is_what_counts(cause: Exception, meant: type[KnownFault]) -> None:
    failed = openai.APIConnectionError(request=REQUEST)
    failed.__cause__ = httpx2.ConnectError("all attempts failed")
    failed.__cause__.__context__ = cause
    assert refusal_in(failed) is None
    assert type(connection_fault(failed)) is meant


def test_what_is_no_answer_of_a_model_at_all_is_a_wrong_address() -> None:
    assert type(connection_fault(ValueError("a page in place of an answer"))) is WrongAddress


def test_the_log_gets_the_providers_words_without_secrets_and_without_the_conversation() -> None:
    said = (
        "Unknown api key 'AQVN-secret-key' in folder b1gfolderoftheowner: prompt 'Меня зовут Анна и я живу в Перми' "
        "rejected, see sk-abc123def456ghi789jkl and Bearer eyJhbGciOi1NiJ9abcdef"
    )
    told = redact(said, ["AQVN-secret-key", "b1gfolderoftheowner"], ["Привет. Меня зовут Анна, и я живу в Перми!"])
    assert told.startswith("Unknown api key '***' in folder ***")
    assert told.endswith("rejected, see *** and ***")
    for secret in ("AQVN", "b1gfolder", "Анна", "Перми", "sk-", "eyJ"):
        assert secret not in told


def test_a_key_is_blacked_out_however_much_of_it_is_shown_and_a_talk_however_it_is_quoted() -> None:
    quoted = "".join(f"\\u{ord(letter):04x}" for letter in "Меня зовут Анна")
    said = rf"key aqvn-SECRET-KEY, AQVN-sec...; улица\nЛенина\nдом; {quoted}"
    told = redact(said, ["AQVN-secret-key"], ["улица\nЛенина\nдом 5. Меня зовут Анна"])
    for secret in ("secret", "SECRET", "AQVN", "Ленина", "Анна"):
        assert secret not in told
    assert redact("no voice for Анна Ким", [], ["Расскажи о море", "Анна Ким."]) == "no voice for ***"


def test_the_end_of_a_long_explanation_stays_in_the_log() -> None:
    """There llama.cpp names the cause when its template has failed, after a long quotation of the template."""
    cause = "Error: Jinja Exception: Conversation roles must alternate user/assistant"
    told = redact(f"Unable to generate parser for this template. {'{{ message }} ' * 40} {cause}", [], [])
    assert told.startswith("Unable to generate parser for this template.")
    assert told.endswith(cause)
    assert len(told) <= LONGEST


def test_the_log_keeps_what_the_operator_needs() -> None:
    for said in (
        'model "qwen3:8b" not found, try pulling it first',
        "Insufficient Balance",
        "use max_completion_tokens",
    ):
        assert redact(said, ["key"], ["Расскажи о море"]) == said

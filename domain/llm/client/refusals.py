"""Refusals: what a model's server answers in place of a reply, mapped to one of our faults.

Servers agree on little: the same full context is 400, 413 or 500, with a code, a type or only a sentence, whose numbers
are worth reading. Codes and types go before sentences. Collected from Yandex, OpenAI, Azure, llama.cpp, Ollama, vLLM,
LM Studio, TGI, LiteLLM, OpenRouter, Groq, Gemini and Mistral (their sources, documentation and public reports, 2026).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any

from domain.llm.faults import (
    CountryRefused,
    KeyRejected,
    KnownFault,
    Loading,
    Misconfigured,
    NoMoney,
    Overloaded,
    TooLong,
    Unavailable,
    UnknownModel,
    WrongAddress,
)

OVERFLOW_CODES = (
    *("context_length_exceeded", "exceed_context_size_error", "context_window_exceeded", "string_above_max_length"),
    *("input_too_long", "request_too_large", "contextwindowexceedederror", "model_max_prompt_tokens_exceeded"),
)
OVERFLOW_WORDS = re.compile(
    r"number of input tokens|text length must be in|context[ _](?:length|window|size)|maximum (?:model|context) length"
    r"|max_model_len|max_seq_len|(?:prompt|input|request|message)s? (?:is |are )?too (?:long|large)"
    r"|longer than the (?:maximum )?model|too many (?:input )?tokens|reduce (?:the|your) (?:length|prompt|input)"
    r"|token count \(?\d+\)? exceeds|input tokens? exceed|max_new_tokens` must be <=|out of context"
    r"|exceeds? .{0,40}\bcontext\b|token limit|exceeds? the (?:token )?limit of \d|range of input length"
    r"|must have less than \d+ tokens|too large to process"
)
WINDOW_NUMBERS = (
    *(r"available context size \(?(\d+)", r"context (?:length|window|size)(?: is| of|:)? \(?(\d+)"),
    *(r"maximum model length(?: is| of)? (\d+)", r"no more than (\d+)", r"must be <= (\d+)", r"allowed \(?(\d+)"),
    *(r"max_model_len\D{1,10}(\d+)", r"limit(?: is| of)? (\d{3,})", r"(?:maximum|at most)\D{1,20}(\d{3,}) tokens"),
)
PROMPT_NUMBERS = (
    *(r"\((\d+) tokens\) exceeds", r"prompt \(length (\d+)\)", r", got (\d+)", r"resulted in (\d+) tokens"),
    *(r"(\d+) in the messages", r"given: (\d+)", r"(?:has|contains) (?:at least )?(\d+) (?:input )?tokens"),
    *(r"token count \((\d+)\)", r"requested (\d+) tokens"),
)
MONEY_CODES = ("insufficient_quota", "insufficient_balance", "billing_hard_limit_reached", "payment_required")
MONEY_WORDS = re.compile(r"insufficient (?:balance|credits?|funds|quota)|billing|payment|out of credits|more credits")
LOADING_WORDS = re.compile(
    r"loading model|model is (?:still |currently )?load|currently loading|warming up|not ready|starting up"
    r"|estimated_time"
)
QUOTA_WORDS = re.compile(r"quota|resource_exhausted|too many requests|rate limit|overloaded|server busy|at capacity")
FILTER_WORDS = re.compile(r"content exists risk|data ?inspection|content management policy|content policy")
FILTER_CODES = (
    *("content_filter", "data_inspection_failed", "datainspectionfailed", "content_policy_violation"),
    "responsibleaipolicyviolation",
)
KEY_WORDS = re.compile(
    r"api[ _-]?key (?:not valid|is invalid)|(?:invalid|incorrect|wrong) api[ _-]?key|unauthori[sz]ed"
)
COUNTRY_WORDS = re.compile(
    r"unsupported_country|country, region|location is not supported"
    r"|(?:not supported|not available) in your (?:country|region)"
)
"""Wording of OpenAI, of Gemini, and of servers in front of them."""
UNKNOWN_MODEL_CODES = ("model_not_found", "model_not_available", "invalid_model")
UNKNOWN_MODEL_WORDS = re.compile(
    r"not found|does not exist|not a valid model|unknown model|invalid model|no such model"
)
WAIT_WORDS = re.compile(r"(?:try again|retry) (?:in|after) (?:(\d+)m)?([\d.]+) ?(ms|s)", re.IGNORECASE)
ERROR_STATUS = re.compile(r"[45]\d\d")
SMALLEST_WINDOW, LARGEST_WINDOW = 256, 100_000_000  # tokens; any other number is not a window
LONGEST_WAIT = 7 * 24 * 3600.0  # seconds; anything longer is not a wait
LONGEST_WORDS = 2_000  # characters of a server's message that are read
WRONG_PLACES = (HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED)
OVERLOADED_SITE = 529  # Anthropic's, also behind other APIs


@dataclass(frozen=True)
class Refusal:
    """A server's refusal; `status` is None for an error that came inside an answer without one."""

    status: int | None
    words: str
    sentences: str = ""
    """`words` without the codes, whose numbers mean something else."""
    codes: tuple[str, ...] = ()
    param: str = ""
    numbers: Mapping[str, int] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def lowered(self) -> str:
        return self.words.lower()

    @property
    def is_filter(self) -> bool:
        """Whether the content filter refused the prompt itself."""
        return any(code in FILTER_CODES for code in self.codes) or bool(FILTER_WORDS.search(self.lowered))

    @property
    def is_overflow(self) -> bool:
        return (
            self.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE
            or any(code in OVERFLOW_CODES for code in self.codes)
            or bool(OVERFLOW_WORDS.search(self.lowered))
        )


def read_refusal(status: int | None, body: object, headers: Mapping[str, str] | None = None) -> Refusal:
    """`body` is what the server sent, as text or as parsed JSON."""
    read = _as_json(body) if isinstance(body, str) else body
    said = list(_dicts_in(read))
    words = body if isinstance(body, str) else json.dumps(body, ensure_ascii=False, default=str)
    codes = tuple(
        str(value).lower() for each in said for name in ("code", "type", "status") if (value := each.get(name))
    )
    numbers = {name: number for each in said for name, number in each.items() if type(number) is int and number > 0}
    if status is None:
        status = next((int(code) for code in codes if ERROR_STATUS.fullmatch(code)), None)
    param = next((str(each["param"]) for each in said if each.get("param")), "") or _misplaced_field(said)
    sentences, told = _sentences(said, read, words)
    if status and status < HTTPStatus.BAD_REQUEST and (place := (headers or {}).get("location")):
        told = f"moved to {place} {told}"
    return Refusal(
        status, told[:LONGEST_WORDS], sentences[:LONGEST_WORDS], codes, param, numbers=numbers, headers=headers or {}
    )


def fault_of(refusal: Refusal) -> KnownFault:
    """The fault that a refusal means, before the first word of a reply."""
    status = refusal.status
    if status in {HTTPStatus.TOO_MANY_REQUESTS, OVERLOADED_SITE} and "request too large" not in refusal.lowered:
        return NoMoney() if _is_money(refusal) else _overloaded(refusal)
    if status == HTTPStatus.UNAUTHORIZED:
        return KeyRejected()
    if refusal.is_overflow:
        return TooLong(window_told(refusal), prompt_told(refusal))
    is_server_error = status is not None and status >= HTTPStatus.INTERNAL_SERVER_ERROR
    if status == HTTPStatus.PAYMENT_REQUIRED or (_is_money(refusal) and not is_server_error):
        return NoMoney()
    if status is None or is_server_error or status == HTTPStatus.REQUEST_TIMEOUT:
        return _passing(refusal)
    return _overloaded(refusal) if QUOTA_WORDS.search(refusal.lowered) else _by_setting(refusal)


def window_told(refusal: Refusal) -> int | None:
    """Context window of the model in tokens, if the refusal states it."""
    told = refusal.numbers.get("n_ctx") or _number(WINDOW_NUMBERS, refusal.sentences.lower())
    return told if told and SMALLEST_WINDOW <= told <= LARGEST_WINDOW else None


def prompt_told(refusal: Refusal) -> int | None:
    """Number of tokens of the refused prompt, if the refusal states it."""
    return refusal.numbers.get("n_prompt_tokens") or _number(PROMPT_NUMBERS, refusal.sentences.lower())


def wait_told(refusal: Refusal) -> float | None:
    """Seconds to wait, from the headers (a number, or a date) or the sentence."""
    wait = _wait_in(refusal.headers)
    if wait is None and (told := WAIT_WORDS.search(refusal.words)):
        minutes, number, unit = told.groups()
        with suppress(ValueError):
            wait = int(minutes or 0) * 60 + float(number) / (1000 if unit.lower() == "ms" else 1)
    return wait if wait is not None and 0 <= wait <= LONGEST_WAIT else None


def _wait_in(headers: Mapping[str, str]) -> float | None:
    with suppress(ValueError):
        return float(headers.get("retry-after-ms", "")) / 1000
    said = headers.get("retry-after", "")
    with suppress(ValueError):
        return float(said)
    with suppress(ValueError, TypeError, OverflowError):
        moment = parsedate_to_datetime(said)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return max((moment - datetime.now(UTC)).total_seconds(), 0)
    return None


def _passing(refusal: Refusal) -> KnownFault:
    if LOADING_WORDS.search(refusal.lowered):
        return Loading()
    if refusal.status == HTTPStatus.SERVICE_UNAVAILABLE and wait_told(refusal) is not None:
        return _overloaded(refusal)
    if QUOTA_WORDS.search(refusal.lowered):
        return _overloaded(refusal)
    return Unavailable(may_be_too_long=refusal.status == HTTPStatus.INTERNAL_SERVER_ERROR)


def _by_setting(refusal: Refusal) -> KnownFault:
    """Fault of the setting that the server found wrong. Some answer 400 for an unknown model; 404 may be a path."""
    status, words = refusal.status, refusal.lowered
    names_model = "model" in words or refusal.param == "model"
    is_unknown = any(code in UNKNOWN_MODEL_CODES for code in refusal.codes) or bool(UNKNOWN_MODEL_WORDS.search(words))
    if COUNTRY_WORDS.search(words):
        return CountryRefused()
    if status == HTTPStatus.FORBIDDEN and words.startswith("<"):  # a page of an intermediary
        return WrongAddress()
    if status == HTTPStatus.FORBIDDEN or KEY_WORDS.search(words):
        return KeyRejected()
    if names_model and (is_unknown or status == HTTPStatus.NOT_FOUND):
        return UnknownModel()
    if status in WRONG_PLACES or (status and status < HTTPStatus.BAD_REQUEST):
        return WrongAddress()
    return Unavailable() if status == HTTPStatus.CONFLICT else Misconfigured(may_be_too_long=True)


def _overloaded(refusal: Refusal) -> Overloaded:
    fault = Overloaded()
    fault.retry_after = wait_told(refusal)
    return fault


def _is_money(refusal: Refusal) -> bool:
    return any(code in MONEY_CODES for code in refusal.codes) or bool(MONEY_WORDS.search(refusal.lowered))


def _number(patterns: tuple[str, ...], words: str) -> int | None:
    plain = re.sub(r"(?<=\d)[,_ ](?=\d{3}\b)", "", words)
    found = (re.search(pattern, plain) for pattern in patterns)
    return next((int(match[1]) for match in found if match), None)


def _as_json(text: str) -> object:
    with suppress(ValueError, RecursionError):
        return json.loads(text)
    return text


def _dicts_in(body: object) -> Iterator[dict[str, Any]]:
    """The body and the error inside it, at most three deep: proxies wrap each other's errors."""
    for _depth in range(3):
        if isinstance(body, list):
            body = body[0] if body else None
        if not isinstance(body, dict):
            return
        yield body
        body = body.get("error") or body.get("detail")


def _misplaced_field(said: list[dict[str, Any]]) -> str:
    """FastAPI's way of naming a field: `loc` is its path."""
    path = next((each["loc"] for each in said if isinstance(each.get("loc"), list) and each["loc"]), None)
    return str(path[-1]) if path else ""


def _sentences(said: list[dict[str, Any]], read: object, words: str) -> tuple[str, str]:
    """All sentences of an error, the innermost last, without and with its codes; everything that was sent if there is
    none.
    """
    found = [each[name] for each in said for name in ("message", "msg") if isinstance(each.get(name), str)]
    found += [each[name] for each in said for name in ("error", "detail") if isinstance(each.get(name), str)]
    if not found:
        everything = words if read else ""
        return everything, everything
    codes = " ".join(str(each[name]) for each in said for name in ("code", "type") if each.get(name))
    sentences = " ".join(dict.fromkeys(found))
    return sentences, f"{sentences} {codes}".strip()

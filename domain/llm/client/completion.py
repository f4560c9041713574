"""Chat completions as servers send them: reads each JSON object, in all the formats that occur.

OpenAI's own format is `choices[0].delta.content`. Others send a whole `message` in place of a delta, the old
completions' `text`, content in parts, thoughts under three names, and usage beside, after or without choices.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeGuard

DONE = "[DONE]"
MOST_TOKENS = 100_000_000  # per request; more is not a plausible count, and fits no column
THOUGHTS = ("reasoning_content", "reasoning", "thinking")
"""Fields of a delta in which DeepSeek, vLLM and llama.cpp, OpenRouter and Ollama, and others send thoughts."""
DETAILS = "reasoning_details"
"""Field with OpenRouter's and MiniMax's list of thoughts, beside one of those above or in its place."""

MESSAGES = ("message", "msg", "detail")
NO_ERRORS = (0, 200, "0", "200", "success")
"""Codes by which a server reports that nothing is wrong."""


class Finish(StrEnum):
    """Reason that the server gives for the end of a reply."""

    WHOLE = "whole"
    LIMIT = "limit"  # its token limit, or the end of its context
    FILTERED = "filtered"
    TOOL = "tool"  # it wants a tool to be used
    CUT_OFF = "cut_off"


FINISHES = {
    **dict.fromkeys(
        ("stop", "eos", "eos_token", "eos_token_id", "end_turn", "stop_sequence", "complete", "done"), Finish.WHOLE
    ),
    **dict.fromkeys(("length", "max_tokens", "model_length", "max_output_tokens", "limit"), Finish.LIMIT),
    **dict.fromkeys(("content_filter", "safety", "refusal", "recitation", "prohibited_content"), Finish.FILTERED),
    **dict.fromkeys(("blocklist", "spii"), Finish.FILTERED),
    **dict.fromkeys(("tool_calls", "function_call", "tool_use"), Finish.TOOL),
}
"""The finish reasons of OpenAI, Anthropic, Gemini, Mistral, TGI and Cohere behind their OpenAI-compatible APIs.

Any other reason (`error`, `abort`, `insufficient_system_resource`, `load`) counts as cut off: to call an incomplete
reply whole would hide a loss, while a whole one called cut off can be continued.
"""


class ServerError(Exception):
    """An error that a server sent inside its answer; `body` is the error as it was sent."""

    def __init__(self, body: object) -> None:
        super().__init__("the server reported an error inside its answer")
        self.body = body


@dataclass
class Part:
    """Contribution of one JSON object of an answer to the reply. Texts may end in half a surrogate pair."""

    text: str = ""
    thoughts: str = ""
    refusal: str = ""
    finish: Finish | None = None
    wants_tool: bool = False
    is_message: bool = False
    """Whether it came as a `message`, which may repeat what came before."""
    is_unreadable: bool = False
    is_of_a_model: bool = False
    """Whether it has the shape of a completion, whatever its content."""
    tokens_in: int | None = None
    tokens_out: int | None = None
    error: object = None
    """The server's error, as it was sent."""
    aside: object = None
    """An object with a message that is neither a piece of a reply nor called an error; it counts as an error if no
    reply comes.
    """

    @property
    def says_nothing(self) -> bool:
        return not (self.text or self.thoughts or self.refusal or self.finish)


def parts_of(data: str) -> Iterator[Part]:
    """The parts in the data of one event, or in a whole answer without events; nothing if it holds no JSON object, and
    an unreadable part for a broken one.

    Some servers end events with one line break instead of two, so that several come in one.
    """
    whole = _read(data)
    for document in data.split("\n") if whole is None else ():
        body = _read(document)
        if body is None and document.lstrip().startswith("{"):
            yield Part(is_unreadable=True)
        yield from _parts_in(body)
    yield from _parts_in(whole)


def _parts_in(body: object) -> Iterator[Part]:
    if isinstance(body, dict):
        part = _part_of(body)
        part.error = _error_of(body) or part.error
        part.aside = body if "choices" not in body and any(_str(body.get(name)) for name in MESSAGES) else None
        yield part


def _read(document: str) -> object:
    """None if it is not JSON. Line breaks and tabs may stand unescaped in its strings."""
    try:
        return json.loads(document, strict=False)
    except (ValueError, RecursionError):
        return None


def _error_of(body: dict[str, Any]) -> object:
    if error := body.get("error"):
        return None if isinstance(error, dict) and error.get("code") in NO_ERRORS else error
    return body if body.get("object") == "error" or body.get("type") == "error" else None


def _part_of(body: dict[str, Any]) -> Part:
    part = Part(is_of_a_model="choices" in body)
    _count(part, body.get("usage"), body.get("timings"))
    choices = body.get("choices")
    first = next((each for each in choices if _is_first(each)), None) if isinstance(choices, list) else None
    if first is None:
        return part
    part.error = first.get("error")  # OpenRouter reports errors of the provider behind it here
    said = first.get("delta") or first.get("message") or {}
    if isinstance(said, dict):
        part.text, part.thoughts = _text_and_thoughts(said)
        part.refusal = _str(said.get("refusal"))
        part.wants_tool = bool(said.get("tool_calls") or said.get("function_call"))
        part.is_message = bool(said) and not first.get("delta")
    part.text = part.text or _str(first.get("text"))
    if reason := _str(first.get("finish_reason")).strip().lower().removeprefix("finish_reason_"):
        part.finish = FINISHES.get(reason, Finish.CUT_OFF)
    return part


def _is_first(choice: object) -> bool:
    return isinstance(choice, dict) and choice.get("index") in (0, "0", None)


def _text_and_thoughts(said: dict[str, Any]) -> tuple[str, str]:
    thoughts = next((text for name in THOUGHTS if (text := _str(said.get(name)))), "") or _detailed(said.get(DETAILS))
    content = said.get("content")
    if not isinstance(content, list | dict):
        return _str(content), thoughts
    # Mistral's thinking models, and servers that answer in the form of the request: a list of parts, or a single one.
    parts = [{"text": each} if isinstance(each, str) else each for each in _listed(content)]
    parts = [each for each in parts if isinstance(each, dict)]
    thoughts += "".join(_flat(each["thinking"]) for each in parts if "thinking" in each)
    return "".join(_str(each.get("text")) for each in parts), thoughts


def _listed(content: list[Any] | dict[str, Any]) -> list[Any]:
    return content if isinstance(content, list) else [content]


def _detailed(details: object) -> str:
    """The texts or summaries of thoughts; some are encrypted and have neither."""
    listed = [each for each in details if isinstance(each, dict)] if isinstance(details, list) else []
    return "".join(_str(each.get("text")) or _str(each.get("summary")) for each in listed)


def _flat(thinking: object) -> str:
    if isinstance(thinking, list):
        return "".join(_str(each.get("text")) for each in thinking if isinstance(each, dict))
    return _str(thinking)


def _count(part: Part, usage: object, timings: object) -> None:
    if isinstance(usage, dict):
        part.tokens_in = _first_count(usage, "prompt_tokens", "input_tokens")
        part.tokens_out = _first_count(usage, "completion_tokens", "output_tokens")
    elif isinstance(timings, dict):
        part.tokens_in, part.tokens_out = _timed(timings)


def _first_count(usage: dict[str, Any], *names: str) -> int | None:
    return next((number for name in names if is_count(number := usage.get(name))), None)


def _timed(timings: dict[str, Any]) -> tuple[int | None, int | None]:
    """Token counts from the `timings` of llama.cpp, which come with each reply, while `usage` is sent only on request.
    A prompt's tokens are those that were cached and those that were read.
    """
    cached, read, written = (timings.get(name) for name in ("cache_n", "prompt_n", "predicted_n"))
    prompt = cached + read if is_count(cached) and is_count(read) else None
    return prompt, written if is_count(written) else None


def is_count(value: object) -> TypeGuard[int]:
    """Whether a server's number is a plausible count of tokens."""
    return type(value) is int and 0 <= value <= MOST_TOKENS


def _str(value: object) -> str:
    return value if isinstance(value, str) else ""

"""Dialects of OpenAI's API, as each server speaks it: its headers, its stream, its refusals.

From the servers' own sources and documents (2026), llama.cpp's as its server (0.5.0-dev) really sends it. Each stream
says `WORDS`, thinks `THOUGHT` where that server's models think, and reports 12 and 7 tokens where it counts them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from domain.llm.faults import (
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

WORDS = "Привет! Я жду у маяка."
THOUGHT = "He greets me."
PIECES = ("Привет", "! Я ", "жду у ", "маяка.")
USAGE = {"prompt_tokens": 12, "completion_tokens": 7, "total_tokens": 19}


@dataclass(frozen=True)
class Dialect:
    """A server's dialect; `refusals` are the fault that each means, its status and its body."""

    name: str
    stream: str
    refusals: tuple[tuple[type[KnownFault], int, object], ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    thinks: bool = False
    counts: bool = False


def event(body: object) -> str:
    return f"data: {json.dumps(body, ensure_ascii=False)}\n\n"


def chunk(
    delta: dict[str, Any], finish: str | None = None, of_choice: Mapping[str, Any] | None = None, **more: Any
) -> str:
    choice = {"index": 0, "delta": delta, "finish_reason": finish, **(of_choice or {})}
    head = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    return event({**head, "choices": [choice], **more})


def error(message: str, **more: object) -> dict[str, object]:
    return {"error": {"message": message, **more}}


def pieces(**delta: Any) -> str:
    return "".join(chunk({**delta, "content": piece}) for piece in PIECES)


DONE = "data: [DONE]\n\n"
SHARED_CONTEXT_FULL = "Context size has been exceeded."
"""llama.cpp's, of all replies that it is writing, when they have filled the context which they share."""
UNKNOWN_PARAMETER = "Unsupported parameter: 'presence_penalty' is not supported with this model."

DIALECTS = (
    Dialect(
        "Ollama",
        pieces(role="assistant") + chunk({"role": "assistant", "content": ""}, "stop") + DONE,
        (
            (
                UnknownModel,
                404,
                {"error": {"message": "model 'x' not found, try pulling it first", "type": "api_error"}},
            ),
            (
                Overloaded,
                503,
                {"error": {"message": "server busy, please try again.  maximum pending requests exceeded"}},
            ),
            (TooLong, 400, {"error": {"message": "the input length exceeds the context length"}}),
            (Unavailable, 500, {"error": {"message": "llama runner process has terminated: exit status 2"}}),
        ),
    ),
    Dialect(
        "Ollama, a model that thinks",
        chunk({"role": "assistant", "content": "", "reasoning": THOUGHT})
        + pieces(role="assistant")
        + chunk({"role": "assistant", "content": ""}, "stop")
        + DONE,
        thinks=True,
    ),
    Dialect(
        "llama.cpp",
        chunk({"role": "assistant", "content": None}, system_fingerprint="b1-0c1e570")
        + pieces()
        + chunk({}, "stop", timings={"cache_n": 3, "prompt_n": 9, "predicted_n": 7, "predicted_per_second": 14.0})
        + DONE,
        (
            (Loading, 503, {"error": {"message": "Loading model", "type": "unavailable_error", "code": 503}}),
            (
                TooLong,
                400,
                {
                    "error": {
                        "code": 400,
                        "message": "request (5210 tokens) exceeds the available context size (4096 tokens), "
                        "try increasing it",
                        "type": "exceed_context_size_error",
                        "n_prompt_tokens": 5210,
                        "n_ctx": 4096,
                    }
                },
            ),
            (TooLong, 500, {"error": {"code": 500, "message": SHARED_CONTEXT_FULL, "type": "server_error"}}),
            (KeyRejected, 401, {"error": {"message": "Invalid API Key", "type": "authentication_error", "code": 401}}),
            (WrongAddress, 404, {"error": {"message": "File Not Found", "type": "not_found_error", "code": 404}}),
            (
                UnknownModel,  # only if it was started with a folder of models
                400,
                {"error": {"code": 400, "message": "model 'x' not found", "type": "invalid_request_error"}},
            ),
            (
                Misconfigured,
                400,
                {
                    "error": {
                        "code": 400,
                        "message": "Unable to generate parser for this template. Automatic parser generation failed: "
                        "\n------------\nWhile executing CallExpression at line 1, column 49 in source:\n...essages"
                        "|length > 4 -%}{{ raise_exception('Too many cooks') }}{%- endif -%}{%- fo...\n        ^\n"
                        "Error: Jinja Exception: Too many cooks",
                        "type": "invalid_request_error",
                    }
                },
            ),
        ),
        {"server": "llama.cpp", "x-accel-buffering": "no"},
        counts=True,
    ),
    Dialect(
        "llama.cpp, a model that thinks",
        chunk({"role": "assistant", "content": None})
        + chunk({"reasoning_content": THOUGHT})
        + pieces()
        + chunk({}, "stop")
        + DONE,
        thinks=True,
    ),
    Dialect(
        "llama.cpp, its thoughts left in the text",
        chunk({"role": "assistant", "content": None})
        + "".join(chunk({"content": each}) for each in ("<think>", THOUGHT, "</think>"))
        + pieces()
        + chunk({}, "stop")
        + DONE,
        thinks=True,
    ),
    Dialect(
        "vLLM",
        chunk({"role": "assistant", "content": ""}, of_choice={"logprobs": None})
        + chunk({"reasoning_content": THOUGHT})
        + pieces()
        + chunk({"content": ""}, "stop", of_choice={"stop_reason": None})
        + DONE,
        (
            (
                UnknownModel,
                404,
                {
                    "object": "error",
                    "message": "The model `x` does not exist.",
                    "type": "NotFoundError",
                    "param": None,
                    "code": 404,
                },
            ),
            (
                TooLong,
                400,
                {
                    "object": "error",
                    "code": 400,
                    "type": "BadRequestError",
                    "message": "This model's maximum context length is 4096 tokens. However, you requested 6710 tokens "
                    "(5210 in the messages, 1500 in the completion).",
                },
            ),
            (KeyRejected, 401, {"error": "Unauthorized"}),
        ),
        thinks=True,
    ),
    Dialect(
        "LM Studio",
        chunk({"role": "assistant"}) + pieces() + chunk({}, "stop") + DONE,
        (
            (
                UnknownModel,
                400,
                {
                    "error": {
                        "message": 'Invalid model identifier "x". Please specify a valid one.',
                        "type": "invalid_request_error",
                        "param": "model",
                        "code": "model_not_found",
                    }
                },
            ),
            (
                TooLong,
                400,
                {
                    "error": "The number of tokens to keep from the initial prompt is greater than the context "
                    "length. Try to load the model with a larger context length"
                },
            ),
        ),
    ),
    Dialect(
        "OpenRouter",
        ": OPENROUTER PROCESSING\n\n" * 3
        + chunk(
            {"role": "assistant", "content": "", "reasoning": THOUGHT, "reasoning_details": [{"text": THOUGHT}]},
            provider="X",
        )
        + pieces(role="assistant")
        + chunk({"content": ""}, "stop", of_choice={"native_finish_reason": "STOP"})
        + event({"id": "1", "choices": [], "usage": USAGE | {"cost": 0.001}})
        + DONE,
        (
            (
                NoMoney,
                402,
                {"error": {"code": 402, "message": "This request requires more credits, or fewer max_tokens."}},
            ),
            (UnknownModel, 400, {"error": {"code": 400, "message": "x is not a valid model ID"}}),
            (
                Overloaded,
                429,
                {
                    "error": {
                        "code": 429,
                        "message": "Provider returned error",
                        "metadata": {"raw": "x is temporarily rate-limited upstream"},
                    }
                },
            ),
        ),
        thinks=True,
        counts=True,
    ),
    Dialect(
        "DeepSeek",
        ": keep-alive\n\n"
        + chunk({"role": "assistant", "content": None, "reasoning_content": THOUGHT})
        + pieces(reasoning_content=None)
        + chunk({"content": "", "reasoning_content": None}, "stop", usage=USAGE)
        + DONE,
        (
            (
                NoMoney,
                402,
                {
                    "error": {
                        "message": "Insufficient Balance",
                        "type": "unknown_error",
                        "code": "invalid_request_error",
                    }
                },
            ),
            (UnknownModel, 400, {"error": {"message": "Model Not Exist: the model does not exist"}}),
            (Overloaded, 503, {"error": {"message": "Our servers are overloaded, at capacity. Retry after 5s"}}),
        ),
        thinks=True,
        counts=True,
    ),
    Dialect(
        "Azure",
        event({"id": "", "object": "", "choices": [], "prompt_filter_results": [{"prompt_index": 0}]})
        + chunk({"role": "assistant", "content": "", "refusal": None}, of_choice={"content_filter_results": {}})
        + pieces()
        + chunk({}, "stop", of_choice={"content_filter_results": {}})
        + event({"choices": [], "usage": USAGE})
        + DONE,
        (
            (
                UnknownModel,
                404,
                {
                    "error": {
                        "code": "DeploymentNotFound",
                        "message": "The API deployment for this resource does not exist: check the model.",
                    }
                },
            ),
            (KeyRejected, 401, {"error": {"code": "401", "message": "Access denied due to invalid subscription key"}}),
            (
                Overloaded,
                429,
                {"error": {"code": "429", "message": "Requests have exceeded rate limit. Retry after 9s"}},
            ),
        ),
        counts=True,
    ),
    Dialect(
        "OpenAI, o-series",
        chunk({"role": "assistant", "content": "", "refusal": None}, service_tier="default")
        + pieces()
        + chunk({}, "stop", obfuscation="x")
        + DONE,
        (
            (KeyRejected, 401, {"error": {"message": "Incorrect API key provided", "code": "invalid_api_key"}}),
            (
                UnknownModel,
                404,
                {
                    "error": {
                        "message": "The model `x` does not exist or you do not have access to it.",
                        "code": "model_not_found",
                    }
                },
            ),
            (
                NoMoney,
                429,
                {
                    "error": {
                        "message": "You exceeded your current quota, please check your plan and billing details.",
                        "type": "insufficient_quota",
                        "code": "insufficient_quota",
                    }
                },
            ),
            (
                Misconfigured,
                400,
                {"error": {"message": UNKNOWN_PARAMETER, "param": "presence_penalty", "code": "unsupported_parameter"}},
            ),
            (
                TooLong,
                400,
                {
                    "error": {
                        "message": "This model's maximum context length is 8192 tokens.",
                        "code": "context_length_exceeded",
                        "param": "messages",
                    }
                },
            ),
        ),
    ),
    Dialect(
        "LiteLLM",
        pieces(role="assistant") + chunk({}, "stop") + DONE,
        (
            (
                TooLong,
                400,
                {
                    "error": {
                        "message": "litellm.ContextWindowExceededError: litellm.BadRequestError: prompt is too long",
                        "type": None,
                        "param": None,
                        "code": "400",
                    }
                },
            ),
            (Overloaded, 429, {"error": {"message": "litellm.RateLimitError: Deployment over limit", "code": "429"}}),
            (
                UnknownModel,
                400,
                {
                    "error": {
                        "message": "/chat/completions: Invalid model name passed in model=x. Invalid model.",
                        "code": "400",
                    }
                },
            ),
            (KeyRejected, 401, {"error": {"message": "Authentication Error", "type": "auth_error", "code": "401"}}),
        ),
    ),
    Dialect(
        "Gemini",
        chunk({"role": "assistant", "content": PIECES[0]})
        + "".join(chunk({"content": each}) for each in PIECES[1:])
        + chunk({"content": ""}, "STOP", usage=USAGE)
        + DONE,
        (
            (
                KeyRejected,
                400,
                [
                    {
                        "error": {
                            "code": 400,
                            "status": "INVALID_ARGUMENT",
                            "message": "API key not valid. Please pass a valid API key.",
                        }
                    }
                ],
            ),
            (
                Overloaded,
                429,
                [{"error": {"code": 429, "status": "RESOURCE_EXHAUSTED", "message": "Please retry in 17s."}}],
            ),
            (
                TooLong,
                400,
                [
                    {
                        "error": {
                            "code": 400,
                            "message": "The input token count (5210) exceeds the maximum number of "
                            "tokens allowed (4096).",
                        }
                    }
                ],
            ),
        ),
        counts=True,
    ),
    Dialect(
        "Mistral, a model that thinks",
        chunk({"role": "assistant", "content": [{"type": "thinking", "thinking": [{"type": "text", "text": THOUGHT}]}]})
        + chunk({"content": [{"type": "text", "text": PIECES[0]}]})
        + "".join(chunk({"content": e}) for e in PIECES[1:])
        + chunk({"content": ""}, "stop", usage=USAGE)
        + DONE,
        (
            (
                TooLong,
                400,
                {
                    "object": "error",
                    "message": "Prompt contains 5210 tokens, too large for model with 4096 maximum context length",
                    "type": "invalid_request_prompt_too_large",
                    "code": "3051",
                },
            ),
            (KeyRejected, 401, {"detail": "Unauthorized"}),
        ),
        thinks=True,
        counts=True,
    ),
    Dialect(
        "TGI",
        pieces(role="assistant") + chunk({"role": "assistant", "content": ""}, "eos_token") + DONE,
        (
            (
                TooLong,
                422,
                {
                    "error": "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4096. Given: "
                    "5210 `inputs` tokens and 1500 `max_new_tokens`",
                    "error_type": "validation",
                },
            ),
            (Overloaded, 429, {"error": "Model is overloaded", "error_type": "overloaded"}),
        ),
    ),
)

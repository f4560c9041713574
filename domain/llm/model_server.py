"""Questions to a model's server about itself: its models, their context windows, and what time it is there.

Asked at the start, after a model's first reply, and by the checks, over plain urllib: it is loaded anyway, and a few
questions need no more. Each function blocks, so it belongs in a thread.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from functools import partial
from http.client import HTTPException, HTTPMessage
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import SplitResult, unquote, urlsplit
from urllib.request import HTTPRedirectHandler, ProxyHandler, Request, build_opener

from domain.addresses.private_hosts import is_private

LARGEST_REFUSAL = 10_000  # bytes
LARGEST_ANSWER = 4_000_000  # bytes
WINDOW_NAMES = (
    *("max_model_len", "loaded_context_length", "context_window", "context_length", "max_context_length"),
    *("n_ctx", "n_ctx_train"),
)
"""Names of the window at vLLM, LM Studio, Groq, OpenRouter, Ollama and llama.cpp; the actual window precedes the
largest possible one.
"""
NO_CONVERSATION = ("embed", "rerank", "whisper")
"""Parts of the names of models that are not for conversation."""


class NoAnswer(Exception):
    """Nothing readable came: nobody is there, a refusal, or no JSON. `words` is what was said in place of it."""

    def __init__(self, words: str = "") -> None:
        super().__init__(words)
        self.words = words


@dataclass(frozen=True)
class Answer:
    body: dict[str, Any]
    date: datetime | None


class _NoRedirects(HTTPRedirectHandler):
    """The key goes to the address in the settings and nowhere else."""

    def redirect_request(self, *_: object) -> None:
        return None


def ask(
    address: str,
    *,
    key: str = "",
    headers: Mapping[str, str] | None = None,
    body: dict[str, Any] | None = None,
    within: float,
) -> Answer:
    """GET, or POST a body. A private host is asked without a proxy."""
    parts = urlsplit(address)
    sent = {
        "Accept": "application/json",
        "Content-Type": "application/json",
        **_authorization(parts, key),
        **(headers or {}),
    }
    content = None if body is None else json.dumps(body).encode()
    place = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
    request = Request(place, content, sent)  # noqa: S310 - the settings take http and https only
    proxies = [ProxyHandler({})] if is_private(parts.hostname or "") else []
    try:
        with build_opener(_NoRedirects, *proxies).open(request, timeout=within) as answer:
            read = json.loads(answer.read(LARGEST_ANSWER))
            return Answer(read if isinstance(read, dict) else {"data": read}, _date(answer.headers))
    except HTTPError as error:
        with error:
            raise NoAnswer(error.read(LARGEST_REFUSAL).decode(errors="replace")) from error
    except (URLError, OSError, HTTPException, ValueError, RecursionError) as error:
        raise NoAnswer from error


def _authorization(parts: SplitResult, key: str) -> dict[str, str]:
    """Credentials in the address take precedence over the key, as in the library that requests replies; urllib would
    take them for a part of the host.
    """
    if parts.username is None:
        return {"Authorization": f"Bearer {key}"} if key else {}
    pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
    return {"Authorization": f"Basic {b64encode(pair.encode()).decode()}"}


def models_at(base_url: str, key: str = "", *, within: float) -> list[str]:
    """The models that can talk, by the names to ask for them."""
    answer = ask(f"{base_url}/models", key=key, within=within)
    listed = answer.body.get("data")
    if not isinstance(listed, list):
        raise NoAnswer
    names = [str(each["id"]) for each in listed if isinstance(each, dict) and each.get("id")]
    return [name for name in names if not any(part in name.lower() for part in NO_CONVERSATION)]


def window_at(
    base_url: str, model: str, key: str = "", *, headers: Mapping[str, str] | None = None, within: float
) -> int | None:
    """The model's actual context window in tokens; None if the server does not tell."""
    root = base_url.removesuffix("/v1")
    at = partial(ask, key=key, headers=headers, within=within)
    questions: tuple[Callable[[], int | None], ...] = (
        lambda: _of_loaded(at(f"{root}/api/ps"), model),
        lambda: _of_ollama(at(f"{root}/api/show", body={"model": model})),
        lambda: _first_window(at(f"{root}/props").body.get("default_generation_settings")),
        lambda: _of_listed(at(f"{root}/api/v0/models"), model),
        lambda: _of_listed(at(f"{base_url}/models"), model),
    )
    for told in questions:
        with suppress(NoAnswer):
            if window := told():
                return window
    return None


def _of_loaded(answer: Answer, model: str) -> int | None:
    """Ollama, for a model in memory: the window it was loaded with, which is often smaller than the model's own."""
    return next(
        (
            _first_window(each)
            for each in _dicts(answer.body.get("models"))
            if each.get("model") in {model, f"{model}:latest"}
        ),
        None,
    )


def _of_ollama(answer: Answer) -> int | None:
    for line in str(answer.body.get("parameters", "")).splitlines():
        name, _, number = line.partition(" ")
        if name == "num_ctx" and number.strip().isdecimal():
            return int(number)
    about = answer.body.get("model_info")
    found = (
        [value for name, value in about.items() if name.endswith(".context_length")] if isinstance(about, dict) else []
    )
    return next((number for number in found if type(number) is int and number > 0), None)


def _of_listed(answer: Answer, model: str) -> int | None:
    return next((_first_window(each) for each in _dicts(answer.body.get("data")) if each.get("id") == model), None)


def _first_window(about: object) -> int | None:
    """The window, which llama.cpp keeps one level deeper, in `meta`."""
    if not isinstance(about, dict):
        return None
    meta = about.get("meta")
    everything = about | (meta if isinstance(meta, dict) else {})
    numbers = (everything.get(name) for name in WINDOW_NAMES)
    return next((number for number in numbers if type(number) is int and number > 0), None)


def _dicts(listed: object) -> Iterator[dict[str, Any]]:
    yield from (each for each in (listed if isinstance(listed, list) else ()) if isinstance(each, dict))


def _date(headers: HTTPMessage) -> datetime | None:
    with suppress(ValueError, TypeError):
        moment = parsedate_to_datetime(headers.get("Date", ""))
        return moment if moment.tzinfo else None
    return None

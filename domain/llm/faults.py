"""Model errors: what can go wrong with a reply, and the one place where the provider's exceptions are translated to
ours.

The sentences are all that a user ever reads. The provider's message (it names folders and keys) stays in `__cause__`.
"""

from __future__ import annotations

from contextlib import suppress
from http import HTTPStatus
from typing import ClassVar

from domain.errors import ModelFault
from domain.language import N_

AWAY = N_(
    "The service that writes the replies is temporarily unavailable. Your message is saved: try again in a few minutes."
)

# How servers report that the prompt exceeds the context window, Yandex first; each with its own status and no common
# code.
OVERFLOW_MARKS = (
    "number of input tokens",
    "text length must be in",
    "maximum context length",
    "context window",
    "context_length_exceeded",
)
QUOTA_MARKS = ("quota", "resource_exhausted", "too many requests")


class KnownFault(ModelFault):
    """A fault with a fixed sentence; `code` is what the database stores."""

    code: ClassVar[str]
    sentence: ClassVar[str]

    def __init__(self) -> None:
        super().__init__(self.sentence)


class Unavailable(KnownFault):
    """No connection, a server error, or an invalid response."""

    code = "unavailable"
    sentence = AWAY


class Misconfigured(KnownFault):
    """The key, the folder or the model name is wrong: a retry will not help, the administrator must look."""

    code = "misconfigured"
    sentence = AWAY


class Overloaded(KnownFault):
    """The provider refuses requests for now (rate limit); it may have said for how many seconds."""

    retry_after: float | None = None

    code = "overloaded"
    sentence = N_("So many people are talking at once that your turn has not come. Wait a minute and ask again.")


class ModelTimeout(KnownFault):
    """Timeout before the first chunk."""

    code = "too_slow"
    sentence = N_("The reply didn't start in time. Try again: it's usually faster the second time.")


class CutOff(KnownFault):
    """The stream ended before the text was complete."""

    code = "cut_off"
    sentence = N_("The reply broke off halfway. What arrived is saved and can be continued.")


class EmptyReply(KnownFault):
    """The stream ended normally without any text."""

    code = "empty"
    sentence = N_("The reply came back empty. Try again, or put it a little differently.")


class TooLong(KnownFault):
    """The prompt exceeds the model's context window."""

    code = "too_long"
    sentence = N_("This is more than the model can read at once. Shorten your message or start a new chat.")


FAULTS: tuple[type[KnownFault], ...] = (
    Unavailable,
    Misconfigured,
    Overloaded,
    ModelTimeout,
    CutOff,
    EmptyReply,
    TooLong,
)
SENTENCES = {fault.code: fault.sentence for fault in FAULTS}


def sentence_for(code: str) -> str:
    """The catalogue key for a stored code; a code of another version reads as `unavailable`."""
    return SENTENCES.get(code, AWAY)


def translate(error: Exception, *, began: bool = False) -> KnownFault:
    """Translate an exception of the client library to a fault.

    `began` means that text had already arrived: then, whatever happened, the user sees a reply broken off.
    """
    import openai

    if began:
        return CutOff()
    if isinstance(error, openai.APIStatusError):
        return _by_status(error.status_code, error)
    if isinstance(error, openai.APITimeoutError | TimeoutError):
        return ModelTimeout()
    if isinstance(error, openai.APIError):  # an error event in the stream has no status, only a message
        return _by_words(error) or Unavailable()
    return Unavailable()


def _by_status(status: int, error: Exception) -> KnownFault:
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return _overloaded(error)
    if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return TooLong()
    if status in {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.CONFLICT} or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Unavailable()
    return _by_words(error) or Misconfigured()


def _overloaded(error: Exception) -> Overloaded:
    fault = Overloaded()
    headers = getattr(getattr(error, "response", None), "headers", {})
    with suppress(ValueError):  # a date instead of seconds: then our own backoff applies
        fault.retry_after = float(headers.get("retry-after", ""))
    return fault


def _by_words(error: Exception) -> KnownFault | None:
    words = f"{error} {getattr(error, 'body', '')}".lower()
    if any(mark in words for mark in OVERFLOW_MARKS):
        return TooLong()
    if any(mark in words for mark in QUOTA_MARKS):
        return Overloaded()
    return None

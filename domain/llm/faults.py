"""What can go wrong with a reply, and the one place where the provider's errors become ours.

The sentences are all a person ever reads. What the provider wrote (it names folders and keys) stays in `__cause__`.
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

# How servers say that the prompt does not fit, Yandex first; each with its own status and no common code.
OVERFLOW_MARKS = (
    "number of input tokens",
    "text length must be in",
    "maximum context length",
    "context window",
    "context_length_exceeded",
)
QUOTA_MARKS = ("quota", "resource_exhausted", "too many requests")


class KnownFault(ModelFault):
    """A fault with a fixed sentence; `code` is what the database keeps of it."""

    code: ClassVar[str]
    sentence: ClassVar[str]

    def __init__(self) -> None:
        super().__init__(self.sentence)


class Unavailable(KnownFault):
    """No connection, a server error, or an answer that is not one."""

    code = "unavailable"
    sentence = AWAY


class Misconfigured(KnownFault):
    """The key, the folder or the model is wrong: asking again will not help, the administrator must look."""

    code = "misconfigured"
    sentence = AWAY


class Overloaded(KnownFault):
    """The provider takes no more requests for now; it may have said for how many seconds."""

    retry_after: float | None = None

    code = "overloaded"
    sentence = N_("So many people are talking at once that your turn has not come. Wait a minute and ask again.")


class TooSlow(KnownFault):
    """Not a word came in time."""

    code = "too_slow"
    sentence = N_("The reply did not start in time. Ask again: it usually goes faster the second time.")


class CutOff(KnownFault):
    """The text stopped before its end."""

    code = "cut_off"
    sentence = N_("The reply broke off halfway. What came so far is kept and can be continued.")


class EmptyReply(KnownFault):
    """The stream came to its end with no text in it."""

    code = "empty"
    sentence = N_("The reply came back empty. Ask again or put it a little differently.")


class TooLong(KnownFault):
    """The prompt is larger than the model's window."""

    code = "too_long"
    sentence = N_("This is more than the model can read at once. Shorten your message or start a new chat.")


FAULTS: tuple[type[KnownFault], ...] = (
    Unavailable,
    Misconfigured,
    Overloaded,
    TooSlow,
    CutOff,
    EmptyReply,
    TooLong,
)
SENTENCES = {fault.code: fault.sentence for fault in FAULTS}


def sentence_for(code: str) -> str:
    """The catalogue key that goes with a kept code; a code of some other version reads as `unavailable`."""
    return SENTENCES.get(code, AWAY)


def translate(error: Exception, *, began: bool = False) -> KnownFault:
    """The fault behind an error of the client library.

    `began` says that text had already come: then whatever happened, the person sees a reply broken off.
    """
    import openai

    if began:
        return CutOff()
    if isinstance(error, openai.APIStatusError):
        return _by_status(error.status_code, error)
    if isinstance(error, openai.APITimeoutError | TimeoutError):
        return TooSlow()
    if isinstance(error, openai.APIError):  # an error event in place of text has no status, only words
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
    with suppress(ValueError):  # a date instead of seconds: then our own pauses do
        fault.retry_after = float(headers.get("retry-after", ""))
    return fault


def _by_words(error: Exception) -> KnownFault | None:
    words = f"{error} {getattr(error, 'body', '')}".lower()
    if any(mark in words for mark in OVERFLOW_MARKS):
        return TooLong()
    if any(mark in words for mark in QUOTA_MARKS):
        return Overloaded()
    return None

"""Model errors: what can go wrong with a reply, and the one place where the provider's exceptions are translated to
ours.

The sentences are all that a user ever reads; admins are told which setting is wrong. The provider's message (it names
folders and keys) stays in `__cause__`.
"""

from __future__ import annotations

from contextlib import suppress
from http import HTTPStatus
from socket import gaierror
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
UNKNOWN_MARKS = ("not found", "does not exist", "not a valid model", "unknown model")
QUOTA_MARKS = ("quota", "resource_exhausted", "too many requests")


class KnownFault(ModelFault):
    """A fault with a fixed sentence; `code` is what the database stores."""

    code: ClassVar[str]
    sentence: ClassVar[str]
    for_admins: ClassVar[str]

    def __init__(self) -> None:
        super().__init__(self.sentence)


class Unavailable(KnownFault):
    """A broken connection, a server error, or an invalid response."""

    code = "unavailable"
    sentence = AWAY
    for_admins = N_("The model's server failed or broke off the connection. If it goes on, look at the server itself.")


class Unreachable(Unavailable):
    """Nobody answers at the address: it may be wrong, or the server is only being restarted."""

    code = "unreachable"
    for_admins = N_(
        "The model's server cannot be reached: its name is unknown or the connection is refused. Check BASE_URL, and "
        "whether the server is running."
    )


class WrongAddress(Unavailable):
    """What answers at the address is no model's server, or something on the way answers in its place."""

    code = "wrong_address"
    for_admins = N_("What answers at BASE_URL is not a model's server. Check the address: it usually ends in /v1.")


class Misconfigured(KnownFault):
    """The settings of the model are wrong: a retry will not help, the administrator must look."""

    code = "misconfigured"
    sentence = AWAY
    for_admins = N_("The model's server finds the request wrong. Check BASE_URL, LLM_MODEL and FOLDER_ID.")


class KeyRejected(Misconfigured):
    """The key is wrong, or has no right to this folder or model (401, 403)."""

    code = "key_rejected"
    for_admins = N_("The model's server rejects the key (401 or 403). Check API_KEY, its rights, and FOLDER_ID.")


class UnknownModel(Misconfigured):
    """The server has no model of this name (404)."""

    code = "unknown_model"
    for_admins = N_("The model's server has no model of this name (404). Check LLM_MODEL.")


class Overloaded(KnownFault):
    """The provider refuses requests for now (rate limit); it may have said for how many seconds."""

    retry_after: float | None = None

    code = "overloaded"
    sentence = N_("So many people are talking at once that your turn has not come. Wait a minute and ask again.")
    for_admins = N_("The model's provider refuses for now: too many requests at once (429) or the quota is used up.")


class ModelTimeout(KnownFault):
    """Timeout before the first chunk."""

    code = "too_slow"
    sentence = N_("The reply didn't start in time. Try again: it's usually faster the second time.")
    for_admins = N_("The model did not begin its reply in time. Is its server overloaded, or the model still loading?")


class CutOff(KnownFault):
    """The stream ended before the text was complete."""

    code = "cut_off"
    sentence = N_("The reply broke off halfway. What arrived is saved and can be continued.")
    for_admins = N_("The model's server broke off in the middle of the reply.")


class EmptyReply(KnownFault):
    """The stream ended normally without any text."""

    code = "empty"
    sentence = N_("The reply came back empty. Try again, or put it a little differently.")
    for_admins = N_("The model's server ended the reply without a word.")


class TooLong(KnownFault):
    """The prompt exceeds the model's context window."""

    code = "too_long"
    sentence = N_("This is more than the model can read at once. Shorten your message or start a new chat.")
    for_admins = N_(
        "The prompt is longer than the model's window. Set LLM_WINDOW to what the model really reads at once."
    )


FAULTS: tuple[type[KnownFault], ...] = (
    Unavailable,
    Unreachable,
    Misconfigured,
    KeyRejected,
    UnknownModel,
    WrongAddress,
    Overloaded,
    ModelTimeout,
    CutOff,
    EmptyReply,
    TooLong,
)
BY_CODE = {fault.code: fault for fault in FAULTS}


def sentence_for(code: str) -> str:
    """The catalogue key for a stored code; a code of another version reads as `unavailable`."""
    return BY_CODE.get(code, Unavailable).sentence


def sentence_for_admins(code: str) -> str:
    """The same for those who can mend it: which setting or server to look at."""
    return BY_CODE.get(code, Unavailable).for_admins


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
    if isinstance(error, openai.APIConnectionError) and _found_nobody(error):
        return Unreachable()
    if isinstance(error, openai.APIError):  # an error event in the stream has no status, only a message
        return _by_words(error) or Unavailable()
    return WrongAddress() if isinstance(error, ValueError) else Unavailable()  # no JSON, or no event at all


def _by_status(status: int, error: Exception) -> KnownFault:
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return _overloaded(error)
    if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return TooLong()
    if status in {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.CONFLICT} or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Unavailable()
    return _by_words(error) or _by_setting(status, error)


def _by_setting(status: int, error: Exception) -> KnownFault:
    """Which setting the server found wrong. Some say 400 of an unknown model; 404 is an unknown path as well."""
    words = f"{error} {getattr(error, 'body', '')}".lower()
    if status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
        return KeyRejected()
    if status == HTTPStatus.NOT_FOUND:
        return UnknownModel() if "model" in words else WrongAddress()
    if status == HTTPStatus.METHOD_NOT_ALLOWED or HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        return WrongAddress()
    if "model" in words and any(mark in words for mark in UNKNOWN_MARKS):
        return UnknownModel()
    return Misconfigured()


def _found_nobody(error: BaseException) -> bool:
    """Whether a name did not resolve or a connection was refused, however deep below the library's own error."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ConnectionRefusedError | gaierror):
            return True
        cause = cause.__cause__ or cause.__context__
    return False


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

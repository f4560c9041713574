"""The libraries' exceptions, read into refusals and faults."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from socket import gaierror

from domain.llm.client.completion import ServerError
from domain.llm.client.refusals import Refusal, read_refusal
from domain.llm.faults import CertificateRefused, KnownFault, ModelTimeout, Unavailable, Unreachable, WrongAddress


def foreign_errors() -> tuple[type[Exception], ...]:
    """Every exception of the libraries: their own, and those caused by a response of the wrong shape."""
    from httpx2 import HTTPError, StreamError
    from openai import OpenAIError

    return (
        *(OpenAIError, HTTPError, StreamError, ServerError),
        *(OSError, ValueError, LookupError, TypeError, AttributeError),
    )


def refusal_in(error: BaseException) -> Refusal | None:
    """The server's refusal, if it answered at all: with a status, or inside its answer."""
    from openai import APIError, APIStatusError

    for each in _causes(error):
        if isinstance(each, ServerError):
            return read_refusal(None, each.body)
        if isinstance(each, APIStatusError):
            return read_refusal(each.status_code, each.response.text or each.message, each.response.headers)
        if isinstance(each, APIError) and each.body:
            return read_refusal(None, each.body)
    return None


def connection_fault(error: BaseException) -> KnownFault:
    """The fault of an error in which no model server answered, before the first word of a reply."""
    import httpx2
    import openai

    causes = list(_causes(error))
    if any(isinstance(each, ssl.SSLCertVerificationError) for each in causes):
        return CertificateRefused()
    if any(isinstance(each, ConnectionRefusedError | gaierror) for each in causes):
        return Unreachable()
    timeouts = (openai.APITimeoutError, httpx2.TimeoutException, TimeoutError)
    if any(isinstance(each, timeouts) for each in causes):
        return ModelTimeout()
    if isinstance(error, openai.OpenAIError | httpx2.HTTPError | OSError):
        return Unavailable()
    return WrongAddress() if isinstance(error, ValueError) else Unavailable()  # no JSON, or no event at all


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and the chain of its causes."""
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        cause = cause.__cause__ or cause.__context__

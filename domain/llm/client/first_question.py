"""First question: at the start the model's server is asked what it reads at once, and for one short reply, so that a
wrong setting is named in the log before anybody meets it.

Over plain urllib: the client library takes most of a second and 40 MB, and is loaded when somebody talks.
"""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import dataclass
from socket import gaierror
from urllib.error import HTTPError

from domain.addresses.model_address import YANDEX_BASE_URL
from domain.llm.client.chat_model import ChatModel
from domain.llm.client.redaction import redact
from domain.llm.client.refusals import fault_of, read_refusal
from domain.llm.faults import Loading
from domain.llm.model_server import NoAnswer, ask, window_at
from domain.settings.settings import Settings

log = logging.getLogger(__name__)

WITHIN = 8.0
"""Seconds for the short reply. A model that is being loaded may take longer, and is only said to be silent; when Beseda
is stopped meanwhile, it waits for the thread.
"""
WINDOW_WITHIN = 3.0  # seconds for each question about the window
AGAIN_AFTER = 10.0
"""Seconds until a server is asked again that is not there yet, or still loads its model: only then does it tell its
window, and without it a model that reads much would be sent the little that any model reads.
"""
QUESTION = "Say hello."


@dataclass(frozen=True)
class Complaint:
    """Why there was no reply; `passes` if the server is only being started."""

    why: str
    passes: bool


async def ask_at_start(model: ChatModel, settings: Settings) -> None:
    complaint = await asyncio.to_thread(_ask, model, settings)
    if complaint:
        log.warning("The model %s does not reply: %s", model.name, complaint.why)
    while complaint and complaint.passes:
        await asyncio.sleep(AGAIN_AFTER)
        complaint = await asyncio.to_thread(_ask, model, settings)
    if settings.model_address != YANDEX_BASE_URL and not settings.llm_window:  # which tells no windows
        key = settings.api_key.get_secret_value()
        await asyncio.to_thread(_learn_window, model, settings.model_address, settings.model, key)


def _ask(model: ChatModel, settings: Settings) -> Complaint | None:
    key = settings.api_key.get_secret_value()
    begun = time.monotonic()
    try:
        ask(f"{settings.model_address}/chat/completions", key=key, body=model.short_request(QUESTION), within=WITHIN)
    except NoAnswer as error:
        return _complaint(error, key, settings.folder_id)
    log.info("The model %s replies, after %.1f s.", model.name, time.monotonic() - begun)
    return None


def _learn_window(model: ChatModel, address: str, name: str, key: str) -> None:
    """After the reply, since some tell what a model was loaded with only once it is."""
    if window := window_at(address, name, key, within=WINDOW_WITHIN):
        model.learned().learn_window(window)
        return
    log.warning(
        "Nobody says how much the model %s reads at once: %s tokens are assumed. LLM_WINDOW sets it.",
        model.name,
        model.window(),
    )


def _complaint(error: NoAnswer, *secrets: str) -> Complaint:
    cause = error.__cause__
    if not isinstance(cause, HTTPError):
        reason = getattr(cause, "reason", cause)
        return Complaint(f"{type(cause).__name__}: {reason}", isinstance(reason, ConnectionError | gaierror))
    refusal = read_refusal(cause.code, error.words, dict(cause.headers.items()))
    fault, said = fault_of(refusal), redact(refusal.words, secrets, [QUESTION])
    return Complaint(f"{fault.for_admins} It said: {cause.code} {said}", isinstance(fault, Loading))

"""First question: at the start, asks the model's server for its context window and for one short reply, so that a wrong
setting is named in the log before anybody meets it; later, asks for the windows of the other models.

It uses plain urllib: the client library takes most of a second and 40 MB, and is loaded once somebody talks.
"""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import dataclass
from socket import gaierror
from ssl import SSLCertVerificationError
from urllib.error import HTTPError

from domain.addresses.model_address import YANDEX_BASE_URL
from domain.llm.client.chat_model import ChatModel
from domain.llm.client.redaction import redact
from domain.llm.client.refusals import fault_of, read_refusal
from domain.llm.faults import CertificateRefused, Loading, Unreachable, WrongAddress
from domain.llm.model_server import NoAnswer, ask, window_at
from domain.settings.settings import Settings

log = logging.getLogger(__name__)

WITHIN = 8.0
"""Timeout of the short reply, in seconds. A model that is still being loaded may take longer, and is only reported to
be silent. If Beseda is stopped meanwhile, it waits for the thread.
"""
WINDOW_WITHIN = 3.0  # seconds for each question about the window
AGAIN_AFTER = 10.0
"""Seconds until the next attempt if the server is not there yet or is still loading its model. It tells the window only
after that, and without it, a model that reads much would be sent the little that any model reads.
"""
QUESTION = "Say hello."


@dataclass(frozen=True)
class Complaint:
    """Reason that there was no reply. `passes` if the server is only starting; `is_slow` if it took too long, perhaps
    because it was loading the model.
    """

    why: str
    passes: bool
    is_slow: bool = False


async def ask_at_start(model: ChatModel, settings: Settings) -> None:
    complaint = await asyncio.to_thread(_ask, model, settings)
    if complaint:
        log.warning("The model %s does not reply: %s", model.name, complaint.why)
    while complaint and complaint.passes:
        await asyncio.sleep(AGAIN_AFTER)
        complaint = await asyncio.to_thread(_ask, model, settings)
    if _asks_for_windows(settings) and not (complaint and complaint.is_slow):
        await asyncio.to_thread(_learn_window, model, settings, settings.model)


async def learn_windows(model: ChatModel, settings: Settings) -> None:
    """Learn the context windows that were not asked for at the start: of other models (LLM_MODELS, LLM_MEMORY_MODEL),
    and of the default one without LLM_CHECK_AT_START, or if it was slow then. Each is asked for when the model's first
    reply has ended: before a model is loaded, some servers report the window it could have, and then cut off the
    beginning of any prompt beyond the one they give it, which is the character. Until then a prompt has the length that
    any model reads.
    """
    while _asks_for_windows(settings):
        name = await model.first_replies.get()
        if name or not model.learned().is_window_asked:
            await asyncio.to_thread(_learn_window, model, settings, name or settings.model)


def _ask(model: ChatModel, settings: Settings) -> Complaint | None:
    key, headers = settings.api_key.get_secret_value(), settings.extras.headers
    place, body = f"{settings.model_address}/chat/completions", model.short_request(QUESTION)
    begun = time.monotonic()
    try:
        ask(place, key=key, headers=headers, body=body, within=WITHIN)
    except NoAnswer as error:
        return _complaint(error, key, settings.folder_id, *headers.values())
    log.info("The model %s replies, after %.1f s.", model.name, time.monotonic() - begun)
    return None


def _asks_for_windows(settings: Settings) -> bool:
    return settings.model_address != YANDEX_BASE_URL and not settings.llm_window  # YandexGPT reports none


def _learn_window(model: ChatModel, settings: Settings, name: str) -> None:
    """To be called after a reply, since some servers report the window of a loaded model only once it is loaded."""
    key, headers = settings.api_key.get_secret_value(), settings.extras.headers
    model.learned(name).is_window_asked = True
    if window := window_at(settings.model_address, name, key, headers=headers, within=WINDOW_WITHIN):
        model.learned(name).learn_window(window)
        return
    log.warning(
        "Nobody says how much the model %s reads at once: %s tokens are assumed. LLM_WINDOW sets it.",
        model.learned(name).model,
        model.window(name),
    )


def _complaint(error: NoAnswer, *secrets: str) -> Complaint:
    cause = error.__cause__
    if not isinstance(cause, HTTPError):
        reason = getattr(cause, "reason", cause)
        why = f"{_setting_to_check(reason)} {type(cause).__name__}: {reason}".strip()
        return Complaint(why, isinstance(reason, ConnectionError | gaierror), isinstance(reason, TimeoutError))
    refusal = read_refusal(cause.code, error.words, {name.lower(): value for name, value in cause.headers.items()})
    fault, said = fault_of(refusal), redact(refusal.words, secrets, [QUESTION])
    return Complaint(f"{fault.for_admins} It said: {cause.code} {said}", isinstance(fault, Loading))


def _setting_to_check(reason: object) -> str:
    """The advice given when a reply fails (`errors.py`), without the libraries."""
    if isinstance(reason, SSLCertVerificationError):
        return CertificateRefused.for_admins
    if isinstance(reason, ConnectionError | gaierror):
        return Unreachable.for_admins
    return WrongAddress.for_admins if isinstance(reason, ValueError) else ""  # no JSON

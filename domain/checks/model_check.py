"""Model check: does it write, how fast, and does it read as much at once as Beseda counts on?"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing

from domain.addresses.model_address import YANDEX_BASE_URL
from domain.checks.finding import Finding, Subject, Verdict
from domain.language import N_
from domain.llm.client.chat_model import ChatModel
from domain.llm.deadlines import Timeouts, with_timeouts
from domain.llm.faults import KnownFault, Misconfigured, Overloaded
from domain.llm.model_names import readable_name
from domain.llm.model_server import window_at
from domain.llm.port import Ending, LanguageModel, Prompt, PromptMessage, Role
from domain.llm.token_estimates import tokens_of
from domain.settings.settings import Settings

log = logging.getLogger(__name__)

QUESTION = Prompt(
    (
        PromptMessage(Role.SYSTEM, "Answer in one short sentence."),
        PromptMessage(Role.USER, "How are you?"),
    ),
    longest=200,
)
PATIENCE = Timeouts(first=60, silence=20, whole=60)
A_MOMENT = 0.2  # seconds
WITHIN = 3.0  # seconds for each question about the window


async def check_model(settings: Settings, model: LanguageModel) -> AsyncGenerator[Finding]:
    if model.is_demo:
        yield Finding(
            Subject.MODEL,
            Verdict.NOTE,
            N_("No model is connected: the demo model writes the replies."),
            N_("Set API_KEY and FOLDER_ID for YandexGPT, or BASE_URL and LLM_MODEL for another server."),
        )
        return
    reply = await _try_reply(model)
    yield reply
    if reply.verdict == Verdict.OK and settings.model_address != YANDEX_BASE_URL:  # YandexGPT reports no windows
        key, headers = settings.api_key.get_secret_value(), settings.extras.headers
        window = await asyncio.to_thread(
            window_at, settings.model_address, settings.model, key, headers=headers, within=WITHIN
        )
        if window and isinstance(model, ChatModel):
            model.learned().learn_window(window)
            yield _compare(window, model.window())


async def _try_reply(model: LanguageModel) -> Finding:
    first_word: float | None = None
    said, tokens = "", None
    try:
        if isinstance(model, ChatModel) and not await _builds_client(model):
            return Finding(
                Subject.MODEL,
                Verdict.WRONG,
                N_("The connection to the model cannot be set up."),
                N_("Start the server again: it names the proxy or the certificate that cannot be used."),
            )
        begun = time.perf_counter()
        async with aclosing(with_timeouts(model.reply(QUESTION), PATIENCE)) as pieces:
            async for piece in pieces:
                if isinstance(piece, Ending):
                    tokens = piece.tokens_out
                elif isinstance(piece, str):
                    first_word = first_word or time.perf_counter() - begun
                    said += piece
    except KnownFault as fault:
        verdict = Verdict.NOTE if isinstance(fault, Overloaded) else Verdict.WRONG
        return Finding(Subject.MODEL, verdict, fault.for_admins)
    took = time.perf_counter() - begun
    wait = first_word or took
    writing = took - wait if took - wait > A_MOMENT else took  # some servers send all the text at once
    values: dict[str, str | float] = {
        "model": readable_name(model.name),
        "wait": wait,
        "speed": (tokens or tokens_of(said)) / writing,
    }
    text = N_("{model} replies: first word after {wait} s, about {speed} tokens a second.")
    return Finding(Subject.MODEL, Verdict.OK, text, values=values)


async def _builds_client(model: ChatModel) -> bool:
    """Build the client before the model is asked, since the time to load the library is not the model's. The
    environment is checked before the start (domain/environment/outbound.py); anything removed since fails here.
    """
    try:
        await asyncio.to_thread(model.warm)
    except Misconfigured:
        log.warning("No client for the model can be built", exc_info=True)
        return False
    return True


def _compare(window: int, counted_on: int) -> Finding:
    values: dict[str, str | float] = {"window": window, "counted_on": counted_on, "setting": str(window)}
    if window < counted_on:
        return Finding(
            Subject.MODEL,
            Verdict.WRONG,
            N_("The model reads {window} tokens at once, but Beseda counts on {counted_on}."),
            N_("Set LLM_WINDOW={setting}, or give the model a larger window on its server."),
            values,
        )
    return Finding(Subject.MODEL, Verdict.OK, N_("The model reads {window} tokens at once."), values=values)

"""Writing assistant: the model writes a field from the others, shortens it, or looks for contradictions.

The result is offered to the author and stored nowhere. The prompt is built in writing_prompt.py.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Coroutine
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

from domain.accounts.row_locks import lock_accounts
from domain.accounts.sessions import Caller, authorize_writer
from domain.characters.fields import limit_of
from domain.characters.validation import LINE_BREAKS
from domain.characters.writing_prompt import WritingTask, check_task, prompt_for
from domain.errors import ModelFault, RateLimited
from domain.language import N_
from domain.llm.concurrency import ModelPlaces, ModelQueueFull
from domain.llm.deadlines import Timeouts, with_timeouts
from domain.llm.faults import EmptyReply, KnownFault, Overloaded, TooLong
from domain.llm.port import Ending, LanguageModel, Outcome, Prompt, Sign
from domain.llm.token_estimates import estimated_tokens, tokens_of
from domain.model.character import Character
from domain.prices import Prices
from domain.rate_limits import WRITING_HELP, RateLimiter
from domain.text import without_invisible
from domain.usage.budget import BudgetSpent, TokenBudgets
from domain.usage.meter import Meter, NoMeter
from domain.usage.usage import Used, add_help
from storage.database import Database, DatabaseUnavailable

log = logging.getLogger(__name__)

PAUSE, LONGEST_PAUSE = 1.0, 10.0
"""Seconds of backoff for everybody if the overloaded provider does not say how long; and the maximum if it does."""
QUOTES = {"«": "»", "“": "”", '"': '"'}
SENTENCE_ENDS = ".!?…"
AWAY = N_("The model is temporarily unavailable. Nothing was lost: try again in a few minutes.")
TOO_LONG = N_("This is more than the model can read at once. Shorten the longest fields and try again.")
REFUSED = N_("The provider's filter rejected this text. Reword the fields a little and try again.")


@dataclass
class PartialAnswer:
    """The answer received so far."""

    prompt: Prompt
    text: str = ""
    ending: Ending | None = None
    is_paid: bool = False

    @property
    def is_filtered(self) -> bool:
        return self.ending is not None and self.ending.outcome == Outcome.FILTERED

    @property
    def tokens(self) -> tuple[int, int]:
        """Tokens read and written: as counted by the provider or, if broken off, estimated; none if it costs
        nothing.
        """
        if not self.is_paid:
            return 0, 0
        if self.ending and self.ending.tokens_in is not None and self.ending.tokens_out is not None:
            return self.ending.tokens_in, self.ending.tokens_out
        return estimated_tokens(self.prompt), tokens_of(self.text)


class WritingHelp:
    """`places` is the concurrency limit of the replies (domain/llm/concurrency.py): the provider counts both."""

    def __init__(
        self,
        database: Database,
        model: LanguageModel,
        places: ModelPlaces,
        limits: RateLimiter,
        *,
        deadlines: Timeouts | None = None,
        budgets: TokenBudgets | None = None,
        prices: Prices | None = None,
        meter: Meter | None = None,
    ) -> None:
        self._database = database
        self._model = model
        self._places = places
        self._limits = limits
        self._deadlines = deadlines or Timeouts()
        self._budgets = budgets or TokenBudgets()
        self._prices = prices or Prices()
        self._meter = meter or NoMeter()

    @property
    def is_there(self) -> bool:
        """Whether a model is configured: the built-in one cannot write."""
        return not self._model.is_demo

    async def ask(self, caller: Caller, filled: Character, field: str, wish: WritingTask) -> str:
        """Ask the model for the text of `field`, within its limit; for `CHECK`, for remarks about it.

        `filled` is the form as it is, valid or not; an item of a list is named by its index, `examples.0`. It may take
        minutes, and cancelling it closes the connection. Raises `Invalid` or `RateLimited` for the field if there is
        nothing to work with, the rate limit is exceeded or today's token budget is used up (`BudgetSpent`),
        `ModelFault` if the model failed. Every result counts among the user's tokens.
        """
        await _to_its_end(self._admit(caller, filled, field, wish))
        answer = PartialAnswer(prompt_for(filled, field, wish))
        try:
            queued_at = time.monotonic()
            async with self._places.acquire(caller.user_id):
                self._meter.place_granted(time.monotonic() - queued_at)
                # Only now, after earlier requests have been counted.
                await _to_its_end(self._refuse_if_spent(caller, field))
                await self._write(answer)
        except KnownFault as fault:
            answer.is_paid = answer.is_paid and bool(answer.text or answer.ending)  # otherwise the provider did nothing
            raise self._told(fault) from fault
        finally:
            await _to_its_end(self._count(caller, answer))
        if answer.is_filtered:
            raise ModelFault(REFUSED)
        text = answer.text
        text = without_invisible(text, allowed=LINE_BREAKS).strip()
        return text if wish is WritingTask.CHECK else _fitting(text, limit_of(field))

    async def _admit(self, caller: Caller, filled: Character, field: str, wish: WritingTask) -> None:
        async with self._database.read() as db:
            await authorize_writer(db, caller)
        check_task(filled, field, wish)
        try:
            await self._limits.take(WRITING_HELP, caller.user_id)
        except RateLimited as refusal:
            raise RateLimited(refusal.until, field=field) from refusal

    async def _refuse_if_spent(self, caller: Caller, field: str) -> None:
        try:
            async with self._database.write() as db:
                await self._budgets.check(db, await authorize_writer(db, caller))
        except BudgetSpent as refusal:
            raise BudgetSpent(refusal.until, field) from refusal

    async def _write(self, answer: PartialAnswer) -> None:
        answer.is_paid = True
        pieces = with_timeouts(self._model.reply(answer.prompt), self._deadlines, self._places.load)
        async with aclosing(pieces):
            async for piece in pieces:
                if isinstance(piece, Ending):
                    answer.ending = piece
                elif isinstance(piece, str):
                    answer.text += piece
                elif piece is Sign.TAKEN_BACK:
                    answer.text = ""
        if not answer.text.strip() and not answer.is_filtered:
            raise EmptyReply

    async def _count(self, caller: Caller, answer: PartialAnswer) -> None:
        """Record the usage, even if the author has gone: tokens read and written have to be paid for."""
        tokens_in, tokens_out = answer.tokens
        if not tokens_in:
            return
        name = self._model.name
        cost = self._prices.cost(name, tokens_in, tokens_out) or 0
        self._meter.tokens_used(name, tokens_in, tokens_out, cost)
        try:
            async with self._database.write() as db:
                if await lock_accounts(db, caller.user_id):
                    await add_help(db, caller.user_id, Used(name, tokens_in, tokens_out, cost, failed=0, filtered=0))
        except DatabaseUnavailable as error:
            log.warning("What writing help used could not be counted: %s", error)

    def _told(self, fault: KnownFault) -> ModelFault:
        """The fault in words for an author: the texts for replies speak of messages."""
        cause = fault.__cause__ or fault
        log.warning("Writing help: %s, %s %s", fault.code, type(cause).__name__, fault.detail)
        if not isinstance(fault, ModelQueueFull):
            self._meter.model_failed(fault.code)
        if isinstance(fault, Overloaded):
            if not isinstance(fault, ModelQueueFull):
                self._places.back_off(min(fault.retry_after or PAUSE, LONGEST_PAUSE))
            return ModelFault(fault.sentence)
        return ModelFault(TOO_LONG if isinstance(fault, TooLong) else AWAY)


def _fitting(text: str, limit: int) -> str:
    """The text without surrounding quotes, cut to `limit` characters, at the end of a sentence if possible."""
    if text and text.find(QUOTES.get(text[0], "\n"), 1) == len(text) - 1:
        text = text[1:-1].strip()
    if len(text) <= limit:
        return text
    kept = text[:limit]
    end = max(kept.rfind(sign) for sign in SENTENCE_ENDS) + 1
    return kept[:end] if end > limit // 2 else kept.rpartition(" ")[0] or kept


async def _to_its_end(question: Coroutine[Any, Any, None]) -> None:
    """Finish a query even if the caller is cancelled meanwhile: an interrupted query costs a database connection."""
    task = asyncio.create_task(question)
    task.add_done_callback(_hear_out)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        raise


def _hear_out(question: asyncio.Task[None]) -> None:
    """Retrieve the task's exception, which may have no recipient any more."""
    if not question.cancelled():
        question.exception()

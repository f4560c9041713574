"""End of a reply: turns the model's ending, or a fault, into the values that are stored in the row."""

from __future__ import annotations

import logging
import secrets
from dataclasses import replace

from domain.chat.replies.running_reply import End, RunningReply
from domain.llm.faults import KnownFault
from domain.llm.port import Ending, Outcome
from domain.llm.token_estimates import tokens_of
from domain.model.dialog import State
from domain.prices import Prices
from domain.text import without_controls

log = logging.getLogger(__name__)

UNEXPECTED = "unexpected"
LONGEST_THOUGHTS = 32_000  # characters
WITHDRAWN = "withdrawn"
"""Code stored with a reply that a block broke off."""
LENGTH = "length"
"""Code stored with a reply that reached the model's limit: it is done, and can be continued."""


def end_of(turn: RunningReply, ending: Ending) -> End:
    filtered = ending.outcome == Outcome.FILTERED
    counted = ending.tokens_in is not None and ending.tokens_out is not None
    return End(
        State.FILTERED if filtered else State.DONE,
        without_controls(ending.replacement) or turn.text if filtered else turn.text,
        fault=LENGTH if ending.outcome == Outcome.LENGTH else "",
        tokens_in=ending.tokens_in if counted else turn.prompt_tokens,
        tokens_out=ending.tokens_out if counted else tokens_of(turn.added),
        tokens_estimated=not counted,
        thoughts=ending.thoughts[:LONGEST_THOUGHTS],
    )


def broken_off_end(turn: RunningReply) -> End:
    """A reply that was told to end: by the person, by a block, or by our shutdown."""
    if turn.stopped:
        return End(State.STOPPED, turn.text)
    return End(State.INTERRUPTED, turn.text, fault=WITHDRAWN if turn.is_withdrawn else "")


def faulty_end(turn: RunningReply, code: str, error: Exception) -> End:
    """A fault with a reference: the user sees the reference, the log has it together with the cause."""
    reference = secrets.token_hex(4)
    cause = error.__cause__ or error
    status = getattr(cause, "status_code", "")
    field = {"reference": reference}  # a field of the JSON log
    if code == UNEXPECTED:
        log.error("Reply %s broke [%s]", turn.reply_id, reference, exc_info=error, extra=field)
    else:
        said = error.detail if isinstance(error, KnownFault) else ""
        words = (turn.reply_id, code, type(cause).__name__, status, reference, said)
        log.warning("Reply %s: %s, %s %s [%s] %s", *words, extra=field)
    state = State.INTERRUPTED if turn.text.strip() else State.FAILED
    return End(state, turn.text, fault=code, reference=reference)


def settled(turn: RunningReply, end: End, usual_model: str, prices: Prices, *, keeps_thoughts: bool) -> End:
    """Add the cost and everything else that the turn knows. Text that arrived was paid for even if the reply broke off;
    its tokens are then estimated.
    """
    model = turn.model or usual_model
    if end.tokens_in is None and turn.has_grown:
        end = replace(end, tokens_in=turn.prompt_tokens, tokens_out=tokens_of(turn.added), tokens_estimated=True)
    recalled, lore = (turn.recalled, turn.lore) if turn.has_grown else (None, None)
    return replace(
        end,
        model=model,
        cost=prices.cost(model, end.tokens_in or 0, end.tokens_out or 0),
        first_text_ms=turn.first_text_ms,
        thoughts=end.thoughts if keeps_thoughts else "",
        recalled=recalled,
        lore=lore,
    )

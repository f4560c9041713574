"""Regular expressions as keys, matched in linear time, and the faults of invalid ones."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from domain.language import N_

log = logging.getLogger(__name__)

WRITTEN = re.compile(r"^/(.+)/([a-z]*)$", re.DOTALL)
LONGEST = 1_000
MEMORY = 1 << 20
"""Maximum bytes of a compiled expression: `(a{1000}){1000}` is refused instead of filling the memory."""
BAD_SIZE = "invalid repetition size"
FAULTS = {
    "missing )": N_("Key “{key}”: a bracket ( is never closed."),
    "unexpected )": N_("Key “{key}”: a bracket ) is never opened."),
    "missing ]": N_("Key “{key}”: a bracket [ is never closed."),
    "no argument for repetition operator": N_("Key “{key}”: there is nothing before “{part}” to repeat."),
    "bad repetition operator": N_("Key “{key}”: “{part}” repeats a repetition."),
    BAD_SIZE: N_("Key “{key}”: “{part}” repeats more than a thousand times, or its limits are swapped."),
    "invalid escape sequence": N_("Key “{key}”: “{part}” has no meaning here."),
    "trailing \\": N_("Key “{key}”: nothing follows the last \\."),
    "invalid character class range": N_("Key “{key}”: “{part}” is not a range of characters."),
    "invalid perl operator": N_("Key “{key}”: looking ahead or behind, “{part}”, is not possible here."),
    "pattern too large - compile failed": N_("Key “{key}” stands for too much at once. Make it simpler."),
}
UNKNOWN_FAULT = N_("Key “{key}” is not a regular expression.")
REPEATED_TOO_OFTEN = N_("Key “{key}”: nested repetitions come to more than a thousand with “{part}”.")
TOO_LONG = N_("Key “{key}” is too long: at most 1,000 characters.")
NUMBER = re.compile(r"\d+")
MOST_REPETITIONS = 1_000


@dataclass(frozen=True)
class ExpressionFault:
    """`text` is a sentence of the catalogue; `part` is the faulty part of the expression."""

    text: str
    part: str = ""


@dataclass(frozen=True)
class Expression:
    body: str
    flags: str = ""


def expression_in(written: str, *, is_expression: bool, is_case_sensitive: bool = False) -> Expression | None:
    """A key as a regular expression, if it is written as `/…/` or its entry says so; otherwise None."""
    found = WRITTEN.match(written.strip())
    if found:
        return Expression(found[1], "".join(sorted({*found[2]} & {*"ims"})))
    return Expression(written.strip(), "" if is_case_sensitive else "i") if is_expression else None


def compiled(expression: Expression) -> Any:
    """The compiled expression. None if it is too long, or if it is invalid, which is logged."""
    if len(expression.body) > LONGEST:
        return None
    made = _made(expression)
    if isinstance(made, str):
        log.info("A key of a book is no regular expression that can be matched: %s", made.partition(":")[0])
        return None
    return made


def fault_of(expression: Expression) -> ExpressionFault | None:
    if len(expression.body) > LONGEST:
        return ExpressionFault(TOO_LONG)
    made = _made(expression)
    if not isinstance(made, str):
        return None
    cause, _colon, part = made.partition(": ")
    text = FAULTS.get(cause, UNKNOWN_FAULT)
    return ExpressionFault(REPEATED_TOO_OFTEN if cause == BAD_SIZE and _is_in_itself_valid(part) else text, part)


def _is_in_itself_valid(size: str) -> bool:
    """Whether a repetition is refused only because of those within it: `{1000}` in `(a{1000}){1000}`."""
    bounds = [int(number) for number in NUMBER.findall(size)]
    return bounds == sorted(bounds) and all(bound <= MOST_REPETITIONS for bound in bounds)


@lru_cache(maxsize=1_000)
def _made(expression: Expression) -> Any:
    """The compiled expression, or the error message of re2."""
    import re2  # imported with the first book that needs it

    options = re2.Options()
    options.max_mem = MEMORY
    options.log_errors = False
    flags = f"(?{expression.flags})" if expression.flags else ""
    try:
        return re2.compile(f"{flags}{expression.body}", options)
    except re2.error as error:
        cause = error.args[0] if error.args else b""
        return cause.decode("utf-8", "replace") if isinstance(cause, bytes) else str(cause)

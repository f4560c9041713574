"""Regular expressions as keys: what is wrong with one that is none."""

from __future__ import annotations

from enum import Enum

from domain.books.keys import is_valid_expression
from domain.language import N_


class Fault(Enum):
    INVALID = N_("«{key}» is no regular expression.")


def fault_of(key: str, *, is_expression: bool) -> Fault | None:
    return None if is_valid_expression(key, is_expression=is_expression) else Fault.INVALID

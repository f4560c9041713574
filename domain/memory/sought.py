"""What is sought in a dialog's past before a reply."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Sought:
    """What recall is to look for."""


def sought_in(_question: str, _reply_before: str, _names: Sequence[str]) -> Sought | None:
    """None if there is nothing to look for. It loads the dictionary: only in a thread."""
    return None

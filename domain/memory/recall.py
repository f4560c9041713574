"""Recall: what was said long ago in the same words, or other forms of them, word for word when it matters now."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlmodel.ext.asyncio.session import AsyncSession

from domain.memory.path_ids import Path
from domain.memory.remembered import RecalledRound


@dataclass(frozen=True)
class Sought:
    """What recall is to look for."""


def sought_in(_question: str, _reply_before: str, _names: Collection[str]) -> Sought | None:
    """The telling words of a question, or of it and the reply before it; None if there are none. It takes some
    milliseconds: called in a thread, outside of any transaction.
    """
    return None


async def recalled_for(
    _db: AsyncSession, _dialog_id: int, _path: Path, _sought: Sought, *, before: int, room: int
) -> tuple[RecalledRound, ...]:
    """Rounds of the path that end before the message `before`, within `room` characters, the best first."""
    del before, room
    return ()

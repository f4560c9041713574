"""Recall: what was said long ago in the same words, or other forms of them, word for word when it matters now."""

from __future__ import annotations

from sqlmodel.ext.asyncio.session import AsyncSession

from domain.memory.path_ids import Path
from domain.memory.remembered import RecalledRound
from domain.memory.sought import Sought


async def recalled_for(
    _db: AsyncSession, _dialog_id: int, _path: Path, _sought: Sought, *, before: int, room: int
) -> tuple[RecalledRound, ...]:
    """Rounds of the path that end before the message `before`, within `room` characters, the best first."""
    del before, room
    return ()

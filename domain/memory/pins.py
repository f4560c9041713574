"""Pins, as they count on a path."""

from __future__ import annotations

from sqlmodel.ext.asyncio.session import AsyncSession

from domain.memory.path_ids import Path


async def pinned_on(_db: AsyncSession, _dialog_id: int, _path: Path) -> tuple[str, ...]:
    """The texts of all pins that count on this path, the oldest first; pinned facts are among them."""
    return ()

"""Facts, as they hold on a path."""

from __future__ import annotations

from sqlmodel.ext.asyncio.session import AsyncSession

from domain.memory.path_ids import Path
from domain.memory.remembered import KnownFact


async def facts_for(_db: AsyncSession, _dialog_id: int, _path: Path, *, room: int) -> tuple[KnownFact, ...]:
    """The facts that hold on this path, chosen for a prompt, within `room` characters."""
    del room
    return ()

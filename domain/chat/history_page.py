"""Pagination of a conversation: the part of a path shown at once: its end, or what is before, after or around a
message.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlmodel.ext.asyncio.session import AsyncSession

from domain.chat.message_tree import is_on_path, path_below, path_up
from domain.chat.prompt import Spoken

WINDOW = 50
"""Page size in messages."""


@dataclass(frozen=True)
class Window:
    """Consecutive messages of the path to the leaf, oldest first."""

    path: list[Spoken]
    leaf_id: int | None

    @property
    def ids(self) -> list[int]:
        return [each.id for each in self.path]

    @property
    def has_older(self) -> bool:
        return bool(self.path) and self.path[0].parent_id is not None

    @property
    def has_newer(self) -> bool:
        return bool(self.path) and self.path[-1].id != self.leaf_id


async def window_of(
    db: AsyncSession, leaf_id: int | None, before: int | None, after: int | None, around: int | None
) -> Window:
    """The window around or beside a message; one that is not on the path (another branch) gives the path's end."""
    if before and await is_on_path(db, leaf_id, before):
        return Window((await path_up(db, before, WINDOW + 1))[:-1], leaf_id)
    if after and await is_on_path(db, leaf_id, after):
        return Window(await path_below(db, leaf_id, after, WINDOW), leaf_id)
    if around and await is_on_path(db, leaf_id, around):
        above = await path_up(db, around, WINDOW)
        path = above + await path_below(db, leaf_id, around, WINDOW)
        start = max(0, min(len(above) - 1 - WINDOW // 2, len(path) - WINDOW))
        return Window(path[start : start + WINDOW], leaf_id)
    return Window(await path_up(db, leaf_id, WINDOW), leaf_id)

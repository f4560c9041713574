"""The ids of whole paths, kept for a while by each process.

The path above a message never changes, so what is kept is never wrong, on any instance, and a longer path is read only
as far as one that is kept.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections import OrderedDict
from collections.abc import Sequence

from sqlmodel.ext.asyncio.session import AsyncSession

from domain.chat.tree.message_tree import path_up
from domain.chat.tree.path_message import PathMessage

MOST_KEPT = 200
MOST_IDS = 1_000_000
"""Of all kept paths together, 8 MB; a longer path is kept alone."""
FIRST_STEPS, MOST_STEPS = 20, 2_000
"""Messages per query: a turn adds two to a path that is kept, an unknown one is read whole."""


class Path:
    """The ids of the messages from the root to a leaf. They grow along a path, so looking one up is a bisection."""

    def __init__(self, ids: array[int]) -> None:
        self.ids = ids

    def __len__(self) -> int:
        return len(self.ids)

    def __contains__(self, message_id: int) -> bool:
        at = bisect_left(self.ids, message_id)
        return at < len(self.ids) and self.ids[at] == message_id

    def number(self, message_id: int) -> int:
        """How many messages there are up to this one, itself included."""
        return bisect_right(self.ids, message_id)

    def between(self, after: int, upto: int) -> array[int]:
        """The ids after one message up to another, both of this path or 0."""
        return self.ids[bisect_right(self.ids, after) : bisect_right(self.ids, upto)]


class PathIds:
    """The paths to the leaves that were asked for last."""

    def __init__(self, most: int = MOST_KEPT, most_ids: int = MOST_IDS) -> None:
        self._kept: OrderedDict[int, array[int]] = OrderedDict()
        self._most = most
        self._most_ids = most_ids
        self._ids = 0
        """How many are kept."""

    async def of(self, db: AsyncSession, leaf_id: int | None, end: Sequence[PathMessage] = ()) -> Path:
        """The path to the message; empty for None. `end` is as much of its end as the caller has read already."""
        if not leaf_id:
            return Path(array("q"))
        ids = await self._read(db, leaf_id, end)
        if ids:
            self._keep(leaf_id, ids)
        return Path(ids)

    def _keep(self, leaf_id: int, ids: array[int]) -> None:
        self._ids += len(ids) - len(self._kept.get(leaf_id, ()))
        self._kept[leaf_id] = ids
        self._kept.move_to_end(leaf_id)
        while len(self._kept) > 1 and (len(self._kept) > self._most or self._ids > self._most_ids):
            _leaf, oldest = self._kept.popitem(last=False)
            self._ids -= len(oldest)

    async def _read(self, db: AsyncSession, leaf_id: int, known: Sequence[PathMessage]) -> array[int]:
        below: list[int] = []  # from the leaf up
        end: int | None = leaf_id
        steps, above = FIRST_STEPS, known
        while end is not None and end not in self._kept:
            if not above:
                above = await path_up(db, end, steps)
                steps = min(steps * 10, MOST_STEPS)
            if not above:
                break  # erased meanwhile
            for each in reversed(above):
                if each.id in self._kept:
                    break
                below.append(each.id)
                end = each.parent_id
            above = ()
        beginning = self._kept.get(end, array("q")) if end is not None else array("q")
        return beginning + array("q", reversed(below))

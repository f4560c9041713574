"""A cache of the ids of whole paths, one per process.

The path above a message never changes, so a cached path is never wrong, on any instance. A longer path is read only up
to the nearest cached one.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections import OrderedDict
from collections.abc import Sequence

from sqlmodel.ext.asyncio.session import AsyncSession

from domain.chat.tree.message_tree import ids_up
from domain.chat.tree.path_message import PathMessage

MOST_KEPT = 200
MOST_IDS = 1_000_000
"""Maximum ids in all cached paths together, which take 8 MB; a longer path is cached alone."""
FIRST_STEPS, MOST_STEPS = 20, 2_000
"""Messages in the first query, and maximum in later ones. A turn adds only two messages to a cached path, while an
unknown path is read whole.
"""


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
        """Number of messages up to and including this one."""
        return bisect_right(self.ids, message_id)

    def between(self, after: int, upto: int) -> array[int]:
        """The ids after the message `after`, up to and including `upto`. Both are on this path or 0."""
        return self.ids[bisect_right(self.ids, after) : bisect_right(self.ids, upto)]


class PathIds:
    """The paths requested last. A path that is the beginning of another is not cached separately."""

    def __init__(self, most: int = MOST_KEPT, most_ids: int = MOST_IDS) -> None:
        self._kept: OrderedDict[int, array[int]] = OrderedDict()
        self._most = most
        self._most_ids = most_ids
        self._ids = 0
        """Number of cached ids."""

    async def of(self, db: AsyncSession, leaf_id: int | None, end: Sequence[PathMessage] = ()) -> Path:
        """The path to the message; empty for None. `end` is the part of its end that the caller has already read."""
        if not leaf_id:
            return Path(array("q"))
        ids = self._beginning([leaf_id])
        if not ids:
            ids = await self._read(db, leaf_id, end)
            self._keep(leaf_id, ids)
        return Path(ids)

    async def _read(self, db: AsyncSession, leaf_id: int, end: Sequence[PathMessage]) -> array[int]:
        above = [each.id for each in end]
        is_whole = bool(end) and end[0].parent_id is None
        below: list[int] = []  # from the leaf up
        steps = FIRST_STEPS
        while True:
            if not above:
                above = await ids_up(db, below[-1] if below else leaf_id, steps + 1)
                is_whole = len(above) <= steps
                above = above[: -1 if below else None]
                steps = min(steps * 10, MOST_STEPS)
            if known := self._beginning(above):
                return known + array("q", [each for each in above if each > known[-1]] + below[::-1])
            below += reversed(above)
            above = []
            if is_whole:
                return array("q", reversed(below))

    def _beginning(self, ids: Sequence[int]) -> array[int]:
        """The path to one of these consecutive messages: to the last that a cached path leads to, else to the last that
        is on one; empty if none is. All paths through a message share what is above it, so if the first is on none,
        neither are the others.
        """
        for each in reversed(ids):
            if kept := self._kept.get(each):  # the usual case: a talk that goes on
                self._kept.move_to_end(each)
                return kept
        longest, of = array("q"), 0
        for leaf_id, kept in reversed(self._kept.items()):
            path = Path(kept)
            if ids and len(kept) > len(longest) and ids[0] in path:
                shared = bisect_left(ids, 1, key=lambda each: each not in path)
                if path.number(ids[shared - 1]) > len(longest):
                    longest, of = kept[: path.number(ids[shared - 1])], leaf_id
        if of:
            self._kept.move_to_end(of)
        return longest

    def _keep(self, leaf_id: int, ids: array[int]) -> None:
        """Cache the path, and drop the cached paths that are its beginnings."""
        if not ids:
            return
        path = Path(ids)
        for beginning in [each for each in self._kept if each in path]:
            self._ids -= len(self._kept.pop(beginning))
        self._kept[leaf_id] = ids
        self._ids += len(ids)
        while len(self._kept) > 1 and (len(self._kept) > self._most or self._ids > self._most_ids):
            _leaf, oldest = self._kept.popitem(last=False)
            self._ids -= len(oldest)

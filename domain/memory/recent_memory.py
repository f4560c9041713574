"""What stood in the last prompts of a dialog, kept by each process while its memory stays as it is.

`Dialog.memory_version` grows with each change, and what is kept counts only on paths that go on from the one it was
read for. A few messages further it is read anew, since what a deletion took away and was then brought back has no
version of its own; until then those messages stand in the prompt themselves.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from domain.memory.path_ids import Path
from domain.memory.remembered import Story
from domain.model.dialog import Dialog

MOST_KEPT = 1_000
"""Parts: up to three of a dialog."""
FURTHER = 12
"""Messages."""
T = TypeVar("T")


@dataclass(frozen=True)
class _Part:
    version: int
    leaf_id: int
    value: Any
    before: int

    def counts(self, dialog: Dialog, path: Path) -> bool:
        if self.version != dialog.memory_version or self.leaf_id not in path:
            return False
        return len(path) - path.number(self.leaf_id) <= FURTHER


class RecentMemory:
    def __init__(self, most: int = MOST_KEPT) -> None:
        self._parts: OrderedDict[tuple[int, str, int], _Part] = OrderedDict()
        self._most = most

    async def part(self, dialog: Dialog, path: Path, name: str, room: int, read: Callable[[], Awaitable[T]]) -> T:
        """The part of this name that has so much room."""
        key = dialog.id, name, room
        if (known := self._parts.get(key)) and known.counts(dialog, path):
            value: T = known.value
            return value
        value = await read()
        self._keep(key, dialog, path, value)
        return value

    async def story(
        self,
        dialog: Dialog,
        path: Path,
        room: int,
        read: Callable[[], Awaitable[Story]],
        *,
        before: int,
        ends_before: int,
    ) -> Story:
        """What tells of the path as far as the message `before`, or as far as the chapter around that, if it ends
        early enough.
        """
        key = dialog.id, "story", room
        known = self._parts.get(key)
        if known and known.counts(dialog, path) and known.before <= before <= known.value.told_upto < ends_before:
            story: Story = known.value
            return story
        story = await read()
        self._keep(key, dialog, path, story, before)
        return story

    def _keep(self, key: tuple[int, str, int], dialog: Dialog, path: Path, value: object, before: int = 0) -> None:
        if not path:
            return
        self._parts[key] = _Part(dialog.memory_version, path.ids[-1], value, before)
        self._parts.move_to_end(key)
        while len(self._parts) > self._most:
            self._parts.popitem(last=False)

"""A cache, one per process, of the memory in the last prompts of a dialog, valid as long as its memory does not change.

`Dialog.memory_version` grows with each change. A cached part is valid only on paths that continue the one it was read
for, and only with messages newer than any the dialog had then. An older message, on a branch that somebody returned to
or restored, may already have taught something.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.memory.path_ids import Path
from domain.memory.remembered import Story
from domain.model.dialog import Dialog, Message, State

MOST_KEPT = 1_000
"""Maximum cached parts: of a dialog, its pins, facts and story."""
T = TypeVar("T")


@dataclass(frozen=True)
class _Part:
    version: int
    leaf_id: int
    newest_id: int
    """The newest message of the dialog, on any branch, when the part was read."""
    value: Any
    before: int

    def counts(self, on: OnPath) -> bool:
        path = on.path
        if self.version != on.dialog.memory_version or self.leaf_id not in path:
            return False
        next_at = path.number(self.leaf_id)
        return next_at == len(path) or path.ids[next_at] > self.newest_id


@dataclass
class OnPath:
    """The dialog and path for which something is read, within a transaction."""

    dialog: Dialog
    path: Path
    db: AsyncSession
    _newest_id: int | None = None

    async def newest_id(self) -> int:
        """The dialog's newest message, on any branch, apart from a reply that is being written, which has taught
        nothing yet.
        """
        if self._newest_id is None:
            said = Message.dialog_id == self.dialog.id, Message.state != State.RUNNING
            newest = select(Message.id).where(*said).order_by(col(Message.id).desc()).limit(1)
            self._newest_id = (await self.db.exec(newest)).first() or 0
        return self._newest_id


class RecentMemory:
    def __init__(self, most: int = MOST_KEPT) -> None:
        self._parts: OrderedDict[tuple[int, str, int], _Part] = OrderedDict()
        self._most = most

    def knows(self, dialog_id: int) -> bool:
        """Whether anything is cached for this dialog, even if it is no longer valid."""
        return any(each == dialog_id for each, _name, _room in self._parts)

    async def part(self, on: OnPath, name: str, room: int, read: Callable[[], Awaitable[T]]) -> T:
        """The part of this name for `room` characters: cached, or read now."""
        key = on.dialog.id, name, room
        if (known := self._parts.get(key)) and known.counts(on):
            value: T = known.value
            return value
        value = await read()
        await self._keep(key, on, value)
        return value

    async def story(
        self, on: OnPath, room: int, read: Callable[[], Awaitable[Story]], *, before: int, ends_before: int
    ) -> Story:
        """The story of the path up to the message `before`: cached, or read now. A cached one is used if it ends before
        `ends_before`, and either reaches `before` or is up to date, so that there is no more to tell.
        """
        key = on.dialog.id, "story", room
        known = self._parts.get(key)
        if known and known.counts(on) and known.before <= before and known.value.covered_upto < ends_before:
            story: Story = known.value
            if story.is_up_to_date or not on.path.between(story.covered_upto, before)[:-1]:
                return story
        story = await read()
        await self._keep(key, on, story, before)
        return story

    async def _keep(self, key: tuple[int, str, int], on: OnPath, value: object, before: int = 0) -> None:
        if not on.path:
            return
        self._parts[key] = _Part(on.dialog.memory_version, on.path.ids[-1], await on.newest_id(), value, before)
        self._parts.move_to_end(key)
        while len(self._parts) > self._most:
            self._parts.popitem(last=False)

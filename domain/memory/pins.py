"""Pins: messages, facts or the person's own words that every prompt of their paths contains.

Pins take at most `PINNED_LIMIT` characters on any path; a pin beyond that is refused. A pinned reply may still grow
when it is continued, so a prompt, too, takes no more than that, the oldest pins first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import case
from sqlalchemy.orm import aliased
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.chat.tree.message_tree import is_deleted
from domain.errors import Busy, Invalid
from domain.memory.facts.held_facts import facts_of
from domain.memory.path_ids import Path
from domain.memory.rows import MemoryFact, MemoryPin
from domain.memory.shares import PINNED_LIMIT
from domain.model.dialog import Message, State

MOST_PINS = 30
"""Maximum pins of a dialog, on all its branches together."""


@dataclass(frozen=True)
class Pin:
    """A pinned text. It counts on paths through the message `anchor_id`; None: on any path."""

    text: str
    anchor_id: int | None
    made_at: datetime
    pin_id: int | None = None
    message_id: int | None = None
    fact_id: int | None = None
    is_hidden: bool = False
    """Whether it is a message that the model may not read."""

    def counts_on(self, path: Path) -> bool:
        return self.anchor_id is None or self.anchor_id in path


async def pinned_on(db: AsyncSession, dialog_id: int, path: Path) -> tuple[str, ...]:
    """The texts of all pins that count on this path, including pinned facts, the oldest first."""
    pins = await counted(db, dialog_id, path, await pins_of(db, dialog_id))
    return fitting([each.text for each in pins], PINNED_LIMIT)


async def counted(db: AsyncSession, dialog_id: int, path: Path, pins: Sequence[Pin]) -> list[Pin]:
    """The pins, of those given, that the prompts of this path contain."""
    counting = [each for each in pins if each.counts_on(path) and not each.is_hidden]
    if not any(each.fact_id for each in counting):
        return counting
    hold = {each.id for each in (await facts_of(db, dialog_id)).counted(path)}
    return [each for each in counting if each.fact_id is None or each.fact_id in hold]


async def still_there(db: AsyncSession, pins: Sequence[Pin]) -> list[Pin]:
    """The pins without those whose message was deleted."""
    deleted = await _deleted(db, [each for each in pins if each.message_id is not None])
    return [each for each in pins if each.message_id not in deleted]


async def pins_of(db: AsyncSession, dialog_id: int) -> list[Pin]:
    """All pins of a dialog, on all branches, the oldest first."""
    columns: tuple[Any, ...] = (MemoryPin, Message.text, Message.is_hidden_from_model, Message.state)
    pinned = select(*columns).join(Message, col(Message.id) == col(MemoryPin.message_id), isouter=True)
    pins = [
        Pin(
            text=row.text if row.message_id is None else said.strip(),
            anchor_id=row.message_id or row.anchor_id,
            made_at=row.made_at,
            pin_id=row.id,
            message_id=row.message_id,
            is_hidden=bool(is_hidden) or state == State.FILTERED,
        )
        for row, said, is_hidden, state in await db.exec(pinned.where(MemoryPin.dialog_id == dialog_id))
    ]
    facts = select(MemoryFact).where(
        MemoryFact.dialog_id == dialog_id,
        col(MemoryFact.pinned_at).is_not(None),
        col(MemoryFact.forgotten_at).is_(None),
    )
    for fact in await db.exec(facts):
        made_at = fact.pinned_at or fact.made_at
        pins.append(Pin(fact.text, fact.message_id, made_at, message_id=fact.message_id, fact_id=fact.id))
    return sorted(pins, key=lambda pin: (pin.made_at, pin.fact_id or 0, pin.pin_id or 0))


def fitting(pinned: Sequence[str], room: int) -> tuple[str, ...]:
    """As many of the pinned texts as fit `room` characters, from the first on; the last one may be cut."""
    texts: list[str] = []
    for each in pinned:
        text = each if len(each) <= room else each[: max(0, room - 1)].rstrip() + "…"
        if room <= 1 or not each:
            continue
        texts.append(text)
        room -= len(text)
    return tuple(texts)


def check_may_be_pinned(message: Message) -> None:
    """Raise `Invalid` if no prompt would contain this message, `Busy` while it is being written."""
    if message.state == State.RUNNING:
        raise Busy("One moment: the previous reply is still being written.", field="text")
    if not message.text.strip() or message.state == State.FILTERED:
        raise Invalid("There's nothing to pin here.", field="text")
    if message.is_hidden_from_model:
        raise Invalid("This message is hidden from the model, so pinning it would change nothing.", field="text")


async def check_room(db: AsyncSession, dialog_id: int, text: str, anchor_id: int | None) -> None:
    """Raise `Invalid` if another pin would not fit on some path. The dialog's row must be locked, so that pins made in
    another tab at the same moment are seen.
    """
    pins = await pins_of(db, dialog_id)
    if len(pins) >= MOST_PINS:
        raise Invalid("At most {limit} things can be pinned in a chat. Unpin one first.", field="text", limit=MOST_PINS)
    left = PINNED_LIMIT - await _most_beside(db, pins, anchor_id)
    if len(text) > left:
        raise Invalid(
            "What is pinned can be at most {limit} characters long together: there's room for {left} more, "
            "and this has {length}.",
            field="text",
            limit=PINNED_LIMIT,
            left=max(0, left),
            length=len(text),
        )


async def _most_beside(db: AsyncSession, pins: Sequence[Pin], anchor_id: int | None) -> int:
    """The characters already pinned on the fullest path on which a pin with this anchor would count."""
    if sum(len(pin.text) for pin in pins) == 0:
        return 0
    everywhere = sum(len(pin.text) for pin in pins if pin.anchor_id is None)
    anchored = [pin for pin in pins if pin.anchor_id is not None]
    anchors = {pin.anchor_id for pin in anchored if pin.anchor_id} - await _deleted(db, anchored)
    above = await _above_one_another(db, anchors | ({anchor_id} if anchor_id else set()))
    # The pins of a path reach their total at one of the anchors.
    paths = [path & anchors for path in above.values() if anchor_id is None or anchor_id in path]
    return everywhere + max(
        (sum(len(pin.text) for pin in anchored if pin.anchor_id in path) for path in paths), default=0
    )


async def _deleted(db: AsyncSession, pins: Sequence[Pin]) -> set[int]:
    anchors = {pin.anchor_id for pin in pins}
    found = await db.exec(select(Message).where(col(Message.id).in_(anchors)))
    return {each.id for each in list(found) if await is_deleted(db, each)}


async def _above_one_another(db: AsyncSession, ids: set[int]) -> dict[int, set[int]]:
    """For each of these messages, those of them that are on the path to it, including itself."""
    above = {each: {each} for each in ids}
    start, target, up = aliased(Message), aliased(Message), aliased(Message)
    pair: tuple[Any, ...] = (col(start.id).label("start"), col(target.id).label("target"))
    begun = (*pair, start.id, start.parent_id, start.jump_id)
    walked = (
        select(*begun)
        .join(target, col(target.id) < col(start.id))
        .where(col(start.id).in_(ids), col(target.id).in_(ids))
        .cte("walked", recursive=True)
    )
    next_id = case((walked.c.jump_id >= walked.c.target, walked.c.jump_id), else_=walked.c.parent_id)
    same: tuple[Any, ...] = (walked.c.start, walked.c.target, up.id, up.parent_id, up.jump_id)
    walked = walked.union_all(select(*same).join(up, col(up.id) == next_id).where(walked.c.id > walked.c.target))
    for end, ancestor in await db.exec(select(walked.c.start, walked.c.target).where(walked.c.id == walked.c.target)):
        above[end].add(ancestor)
    return above

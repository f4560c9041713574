"""A long old talk that nothing tells of yet: how much it is, and about what reading it would cost."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.llm.token_estimates import CHARACTERS_A_TOKEN
from domain.memory.chapter_plan import BY_ITSELF, NEIGHBOURS, NEWEST, Sizes
from domain.memory.path_ids import Path
from domain.memory.summaries.next_work import gaps_of, left_unread_upto, told_upto
from domain.model.dialog import Dialog, Message
from domain.prices import Prices

CHUNK = 5_000
"""Messages whose lengths are added up by one query."""
MOST_KEPT = 500
"""Dialogs of which a process remembers how long their untold parts are."""
ORDER_TOKENS, ANSWER_TOKENS = 600, 250
"""Of each request: what the model is told to do, and what it answers."""


@dataclass(frozen=True)
class Backlog:
    messages: int = 0
    cost: int | None = None
    """Millionths of a rouble; None: no price of the model is known."""
    left_out: int = 0
    """How many of them lie before what chapters tell."""

    @property
    def is_to_be_asked_about(self) -> bool:
        return self.messages > 0


class UntoldLengths:
    """How long an untold part of a path is, added up once: after that only what has been said since. Messages do not
    change but for the last ones, which are added anew each time.
    """

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[int, int], tuple[int, int]] = OrderedDict()
        """By dialog and by the message after which it begins: up to which message it was added, and the characters."""

    async def between(self, db: AsyncSession, dialog_id: int, path: Path, after: int, upto: int) -> int:
        """Characters of the path's messages after the one up to the other."""
        key = dialog_id, after
        added_upto, length = self._kept.get(key, (after, 0))
        if added_upto != after and (added_upto > upto or added_upto not in path):
            added_upto, length = after, 0
        ids = path.between(added_upto, upto)
        settled = ids[: max(0, len(ids) - NEWEST)]
        length += await _length_of(db, settled)
        if settled:
            self._kept[key] = settled[-1], length
            self._kept.move_to_end(key)
            if len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
        return length + await _length_of(db, ids[len(settled) :])


async def _length_of(db: AsyncSession, ids: Sequence[int]) -> int:
    length = 0
    for start in range(0, len(ids), CHUNK):
        some = col(Message.id).in_(ids[start : start + CHUNK])
        length += (await db.exec(select(func.coalesce(func.sum(func.length(Message.text)), 0)).where(some))).one()
    return length


async def backlog_of(
    db: AsyncSession, dialog: Dialog, path: Path, sizes: Sizes, *, lengths: UntoldLengths, prices: Prices, model: str
) -> Backlog:
    """Nothing, where all is told or so little is not that it is read without asking, and where the card leaves no room
    for chapters. However little there is, it is asked about what nobody wanted read before.
    """
    if not len(path) or not sizes.chapter:
        return Backlog()
    unread_upto = await left_unread_upto(db, dialog)
    told = await told_upto(db, dialog.id, path, unread_upto)
    gaps = await gaps_of(db, dialog.id, path, unread_upto)
    left_out = sum(len(path.between(*gap)) for gap in gaps)
    before = sum([await lengths.between(db, dialog.id, path, *gap) for gap in gaps])
    tail = path.between(told.upto, path.ids[-1])
    length = await lengths.between(db, dialog.id, path, told.upto, path.ids[-1])
    due = max(0, length - sizes.verbatim) // sizes.chapter
    if not left_out and due <= BY_ITSELF:
        return Backlog()
    untold = round(len(tail) * (1 - min(1, sizes.verbatim / max(length, 1)))) if due else 0
    chapters = due + ceil(before / sizes.chapter)
    is_told_behind = told.upto > unread_upto
    cost = cost_of(chapters, sizes, prices, model)
    return Backlog(left_out + untold, cost, left_out if is_told_behind else 0)


def cost_of(chapters: int, sizes: Sizes, prices: Prices, model: str) -> int | None:
    """Of so many chapters, with the sums above them."""
    sums = chapters // (NEIGHBOURS - 1)
    read = chapters * sizes.chapter + sums * NEIGHBOURS * sizes.longest_text(0)
    tokens_in = read // CHARACTERS_A_TOKEN + (chapters + sums) * ORDER_TOKENS
    return prices.cost(model, tokens_in, (chapters + sums) * ANSWER_TOKENS)

"""A long old talk that nothing tells of yet: how much it is, and about what reading it would cost."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.llm.token_estimates import CHARACTERS_A_TOKEN
from domain.memory.chapter_plan import BY_ITSELF, NEIGHBOURS, NEWEST, Sizes
from domain.memory.forgotten import forgotten_upto
from domain.memory.path_ids import Path
from domain.memory.summaries.next_work import covered_upto
from domain.model.dialog import Message
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

    @property
    def is_to_be_asked_about(self) -> bool:
        return self.messages > 0


class UntoldLengths:
    """How long the untold part of a path is, added up once: after that only what has been said since. Messages do not
    change but for the last ones, which are added anew each time.
    """

    def __init__(self) -> None:
        self._kept: OrderedDict[int, tuple[int, int, int]] = OrderedDict()
        """By dialog: after which message, up to which, and how many characters."""

    async def after(self, db: AsyncSession, dialog_id: int, path: Path, after: int) -> int:
        """Characters of the path's messages after this one."""
        begun, upto, length = self._kept.get(dialog_id, (after, after, 0))
        if begun != after or (upto and upto not in path):
            upto, length = after, 0
        ids = path.between(upto, path.ids[-1])
        settled = ids[: max(0, len(ids) - NEWEST)]
        length += await _length_of(db, settled)
        if settled:
            self._kept[dialog_id] = after, settled[-1], length
            self._kept.move_to_end(dialog_id)
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
    db: AsyncSession,
    dialog_id: int,
    path: Path,
    sizes: Sizes,
    *,
    lengths: UntoldLengths,
    prices: Prices,
    model: str,
) -> Backlog:
    """Nothing, where all is told or so little is not that it is read without asking, and where the card leaves no room
    for chapters. However little there is, it is asked about what was there when everything was forgotten.
    """
    if not len(path) or not sizes.chapter:
        return Backlog()
    after = await covered_upto(db, dialog_id, path)
    ids = path.between(after, path.ids[-1])
    was_forgotten = bool(ids) and ids[0] <= await forgotten_upto(db, dialog_id)
    length = await lengths.after(db, dialog_id, path, after)
    chapters = max(0, length - sizes.verbatim) // sizes.chapter
    if chapters <= (0 if was_forgotten else BY_ITSELF):
        return Backlog()
    verbatim = round(len(ids) * min(1, sizes.verbatim / max(length, 1)))
    return Backlog(len(ids) - verbatim, cost_of(chapters, sizes, prices, model))


def cost_of(chapters: int, sizes: Sizes, prices: Prices, model: str) -> int | None:
    """Of so many chapters, with the sums above them."""
    sums = chapters // (NEIGHBOURS - 1)
    read = chapters * sizes.chapter + sums * NEIGHBOURS * sizes.longest_text(0)
    tokens_in = read // CHARACTERS_A_TOKEN + (chapters + sums) * ORDER_TOKENS
    return prices.cost(model, tokens_in, (chapters + sums) * ANSWER_TOKENS)

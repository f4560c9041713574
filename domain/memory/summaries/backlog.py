"""Backlog: the part of a long old talk that no chapter covers yet, and about what reading it would cost."""

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
from domain.memory.summaries.next_work import coverage_of, gaps_of, left_unread_upto
from domain.model.dialog import Dialog, Message
from domain.prices import Prices

CHUNK = 5_000
"""Maximum messages whose lengths one query adds up."""
MOST_KEPT = 500
"""Maximum uncovered parts whose lengths a process caches."""
ORDER_TOKENS, ANSWER_TOKENS = 600, 250
"""Estimated tokens of each request's instructions, and of its answer."""


@dataclass(frozen=True)
class Backlog:
    messages: int = 0
    cost: int | None = None
    """In millionths of a rouble; None: the model's price is unknown."""
    left_out: int = 0
    """Number of these messages that lie before covered ones."""

    @property
    def is_to_be_asked_about(self) -> bool:
        return self.messages > 0


class UncoveredLengths:
    """Lengths of the uncovered parts of paths. Each is added up once, and after that only newer messages are. Only the
    last messages can still change, so they are added again each time.
    """

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[int, int], tuple[int, int]] = OrderedDict()
        """(dialog, message after which the part begins) → (last message added up, characters)."""

    async def between(self, db: AsyncSession, dialog_id: int, path: Path, after: int, upto: int) -> int:
        """The characters of the path's messages after `after`, up to and including `upto`."""
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
    db: AsyncSession, dialog: Dialog, path: Path, sizes: Sizes, *, lengths: UncoveredLengths, prices: Prices, model: str
) -> Backlog:
    """The backlog that the person is to be asked about. It is empty if everything is covered, if what is left is so
    little that it is read without asking, or if the card leaves no room for chapters. Parts that were left unread
    before count however short they are.
    """
    if not len(path) or not sizes.chapter:
        return Backlog()
    unread_upto = await left_unread_upto(db, dialog)
    covered = await coverage_of(db, dialog.id, path, unread_upto)
    gaps = await gaps_of(db, dialog.id, path, unread_upto)
    left_out = sum(len(path.between(*gap)) for gap in gaps)
    before = sum([await lengths.between(db, dialog.id, path, *gap) for gap in gaps])
    tail = path.between(covered.upto, path.ids[-1])
    length = await lengths.between(db, dialog.id, path, covered.upto, path.ids[-1])
    due = max(0, length - sizes.verbatim) // sizes.chapter
    if not left_out and due <= BY_ITSELF:
        return Backlog()
    uncovered = round(len(tail) * (1 - min(1, sizes.verbatim / max(length, 1)))) if due else 0
    chapters = due + ceil(before / sizes.chapter)
    lies_before_chapters = covered.upto > unread_upto
    cost = cost_of(chapters, sizes, prices, model)
    return Backlog(left_out + uncovered, cost, left_out if lies_before_chapters else 0)


def cost_of(chapters: int, sizes: Sizes, prices: Prices, model: str) -> int | None:
    """The estimated cost of this many chapters with the sums above them, in millionths of a rouble; None: unknown."""
    sums = chapters // (NEIGHBOURS - 1)
    read = chapters * sizes.chapter + sums * NEIGHBOURS * sizes.longest_text(0)
    tokens_in = read // CHARACTERS_A_TOKEN + (chapters + sums) * ORDER_TOKENS
    return prices.cost(model, tokens_in, (chapters + sums) * ANSWER_TOKENS)

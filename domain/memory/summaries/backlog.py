"""A long old talk that nothing tells of yet: how much it is, and about what reading it would cost."""

from __future__ import annotations

from dataclasses import dataclass

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.llm.token_estimates import CHARACTERS_A_TOKEN
from domain.memory.chapter_plan import BY_ITSELF, NEIGHBOURS, Sizes
from domain.memory.forgotten import forgotten_upto
from domain.memory.path_ids import Path
from domain.memory.summaries.next_work import covered_upto
from domain.model.dialog import Message
from domain.prices import Prices

CHUNK = 5_000
"""Messages whose lengths are added up by one query."""
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


async def backlog_of(
    db: AsyncSession, dialog_id: int, path: Path, sizes: Sizes, *, prices: Prices, model: str
) -> Backlog:
    """Nothing, where all is told or so little is not that it is read without asking, and where the card leaves no room
    for chapters. However little there is, it is asked about what was there when everything was forgotten.
    """
    if not len(path) or not sizes.chapter:
        return Backlog()
    ids = path.between(await covered_upto(db, dialog_id, path), path.ids[-1])
    was_forgotten = bool(ids) and ids[0] <= await forgotten_upto(db, dialog_id)
    length = 0
    for start in range(0, len(ids), CHUNK):
        some = col(Message.id).in_(ids[start : start + CHUNK])
        length += (await db.exec(select(func.coalesce(func.sum(func.length(Message.text)), 0)).where(some))).one()
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

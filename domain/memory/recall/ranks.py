"""Several rankings of the same things as one, by reciprocal rank: what scores of different kinds are worth beside each
other is not known; pure code.
"""

from __future__ import annotations

from collections.abc import Iterable

RANKS_FROM = 60
"""So far apart are the first of two rankings that neither decides alone."""


def reciprocal_ranks(*rankings: Iterable[int]) -> dict[int, float]:
    """What each is worth in all of them, each of which names the best first and none twice."""
    ranks: dict[int, float] = {}
    for ranking in rankings:
        for rank, each in enumerate(ranking, start=RANKS_FROM):
            ranks[each] = ranks.get(each, 0) + 1 / rank
    return ranks


def by_rank(*rankings: Iterable[int]) -> list[int]:
    """The best first; of equals that of an earlier ranking."""
    ranks = reciprocal_ranks(*rankings)
    return sorted(ranks, key=lambda each: -ranks[each])

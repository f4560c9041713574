"""Reciprocal rank fusion: merges rankings whose scores cannot be compared with one another; pure code."""

from __future__ import annotations

from collections.abc import Iterable

RANKS_FROM = 60
"""Constant of the method, large enough that no first place decides alone."""


def reciprocal_ranks(*rankings: Iterable[int]) -> dict[int, float]:
    """The merged score of each item. Each ranking has the best first and no item twice."""
    ranks: dict[int, float] = {}
    for ranking in rankings:
        for rank, each in enumerate(ranking, start=RANKS_FROM):
            ranks[each] = ranks.get(each, 0) + 1 / rank
    return ranks


def by_rank(*rankings: Iterable[int]) -> list[int]:
    """The merged ranking, the best first; among equals, those of an earlier ranking first."""
    ranks = reciprocal_ranks(*rankings)
    return sorted(ranks, key=lambda each: -ranks[each])

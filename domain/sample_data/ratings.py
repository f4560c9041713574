"""Sample data, ratings: votes and favourites of users who talked with a character."""

from __future__ import annotations

from datetime import datetime
from random import Random

from domain.characters.favourites import Favourite
from domain.characters.votes import HIGHEST, LOWEST, Vote
from storage.bulk import Row

RATE, LIKE = 0.35, 0.2
WORST_MEAN, BEST_MEAN, SPREAD = 5.5, 9.4, 1.4


def vote(chance: Random, person_id: int, character_id: int, moment: datetime) -> list[Row]:
    """One vote or none, without its id. Users agree more or less about a character."""
    if chance.random() > RATE:
        return []
    taste = Random(character_id).uniform(WORST_MEAN, BEST_MEAN)  # noqa: S311 - no secret
    value = min(max(round(chance.gauss(taste, SPREAD)), LOWEST), HIGHEST)
    given = Vote(character_id=character_id, user_id=person_id, value=value, created_at=moment)
    return [given.model_dump()]


def favourite(chance: Random, person_id: int, character_id: int, moment: datetime) -> list[Row]:
    """One row or none."""
    if chance.random() > LIKE:
        return []
    return [Favourite(user_id=person_id, character_id=character_id, created_at=moment).model_dump()]

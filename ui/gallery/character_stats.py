"""Character statistics: what people think of it and how many have talked with it, in words."""

from __future__ import annotations

from collections.abc import Iterator

from domain.characters.votes import mean_of
from domain.language import Texts
from domain.model.character import Character


def character_stats(_: Texts, character: Character) -> Iterator[str]:
    """«★ 4,8 · 37 оценок», «1 234 чата»; zeros are left out."""
    if character.votes_count:
        yield f"★ {_.number(mean_of(character))} · " + _.plural("{n} rating", "{n} ratings", character.votes_count)
    if character.talks:
        yield _.plural("{n} chat", "{n} chats", character.talks)

"""Character statistics in words: its ratings, its chats, and the feedback on its replies."""

from __future__ import annotations

from collections.abc import Iterator

from domain.characters.reply_feedback import FeedbackCount
from domain.characters.votes import mean_of
from domain.language import Texts
from domain.model.character import Character


def character_stats(_: Texts, character: Character) -> Iterator[str]:
    """«★ 4,8 · 37 оценок», «1 234 чата»; zeros are left out."""
    if character.votes_count:
        yield f"★ {_.number(mean_of(character))} · " + _.plural("{n} rating", "{n} ratings", character.votes_count)
    if character.talks:
        yield _.plural("{n} chat", "{n} chats", character.talks)


def feedback_words(_: Texts, feedback: FeedbackCount) -> Iterator[str]:
    """«понравилось 12 ответов», «не понравился 1 ответ»: for its author; zeros are left out."""
    if feedback.up:
        yield _.plural("{n} reply liked", "{n} replies liked", feedback.up)
    if feedback.down:
        yield _.plural("{n} reply disliked", "{n} replies disliked", feedback.down)

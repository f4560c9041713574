"""Card language: detection of the language that a character's card is written in."""

from __future__ import annotations

import re

from domain.model.character import Character

RUSSIAN, ENGLISH = "ru", "en"


def card_language(character: Character) -> str:
    """Russian if any of it is in Cyrillic, else English; "" if it holds no letters of either."""
    return language_of(character.name, character.teaser, character.bio, character.greeting, character.context)


def language_of(*told: str) -> str:
    if any(re.search("[а-яё]", text, re.IGNORECASE) for text in told):
        return RUSSIAN
    return ENGLISH if any(re.search("[a-z]", text, re.IGNORECASE) for text in told) else ""

"""Interests: a word or two for a character's subject, or a person's taste; cleaned, checked and compared here."""

from __future__ import annotations

from collections.abc import Collection

from domain.errors import Invalid
from domain.language import N_
from domain.text import cleaned, is_visible, on_one_line

INTEREST_LIMIT = 32
LOOKED_AT = 10
"""Factor by which interests may exceed their maximum before cleaning, since duplicates count once."""


def clean_interests(typed: Collection[str], most: int) -> list[str]:
    """Each once, as it was typed, without a leading hash sign; letter case makes no difference."""
    if len(typed) > LOOKED_AT * most:
        return [*typed]  # to be refused because of their number
    by_key: dict[str, str] = {}
    for each in typed:
        word = cleaned(each, INTEREST_LIMIT, lambda text: on_one_line(text.lstrip("# ")))
        if word:
            by_key.setdefault(interest_key(word), word)
    return list(by_key.values())


def check_interests(interests: Collection[str], most: int) -> list[Invalid]:
    """The errors in cleaned interests."""
    if len(interests) > most:
        return [Invalid("At most {limit} interests.", field="interests", limit=most)]
    if any(len(each) > INTEREST_LIMIT for each in interests):
        text = N_("An interest can be at most {limit} characters long.")
        return [Invalid(text, field="interests", limit=INTEREST_LIMIT)]
    if not all(is_visible(each) for each in interests):
        return [Invalid("This text has invisible characters in it. Please type it again.", field="interests")]
    return []


def interest_key(word: str) -> str:
    """The comparison key of an interest."""
    return word[:INTEREST_LIMIT].casefold()[:INTEREST_LIMIT]  # measured first; folding may lengthen it

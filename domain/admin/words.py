"""Moderation texts, validation: what an admin writes, or a user in answer, is cleaned and its length checked."""

from __future__ import annotations

from domain.accounts.names import is_visible
from domain.admin.measure import WORDS_LIMIT
from domain.errors import Invalid
from domain.signs import cleaned, with_plain_breaks


def clean_words(typed: str, field: str, limit: int = WORDS_LIMIT) -> str:
    """The stripped text, possibly empty; raises `Invalid` for `field`."""
    text = cleaned(typed, limit, with_plain_breaks)
    if (over := len(text) - limit) > 0:
        raise Invalid("At most {limit} characters; {over} too many.", field=field, limit=limit, over=over)
    if not is_visible(text, allowed="\n\t\u200d"):
        raise Invalid("There are invisible characters in this text. Please type it again.", field=field)
    return text

"""Validation and normalisation of usernames and display names. Each `clean_…` function returns the clean form or raises
`Invalid`.
"""

from __future__ import annotations

import re

from domain.errors import Invalid
from domain.model.user import DISPLAY_NAME_LIMIT, USERNAME_LIMIT
from domain.text import cleaned, is_visible, on_one_line, without_unstorable

USERNAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_.-]*[A-Za-z0-9])?")
"""Latin letters only: a Cyrillic «а» in «аdmin» cannot be told from a Latin one by eye."""
SHORTEST_USERNAME = 3
RESERVED = {"admin", "administrator", "beseda", "moderator", "root", "support", "system"}


def clean_username(typed: str) -> str | None:
    """The username, None when left empty; raises `Invalid` for the field `username`."""
    typed = typed.strip()
    if not typed:
        return None
    if not SHORTEST_USERNAME <= len(typed) <= USERNAME_LIMIT:
        raise Invalid(
            "A username must be {shortest} to {longest} characters long.",
            field="username",
            shortest=SHORTEST_USERNAME,
            longest=USERNAME_LIMIT,
        )
    if not USERNAME.fullmatch(typed):
        raise Invalid(
            "A username can contain Latin letters and digits, with dots, hyphens and underscores in between.",
            field="username",
        )
    if typed.casefold() in RESERVED:
        raise Invalid("This username is taken.", field="username")
    return typed


def username_key(typed: str) -> str:
    """The comparison key of a username: case-insensitive, which matters only for ASCII letters here."""
    name = without_unstorable(typed).strip()
    return name.lower() if name.isascii() else name


def clean_display_name(typed: str) -> str:
    """The name others see; raises `Invalid` for the field `display_name`."""
    name = cleaned(typed, DISPLAY_NAME_LIMIT, on_one_line)
    if not name:
        raise Invalid("Please enter your name.", field="display_name")
    if len(name) > DISPLAY_NAME_LIMIT:
        raise Invalid("A name can be at most {limit} characters long.", field="display_name", limit=DISPLAY_NAME_LIMIT)
    if not is_visible(name):
        raise Invalid("A name must have visible characters only.", field="display_name")
    return name

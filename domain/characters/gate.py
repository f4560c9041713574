"""The one gate through which a filled-in character passes: everything is cleaned and checked here, once.

A table class does not validate itself, so nothing that a person typed reaches the database by another way.
"""

from __future__ import annotations

from domain.accounts.names import is_visible
from domain.characters.character import (
    BIO_LIMIT,
    CONTEXT_LIMIT,
    GREETING_LIMIT,
    INTEREST_LIMIT,
    INTERESTS_LIMIT,
    NAME_LIMIT,
    OTHER_GREETINGS_LIMIT,
    TEASER_LIMIT,
    AgeMark,
    Character,
    Gender,
)
from domain.errors import Invalid, InvalidForm

LINE_BREAKS = "\n\t\u200d"


def check(filled: Character) -> None:
    """Clean the texts in place; raises `InvalidForm` with one `Invalid` for each field that cannot be taken."""
    filled.name = " ".join(filled.name.split())
    filled.teaser = " ".join(filled.teaser.split())
    for field in ("bio", "greeting", "context"):
        setattr(filled, field, getattr(filled, field).replace("\r\n", "\n").strip())
    filled.other_greetings = [each.replace("\r\n", "\n").strip() for each in filled.other_greetings]
    filled.interests = clean_interests(filled.interests)
    errors = [
        *_line(filled.name, "name", NAME_LIMIT),
        *_line(filled.teaser, "teaser", TEASER_LIMIT),
        *_text(filled.bio, "bio", BIO_LIMIT),
        *_text(filled.greeting, "greeting", GREETING_LIMIT),
        *_other_greetings(filled.other_greetings),
        *_text(filled.context, "context", CONTEXT_LIMIT),
        *_interests(filled.interests),
    ]
    if not filled.name:
        errors.insert(0, Invalid("Please give the character a name.", field="name"))
    if filled.gender not in list(Gender):
        errors.append(Invalid("Please choose a gender.", field="gender"))
    if filled.age_mark not in list(AgeMark):
        errors.append(Invalid("Please choose an age mark.", field="age_mark"))
    if not filled.context:
        errors.append(Invalid("Please tell the model who this is: a few sentences are enough.", field="context"))
    if errors:
        raise InvalidForm(errors)
    filled.other_greetings = [each for each in filled.other_greetings if each]


def clean_interests(typed: list[str]) -> list[str]:
    """Each interest once, in lower case, without the hash sign people put in front."""
    cleaned = (" ".join(each.lstrip("# ").casefold().split()) for each in typed)
    return list(dict.fromkeys(each for each in cleaned if each))


def _other_greetings(greetings: list[str]) -> list[Invalid]:
    """The field of an error names the greeting by its place: `other_greetings.0`."""
    if len(greetings) > OTHER_GREETINGS_LIMIT:
        return [Invalid("At most {limit} other greetings.", field="other_greetings.0", limit=OTHER_GREETINGS_LIMIT)]
    return [
        error
        for place, text in enumerate(greetings)
        for error in _text(text, f"other_greetings.{place}", GREETING_LIMIT)
    ]


def _line(text: str, field: str, limit: int) -> list[Invalid]:
    return _checked(text, field, limit, allowed="\u200d")


def _text(text: str, field: str, limit: int) -> list[Invalid]:
    return _checked(text, field, limit, allowed=LINE_BREAKS)


def _checked(text: str, field: str, limit: int, *, allowed: str) -> list[Invalid]:
    if len(text) > limit:
        over = len(text) - limit
        return [Invalid("At most {limit} characters; {over} too many.", field=field, limit=limit, over=over)]
    if not is_visible(text, allowed=allowed):
        return [Invalid("There are invisible signs in this text. Please type it anew.", field=field)]
    return []


def _interests(interests: list[str]) -> list[Invalid]:
    if len(interests) > INTERESTS_LIMIT:
        return [Invalid("At most {limit} interests.", field="interests", limit=INTERESTS_LIMIT)]
    if any(len(each) > INTEREST_LIMIT for each in interests):
        return [Invalid("An interest has at most {limit} characters.", field="interests", limit=INTEREST_LIMIT)]
    if not all(is_visible(each) for each in interests):
        return [Invalid("There are invisible signs in this text. Please type it anew.", field="interests")]
    return []

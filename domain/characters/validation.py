"""Validation: the one place where the form of a character is cleaned and checked.

A table class does not validate itself, so nothing that a user typed may reach the database any other way.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from domain.characters.fields import BY_NAME, Kind, of_kind
from domain.errors import Invalid, InvalidForm
from domain.language import LANGUAGES, N_
from domain.model.character import LONGEST_REPLY, PORTRAITS, SHORTEST_REPLY, AgeMark, Character, Gender
from domain.model.interest import check_interests, clean_interests
from domain.text import cleaned, is_visible, on_one_line, with_plain_breaks

LINE_BREAKS = "\n\t\u200d"
LINES = {field.name: field.limit for field in of_kind(Kind.LINE)}
TEXTS = {field.name: field.limit for field in of_kind(Kind.TEXT)}
LISTS = {field.name: (field.most, field.limit) for field in of_kind(Kind.TEXTS)}
"""Maximum number of texts, and maximum length of each, by the field's name."""
MOST_INTERESTS = BY_NAME["interests"].most


def check(filled: Character) -> None:
    """Clean and validate the texts in place; raises `InvalidForm` with one `Invalid` per field that is not valid."""
    for field, limit in LINES.items():
        setattr(filled, field, cleaned(getattr(filled, field), limit, on_one_line))
    for field, limit in TEXTS.items():
        setattr(filled, field, cleaned(getattr(filled, field), limit, with_plain_breaks))
    for field, (_most, limit) in LISTS.items():
        setattr(filled, field, [cleaned(each, limit, with_plain_breaks) for each in getattr(filled, field)])
    filled.interests = clean_interests(filled.interests, MOST_INTERESTS)
    errors = [
        *(error for field, limit in LINES.items() for error in _line(getattr(filled, field), field, limit)),
        *(error for field, limit in TEXTS.items() for error in _text(getattr(filled, field), field, limit)),
        *_several(filled.other_greetings, "other_greetings", N_("At most {limit} alternative greetings.")),
        *_several(filled.examples, "examples", N_("At most {limit} example dialogues.")),
        *check_interests(filled.interests, MOST_INTERESTS),
        *_numbers(filled),
    ]
    if not filled.name:
        errors.insert(0, Invalid("Give the character a name.", field="name"))
    errors += _choices(filled)
    if not filled.context:
        errors.append(Invalid("Tell the model who this is. A few sentences are enough.", field="context"))
    if errors:
        raise InvalidForm(errors)
    for field in LISTS:
        setattr(filled, field, [each for each in getattr(filled, field) if each])


class ChangedMeanwhile(InvalidForm):
    """Fields that this form changes were saved with other values since it was opened: `theirs`, the current ones."""

    def __init__(self, theirs: Mapping[str, Any]) -> None:
        text = N_("This has been changed in another window. Save again to replace it with your version.")
        super().__init__([Invalid(text, field=_place_of_error(field)) for field in theirs])
        self.theirs = theirs


def check_not_overwritten(character: Character, changed: Iterable[str], began: Mapping[str, Any]) -> None:
    """`began` holds the fields' values when the form was opened. Raises `ChangedMeanwhile` if they differ now."""
    theirs = {field: getattr(character, field) for field in changed if getattr(character, field) != began[field]}
    if theirs:
        raise ChangedMeanwhile(theirs)


def _place_of_error(field: str) -> str:
    match BY_NAME[field].kind:
        case Kind.PICTURE:
            return "photo"
        case Kind.TEXTS:
            return f"{field}.0"
    return field


def _choices(filled: Character) -> list[Invalid]:
    errors = []
    if filled.gender not in list(Gender):
        errors.append(Invalid("Choose a gender.", field="gender"))
    if filled.age_mark not in list(AgeMark):
        errors.append(Invalid("Choose an age rating.", field="age_mark"))
    if filled.language not in ("", *LANGUAGES):
        errors.append(Invalid("Please pick one from the list.", field="language"))
    return errors


def truncate(filled: Character) -> None:
    """Truncate in place what is too long: for a preview while it is still being typed."""
    for field, limit in (LINES | TEXTS).items():
        setattr(filled, field, getattr(filled, field)[:limit])
    for field, (most, limit) in LISTS.items():
        setattr(filled, field, [each[:limit] for each in getattr(filled, field)[:most]])


def _several(texts: list[str], name: str, refusal: str) -> list[Invalid]:
    """The field of an error names the text by its index: `examples.0`."""
    most, limit = LISTS[name]
    if len(texts) > most:
        return [Invalid(refusal, field=f"{name}.0", limit=most)]
    return [error for place, text in enumerate(texts) for error in _text(text, f"{name}.{place}", limit)]


def _numbers(filled: Character) -> list[Invalid]:
    errors = []
    if filled.temperature is not None and not 0 <= filled.temperature <= 1:
        errors.append(Invalid("Creativity is a number from 0 to 1.", field="temperature"))
    if filled.reply_tokens is not None and not SHORTEST_REPLY <= filled.reply_tokens <= LONGEST_REPLY:
        errors.append(
            Invalid(
                "A reply must be {shortest} to {longest} tokens long.",
                field="reply_tokens",
                shortest=SHORTEST_REPLY,
                longest=LONGEST_REPLY,
            )
        )
    if not 0 <= filled.portrait < PORTRAITS:
        errors.append(Invalid("Choose one of the portraits.", field="portrait"))
    return errors


def _line(text: str, field: str, limit: int) -> list[Invalid]:
    return _checked(text, field, limit, allowed="\u200d")


def _text(text: str, field: str, limit: int) -> list[Invalid]:
    return _checked(text, field, limit, allowed=LINE_BREAKS)


def _checked(text: str, field: str, limit: int, *, allowed: str) -> list[Invalid]:
    if len(text) > limit:
        over = len(text) - limit
        return [Invalid("At most {limit} characters: {over} too many.", field=field, limit=limit, over=over)]
    if not is_visible(text, allowed=allowed):
        return [Invalid("This text has invisible characters in it. Please type it again.", field=field)]
    return []

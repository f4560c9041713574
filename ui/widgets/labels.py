"""Labels: small words and signs that several pages share."""

from __future__ import annotations

from domain.characters.fields import field_labels
from domain.language import N_, Texts
from domain.model.character import Character, Gender
from domain.moderation.measure import FIELDS_TO_MEND

MADE_UP = {
    Gender.FEMALE: N_("{name} is a fictional character: a neural network writes her lines and may make things up."),
    Gender.MALE: N_("{name} is a fictional character: a neural network writes his lines and may make things up."),
    Gender.OTHER: N_("{name} is a fictional character: a neural network writes their lines and may make things up."),
}
SIGNS = {Gender.FEMALE: "♀", Gender.MALE: "♂", Gender.OTHER: "⚥"}


COLUMNS = {"picture": "picture_token"}
"""Columns of the fields that measures call by another name."""
LANGUAGES = {"ru": N_("Russian"), "en": N_("English")}


def language_words(_: Texts) -> dict[str, str]:
    """The languages of cards and people by code."""
    return {language: _(words) for language, words in LANGUAGES.items()}


def gender_sign(gender: Gender) -> str:
    return SIGNS[gender]


def labels_to_mend(_: Texts) -> dict[str, str]:
    """Labels of a character's fields that an admin may find at fault."""
    labels = field_labels(_)
    return {name: labels[COLUMNS.get(name, name)] for name in FIELDS_TO_MEND}


def gender_words(_: Texts) -> dict[Gender, str]:
    return {Gender.FEMALE: _("female"), Gender.MALE: _("male"), Gender.OTHER: _("other")}


def made_up_note(_: Texts, character: Character) -> str:
    """Note that nobody real answers, for the page of a character and for chats with one."""
    return _(MADE_UP[character.gender], name=character.name)

"""Small words and signs that several pages share."""

from __future__ import annotations

from domain.characters.character import Gender
from domain.language import Texts

SIGNS = {Gender.FEMALE: "♀", Gender.MALE: "♂", Gender.OTHER: "⚥"}


def gender_sign(gender: Gender) -> str:
    return SIGNS[gender]


def gender_words(_: Texts) -> dict[Gender, str]:
    return {Gender.FEMALE: _("female"), Gender.MALE: _("male"), Gender.OTHER: _("other")}

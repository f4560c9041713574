"""The API's answers contain each field that an author fills in, so that a new one cannot be forgotten."""

from __future__ import annotations

from typing import Any

from domain.characters.fields import BY_NAME, Kind
from domain.model.character import AgeMark, Character, Gender
from domain.model.user import User
from ui.api.serializers import character_shown

FILLED: dict[Kind, Any] = {
    Kind.LINE: "Глаша",
    Kind.TEXT: "На маяке.",
    Kind.TEXTS: ["Вечер."],
    Kind.WORDS: ["море"],
    Kind.INDEX: 3,
    Kind.FRACTION: 0.5,
    Kind.COUNT: 300,
    Kind.SWITCH: True,
}
CHOICES: dict[str, Any] = {"gender": Gender.FEMALE, "age_mark": AgeMark.SIX, "language": "en"}


def test_an_author_is_told_every_field_that_they_filled_in() -> None:
    fields = {name: field for name, field in BY_NAME.items() if field.kind is not Kind.PICTURE}
    filled: dict[str, Any] = {name: CHOICES.get(name, FILLED.get(field.kind)) for name, field in fields.items()}
    author = User(id=1, email="ira@example.org", email_key="ira@example.org", display_name="Ира")
    shown = character_shown(Character(id=1, owner_id=1, **filled), author).model_dump()
    assert {name: shown[name] for name in filled} == filled

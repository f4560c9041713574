"""Schemas of card files: the result of an import."""

from typing import Annotated, Any, Self

from pydantic import BaseModel, Field

from domain.cards.report import CardReport
from domain.characters.fields import BY_NAME
from ui.api.schemas import CharacterOut, More


class CardFields(More):
    """The fields of a card, each text within its limit, as `PATCH /api/characters/{character_id}` takes them."""

    name: str
    gender: str
    bio: str | None = None
    context: str
    interests: list[str]

    @classmethod
    def of(cls, fields: dict[str, Any]) -> Self:
        return cls(**{name: value for name, value in fields.items() if name in BY_NAME})


class CardImported(BaseModel):
    character: Annotated[CharacterOut | None, Field(description="null in a preview.")]
    fields: CardFields
    report: Annotated[CardReport, Field(description="What was read, guessed, changed, left out and kept, in words.")]

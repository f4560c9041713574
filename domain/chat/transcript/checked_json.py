"""Validation of saved dialogs, one JSON object at a time; refusals name the place in one plain sentence."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, TypeVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from domain.errors import Invalid
from domain.model.character import NAME_LIMIT
from storage.columns import LARGEST_ID

TEXT_LIMIT = 16_000
"""Maximum length of a message; replies may be longer than what a user may send."""

Id = Annotated[int, Field(strict=True, ge=1, le=LARGEST_ID)]
Flag = Annotated[bool, Field(strict=True)]
# Outside these years some time zones cannot represent the moment, and a page that shows it would break.
Moment = Annotated[AwareDatetime, Field(ge=datetime(1970, 1, 1, tzinfo=UTC), lt=datetime(2200, 1, 1, tzinfo=UTC))]


class Exact(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


Model = TypeVar("Model", bound=Exact)


def checked(kind: type[Model], content: object, place: str = "", *, is_tolerant: bool = False) -> Model:
    """The object, if it is of this kind; `is_tolerant` leaves out the fields that it does not know."""
    try:
        return kind.model_validate(content, extra="ignore" if is_tolerant else None)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        if first["type"] == "string_too_long" and place.startswith("messages"):
            raise Invalid("A message in this file has more than {limit} characters.", limit=TEXT_LIMIT) from error
        raise damaged(place + ".".join(str(step)[:NAME_LIMIT] for step in first["loc"])) from error


def damaged(place: str) -> Invalid:
    return Invalid("This file is damaged: something is wrong at {place}.", place=place.rstrip("."))


def no_tree() -> Invalid:
    return Invalid("This file is damaged: its messages don't follow one another.")

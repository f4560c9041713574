"""Schemas of a dialog's memory: what is remembered, and what can be changed about it."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import BaseModel, Field, model_validator

from domain.memory.overview import MemoryState
from domain.memory.rows import CHAPTER_LIMIT, DIGEST, FACT_LIMIT, PIN_LIMIT, MadeBy
from storage.columns import LARGEST_ID

ON_PATH = "Numbers of messages count from 1 on the path being read."


class MemoryBarOut(BaseModel):
    state: Annotated[
        MemoryState,
        Field(description="`no room`: the card nearly fills the prompt, so only what is pinned is remembered."),
    ]
    verbatim_from: Annotated[
        int | None, Field(description=f"The first message that the model gets word for word; null: all. {ON_PATH}")
    ]
    chapters: Annotated[int, Field(description="How many chapters tell what came before.")]
    has_digest: bool
    facts: Annotated[int, Field(description="How many facts hold; 0 while memory is off or has no room.")]
    pinned: int
    gap: Annotated[int, Field(description="Messages before `verbatim_from` that nothing tells of yet.")]


class PinOut(BaseModel):
    id: int
    text: str
    message_id: Annotated[int | None, Field(description="The pinned message; null: words of your own.")]
    here_only: Annotated[bool, Field(description="Words of your own that count on one branch only.")]
    on_path: Annotated[bool, Field(description="Whether it counts on the path being read.")]
    hidden: Annotated[bool, Field(description="A message that is hidden from the model: its pin counts nowhere.")]


class FactOut(BaseModel):
    id: int
    text: str
    message_id: Annotated[int | None, Field(description="The message that taught it.")]
    said_at: datetime | None
    made_by: Annotated[MadeBy, Field(description="`excerpts`: quoted by the server; `person`: written by hand.")]
    pinned: bool
    replaced_by: Annotated[int | None, Field(description="The fact that holds instead.")]


class ChapterOut(BaseModel):
    id: int
    level: Annotated[int, Field(description=f"0: of messages; above: a sum of chapters; {DIGEST}: of all.")]
    first_id: int
    last_id: Annotated[int, Field(description="The first and the last message that it tells of.")]
    first_number: int
    last_number: Annotated[int, Field(description=ON_PATH)]
    text: str
    made_by: MadeBy
    is_running: Annotated[bool, Field(description="It is being written just now.")]
    is_waiting: Annotated[bool, Field(description="It could not be summarized yet; another attempt follows.")]
    reference: Annotated[str, Field(description="Of what kept it from being summarized (anew), for support.")]


class RecalledOut(BaseModel):
    message_id: int
    said_at: datetime
    excerpt: str


class MemoryOut(BaseModel):
    """The memory of a dialog on the path being read: the newest first, replaced facts last."""

    bar: MemoryBarOut
    pinned: list[PinOut]
    facts: list[FactOut]
    chapters: list[ChapterOut]
    recalled: Annotated[list[RecalledOut], Field(description="Old messages that the last reply's prompt quoted.")]
    pinned_room: Annotated[int, Field(description="Characters left for more pins.")]
    tokens: int
    cost: Annotated[int | None, Field(description="What it took so far, in millionths of a rouble; null: not known.")]
    backlog_messages: Annotated[int, Field(description="Of a long old dialog: messages that nothing tells of yet.")]
    backlog_cost: Annotated[
        int | None, Field(description="About what reading these would cost, in millionths of a rouble.")
    ]


class PinRequest(BaseModel):
    """Either a message or words of your own."""

    message_id: Annotated[int | None, Field(ge=1, le=LARGEST_ID)] = None
    text: Annotated[str | None, Field(max_length=2 * PIN_LIMIT)] = None
    here_only: Annotated[bool, Field(description="Of words: only on the branch being read.")] = False

    @model_validator(mode="after")
    def _is_one_of_both(self) -> Self:
        if (self.message_id is None) == (self.text is None) or (self.here_only and self.text is None):
            raise ValueError("Either message_id, or text with or without here_only.")
        return self


class Pinned(BaseModel):
    id: int


class FactUpdate(BaseModel):
    """Fields left out, or null, stay unchanged."""

    text: Annotated[str | None, Field(max_length=2 * FACT_LIMIT)] = None
    pinned: bool | None = None


class ChapterUpdate(BaseModel):
    text: Annotated[str, Field(max_length=2 * CHAPTER_LIMIT)]


class MemorySwitch(BaseModel):
    on: bool

"""Schemas of the books API: books of characters, worlds, and their entries."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field

from domain.books.book_room import MOST_ENTRIES
from domain.books.conditions import LeftOut
from domain.books.entry import Logic, Place
from domain.books.entry_check import COMMENT_LIMIT, CONTENT_LIMIT, GROUP_LIMIT, MOST_KEYS
from domain.books.matching.expressions import LONGEST
from domain.books.try_out import LONGEST_TRIED
from domain.llm.port import Role
from domain.model.book import BOOK_NAME_LIMIT, TITLE_LIMIT
from storage.columns import LARGEST_ID

LARGE = 10**9
"""Largest absolute value that the schemas accept. The domain allows less, and its errors say how much."""
LONGEST_VERSION = 64

Name = Annotated[str, Field(max_length=2 * BOOK_NAME_LIMIT)]
Keys = Annotated[list[Annotated[str, Field(max_length=2 * LONGEST)]], Field(max_length=2 * MOST_KEYS)]
Whole = Annotated[int, Field(ge=-LARGE, le=LARGE)]
Number = Annotated[float, Field(ge=-LARGE, le=LARGE, allow_inf_nan=False)]
Ids = Annotated[list[Annotated[int, Field(ge=1, le=LARGEST_ID)]], Field(max_length=MOST_ENTRIES)]


class AttachedOut(BaseModel):
    id: int
    name: str


class BookOut(BaseModel):
    """A book. Settings that are null have their defaults: four messages are scanned, a quarter of the prompt is its
    budget, and entries that fired are not scanned for more keys.
    """

    id: int
    name: str
    owner_id: int
    character_id: Annotated[int | None, Field(description="Whose own book it is; null: a world.")]
    scan_depth: int | None
    token_budget: int | None
    is_recursive: bool | None
    shows_titles: Annotated[
        bool, Field(description="Whether others may see the titles of what stood in a reply's prompt.")
    ]
    entries: int
    entries_on: int
    tokens_on: int
    tokens_constant: Annotated[int, Field(description="Of what stands in every prompt.")]
    revision: Annotated[int, Field(description="Grows with each change.")]
    changed_at: datetime
    attached_to: Annotated[list[AttachedOut], Field(description="Characters that know this world.")]


class WorldCreate(BaseModel):
    name: Name


class BookUpdate(BaseModel):
    """Fields left out stay unchanged."""

    name: Name = ""
    scan_depth: Whole | None = None
    token_budget: Whole | None = None
    is_recursive: bool | None = None
    shows_titles: bool = False


class EntryUpdate(BaseModel):
    """Fields left out stay unchanged, or get their defaults. Decorators at the top of `content` take precedence."""

    title: Annotated[str, Field(max_length=2 * TITLE_LIMIT)] = ""
    keys: Keys = []
    secondary_keys: Keys = []
    is_selective: Annotated[bool, Field(description="Whether the secondary keys count.")] = True
    logic: Annotated[Logic, Field(description="Which of the secondary keys must fire, too.")] = Logic.ANY
    content: Annotated[str, Field(max_length=2 * CONTENT_LIMIT)] = ""
    comment: Annotated[str, Field(max_length=2 * COMMENT_LIMIT)] = ""
    is_on: bool = True
    is_constant: bool = False
    is_case_sensitive: bool = False
    whole_words: bool = True
    is_expression: Annotated[bool, Field(description="Whether all keys are regular expressions (RE2).")] = False
    scan_depth: Whole | None = None
    place: Place = Place.BEFORE
    depth: Whole = 4
    role: Role = Role.SYSTEM
    order: Number = 100
    priority: Number | None = None
    chance: Annotated[Number, Field(description="Percent.")] = 100
    sticky: Whole = 0
    cooldown: Whole = 0
    delay: Whole = 0
    group: Annotated[str, Field(max_length=2 * GROUP_LIMIT)] = ""
    weight: Number = 100
    is_found_by_entries: bool = True
    finds_entries: bool = True
    only_by_entries: bool = False
    version: Annotated[
        str | None,
        Field(
            max_length=LONGEST_VERSION,
            description="What the entry had when you read it: if it was changed since, yours is refused.",
        ),
    ] = None


class EntryCreate(EntryUpdate):
    before: Annotated[int | None, Field(ge=1, le=LARGEST_ID, description="Another entry; null: at the end.")] = None


class EntryOut(BaseModel):
    """Numbers in an answer may be beyond what a form accepts: they came with a file."""

    id: int
    book_id: int
    tokens: int
    version: str
    title: str
    keys: list[str]
    secondary_keys: list[str]
    is_selective: bool
    logic: Logic
    content: str
    comment: str
    is_on: bool
    is_constant: bool
    is_case_sensitive: bool
    whole_words: bool
    is_expression: bool
    scan_depth: int | None
    place: Place
    depth: int
    role: Role
    order: float
    priority: float | None
    chance: float
    sticky: int
    cooldown: int
    delay: int
    group: str
    weight: float
    is_found_by_entries: bool
    finds_entries: bool
    only_by_entries: bool


class EntryLineOut(BaseModel):
    id: int
    position: int
    is_on: bool
    title: str
    keys: Annotated[str, Field(description="Joined by commas, as far as they fit.")]
    excerpt: str
    is_constant: bool
    order: float
    place: Place
    depth: int
    tokens: int
    remark: Annotated[str, Field(description="Why it never fires, or a key of it; empty: nothing is wrong.")]


class EntryOrder(BaseModel):
    ids: Annotated[Ids, Field(description="In the order that they are to have.")]
    before: Annotated[int | None, Field(ge=1, le=LARGEST_ID, description="Another entry; null: to the end.")] = None


class TextToTry(BaseModel):
    text: Annotated[str, Field(max_length=2 * LONGEST_TRIED)]


class TriedEntryOut(BaseModel):
    id: int
    title: str
    because: Annotated[str, Field(description="The key that fired; empty: it always stands there.")]
    words: Annotated[str, Field(description="Those of the text that the key fired on; empty: it fired on an entry.")]
    by_entry: Annotated[bool, Field(description="Found in what another entry says.")]
    place: Place
    depth: int
    role: Role
    order: float
    tokens: int
    why: Annotated[LeftOut | None, Field(description="Why it is left out, if it is.")]


class TriedOut(BaseModel):
    fired: Annotated[list[TriedEntryOut], Field(description="In the order of the prompt.")]
    left_out: Annotated[list[TriedEntryOut], Field(description="What is not in the prompt although a key fired.")]

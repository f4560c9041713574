"""Character fields that the author fills in, one line each: the table that validation, the editor, drafts, the API,
writing help, import reports, copies and erasure read. A new field is a column of `Character` and a line here.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from domain.language import N_, Texts
from domain.model.character import (
    AFTER_HISTORY_LIMIT,
    BIO_LIMIT,
    CONTEXT_LIMIT,
    EXAMPLE_LIMIT,
    EXAMPLES_LIMIT,
    GREETING_LIMIT,
    INTERESTS_LIMIT,
    NAME_LIMIT,
    NICKNAME_LIMIT,
    NOTES_LIMIT,
    OTHER_GREETINGS_LIMIT,
    PERSONALITY_LIMIT,
    SCENARIO_LIMIT,
    TEASER_LIMIT,
    Character,
)
from domain.model.interest import INTEREST_LIMIT


class Kind(StrEnum):
    LINE = "line"
    TEXT = "text"
    TEXTS = "texts"
    WORDS = "words"
    CHOICE = "choice"
    PICTURE = "picture"
    INDEX = "index"
    """A number from 0 to below a maximum."""
    FRACTION = "fraction"
    COUNT = "count"
    SWITCH = "switch"


class Tab(StrEnum):
    """Tabs of the editor, in order; the first one holds everything that a character needs."""

    MAIN = "main"
    CHARACTER = "character"
    SPEECH = "speech"
    MODEL = "model"
    PUBLICATION = "publication"


@dataclass(frozen=True)
class CharacterField:
    """`name` is the column, `label` its name for people, in English. `limit` is the maximum length of a text, or of
    each of several; `most` is their maximum number.

    `is_secret`: shown to its author and admins only. `is_erased`: emptied in a character that stays only for the chats
    with it; secret fields always are. `has_macros`: macros are filled in (domain/characters/macros.py). `is_helped`:
    the model may write it (domain/characters/writing_prompt.py). `is_required`: it cannot be emptied.
    """

    name: str
    label: str
    kind: Kind
    tab: Tab
    limit: int = 0
    most: int = 0
    is_secret: bool = False
    is_erased: bool = False
    has_macros: bool = False
    is_helped: bool = False
    is_required: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "is_erased", self.is_erased or self.is_secret)

    @property
    def empty(self) -> Any:
        """Default value, while nobody has filled it in."""
        return Character.model_fields[self.name].get_default(call_default_factory=True)


def _told_to_the_model(
    name: str, label: str, kind: Kind, tab: Tab, limit: int, *, most: int = 0, is_required: bool = False
) -> CharacterField:
    return CharacterField(
        name, label, kind, tab, limit, most, is_secret=True, has_macros=True, is_helped=True, is_required=is_required
    )


FIELDS = (
    CharacterField("name", N_("Name"), Kind.LINE, Tab.MAIN, NAME_LIMIT, is_required=True),
    CharacterField("gender", N_("Gender"), Kind.CHOICE, Tab.MAIN, is_required=True),
    CharacterField("age_mark", N_("Age rating"), Kind.CHOICE, Tab.MAIN, is_required=True),
    CharacterField("picture_token", N_("Photo"), Kind.PICTURE, Tab.MAIN),
    CharacterField("portrait", N_("Portrait"), Kind.INDEX, Tab.MAIN, is_required=True),
    _told_to_the_model(
        "context", N_("Who this is (for the model)"), Kind.TEXT, Tab.MAIN, CONTEXT_LIMIT, is_required=True
    ),
    CharacterField("is_public", N_("Who can see it"), Kind.SWITCH, Tab.MAIN, is_required=True),
    CharacterField("nickname", N_("Called in conversation"), Kind.LINE, Tab.CHARACTER, NICKNAME_LIMIT, is_erased=True),
    _told_to_the_model("personality", N_("Traits"), Kind.TEXT, Tab.CHARACTER, PERSONALITY_LIMIT),
    _told_to_the_model("scenario", N_("Scenario"), Kind.TEXT, Tab.CHARACTER, SCENARIO_LIMIT),
    CharacterField(
        "greeting",
        N_("Greeting"),
        Kind.TEXT,
        Tab.SPEECH,
        GREETING_LIMIT,
        is_erased=True,
        has_macros=True,
        is_helped=True,
    ),
    CharacterField(
        "other_greetings",
        N_("Alternative greetings"),
        Kind.TEXTS,
        Tab.SPEECH,
        GREETING_LIMIT,
        OTHER_GREETINGS_LIMIT,
        is_erased=True,
        has_macros=True,
        is_helped=True,
    ),
    _told_to_the_model("examples", N_("Example dialogues"), Kind.TEXTS, Tab.SPEECH, EXAMPLE_LIMIT, most=EXAMPLES_LIMIT),
    _told_to_the_model("after_history", N_("Final instruction"), Kind.TEXT, Tab.MODEL, AFTER_HISTORY_LIMIT),
    CharacterField("temperature", N_("Creativity"), Kind.FRACTION, Tab.MODEL, is_secret=True),
    CharacterField("reply_tokens", N_("Reply length"), Kind.COUNT, Tab.MODEL, is_secret=True),
    CharacterField("teaser", N_("Tagline"), Kind.LINE, Tab.PUBLICATION, TEASER_LIMIT, is_erased=True, is_helped=True),
    CharacterField(
        "interests",
        N_("Interests"),
        Kind.WORDS,
        Tab.PUBLICATION,
        INTEREST_LIMIT,
        INTERESTS_LIMIT,
        is_erased=True,
    ),
    CharacterField(
        "bio",
        N_("About the character"),
        Kind.TEXT,
        Tab.PUBLICATION,
        BIO_LIMIT,
        is_erased=True,
        has_macros=True,
        is_helped=True,
    ),
    CharacterField("language", N_("Card language"), Kind.CHOICE, Tab.PUBLICATION),
    CharacterField(
        "notes", N_("Author's notes"), Kind.TEXT, Tab.PUBLICATION, NOTES_LIMIT, is_erased=True, is_helped=True
    ),
)
"""In the order in which the editor shows them, and their errors."""
BY_NAME = {field.name: field for field in FIELDS}
EDITABLE = tuple(BY_NAME)
"""Fields that the owner may change; whatever else a form or body holds is ignored."""
SECRETS = tuple(field.name for field in FIELDS if field.is_secret)
ERASED = {field.name: field.empty for field in FIELDS if field.is_erased}
"""Fields emptied in a character that stays only so that others' dialogs can be read, with their empty values."""


def field_labels(_: Texts) -> dict[str, str]:
    """Label of each field, in the reader's language."""
    return {field.name: _(field.label) for field in FIELDS}


def limit_of(field: str) -> int:
    """Maximum length of a text; one of several is named by its index, `examples.0`."""
    return BY_NAME[field.partition(".")[0]].limit


def of_kind(*kinds: Kind) -> tuple[CharacterField, ...]:
    return tuple(field for field in FIELDS if field.kind in kinds)

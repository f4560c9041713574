"""Character: the persona a user talks with, its settings and flags; and the uploaded pictures."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Column, Index, Text, UniqueConstraint, false
from sqlalchemy import text as sql
from sqlmodel import Field, col, update
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.clock import now
from domain.model.user import User
from storage.columns import choice, in_code_point_order
from storage.tables import NO_ID_REUSE, Table

NAME_LIMIT = 64
NICKNAME_LIMIT = 64
TEASER_LIMIT = 120
BIO_LIMIT = 2_000
GREETING_LIMIT = 4_000
OTHER_GREETINGS_LIMIT = 20
CONTEXT_LIMIT = 16_000
PERSONALITY_LIMIT = 1_000
SCENARIO_LIMIT = 4_000
EXAMPLE_LIMIT = 2_000
EXAMPLES_LIMIT = 20
AFTER_HISTORY_LIMIT = 2_000
SHORTEST_REPLY, LONGEST_REPLY = 50, 8_000
"""Range of the reply limit, in tokens, that an author may set; the server's own limit still applies."""
NOTES_LIMIT = 4_000
SLUG_LIMIT = 32
LANGUAGE_LIMIT = 8
PORTRAITS = 8
"""Number of generated portraits to choose from."""
INTERESTS_LIMIT = 20
OPEN = "is_public AND NOT is_blocked AND NOT is_hidden AND deleted_at IS NULL"
"""Publicly listed, unless its author is blocked or hidden; duplicated in domain/characters/visibility.py."""
FIRST_SCORE = 6.0
"""The score of a character without votes, which places it among the rated ones."""


class Gender(StrEnum):
    FEMALE = "female"
    MALE = "male"
    OTHER = "other"


class AgeMark(StrEnum):
    """Age rating under Russian law (436-FZ)."""

    ANY = "0+"
    SIX = "6+"
    TWELVE = "12+"
    SIXTEEN = "16+"
    ADULT = "18+"


def _where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": sql(condition), "postgresql_where": sql(condition)}


def _listed_by(column: str) -> Index:
    """A covering index for a sort order of the gallery: it includes what the filters look at, so they need not read the
    rows.
    """
    looked_at = dict.fromkeys((column, "id", "gender", "age_mark", "owner_id", "language"))
    return Index(f"ix_character_listed_by_{column}", *looked_at, **_where(OPEN))


class Character(Table, table=True):
    id: int = Field(default=None, primary_key=True)
    owner_id: int = Field(foreign_key="user.id", ondelete="CASCADE", index=True)
    name: str = Field(max_length=NAME_LIMIT)
    nickname: str = Field(default="", max_length=NICKNAME_LIMIT, sa_column_kwargs={"server_default": ""})
    """Its name in a conversation, `{{char}}`, if that differs from `name` (domain/characters/macros.py)."""
    gender: Gender = Field(sa_type=choice(Gender))
    age_mark: AgeMark = Field(default=AgeMark.TWELVE, sa_type=choice(AgeMark))
    teaser: str = Field(default="", max_length=TEASER_LIMIT)
    bio: str = Field(default="", sa_type=Text)
    greeting: str = Field(default="", sa_type=Text)
    other_greetings: list[str] = Field(
        default_factory=list, sa_column=Column(JSON, nullable=False, server_default="[]")
    )
    """Alternative greetings, in order; like interests, replaced as a whole."""
    context: str = Field(default="", sa_type=Text)
    """The character's description, for the model only: a secret of the owner."""
    personality: str = Field(default="", sa_type=Text, sa_column_kwargs={"server_default": ""})
    scenario: str = Field(default="", sa_type=Text, sa_column_kwargs={"server_default": ""})
    """The scenario: where and how the two meet; like `personality` and `examples` for the model only."""
    examples: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False, server_default="[]"))
    """Example dialogs that show how it speaks, lines beginning with `{{user}}:` and `{{char}}:`."""
    after_history: str = Field(default="", sa_type=Text, sa_column_kwargs={"server_default": ""})
    """The final instruction that the model gets after the conversation."""
    temperature: float | None = None
    """From 0 to 1; None: the default of the settings. A choice made for a dialog overrides it."""
    reply_tokens: int | None = None
    """Maximum tokens of a reply; None: the default of the settings."""
    notes: str = Field(default="", sa_type=Text, sa_column_kwargs={"server_default": ""})
    """The author's notes for users; the model never reads them."""
    interests: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    """Replaced as a whole: a change inside the list would not be saved. Duplicated as rows in
    domain/characters/interests.py.
    """
    picture_token: str | None = Field(default=None, foreign_key="picture.token", max_length=64)
    portrait: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    """The generated portrait shown in place of a missing photo, 0 to `PORTRAITS` - 1."""
    starter: str = Field(default="", max_length=SLUG_LIMIT, sa_column_kwargs={"server_default": ""})
    """Slug of a starter character (domain/characters/starter_characters.py); "" for one made by a person. It is no
    field of the form, so a copy is not a starter character.
    """
    language: str = Field(default="", max_length=LANGUAGE_LIMIT, index=True, sa_column_kwargs={"server_default": ""})
    """Chosen by its author, else detected in the texts (domain/characters/card_language.py); "": no letters."""
    is_public: bool = True
    is_hidden: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    """Set by an admin: not listed for other people, but anybody with its link can talk with it."""
    is_to_mend: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    """Set by an admin: hidden until its author has corrected what is at fault (domain/moderation/measure.py)."""
    is_blocked: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    """Set by an admin: in no list; its owner and those who talked with it can still see it but not continue."""
    created_at: datetime = Field(default_factory=now, index=True)
    updated_at: datetime = Field(default_factory=now)
    name_key: str = Field(default="", sa_type=in_code_point_order(NAME_LIMIT), sa_column_kwargs={"server_default": ""})
    """Sort key of the name; "": not indexed yet (domain/characters/search_index.py)."""
    talks: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    """Number of dialogs begun with it."""
    talkers: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    """Number of users who talked with it within a week, as last counted (domain/characters/popularity.py)."""
    votes_sum: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    votes_count: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    score: float = Field(default=FIRST_SCORE, sa_column_kwargs={"server_default": str(FIRST_SCORE)})
    """Sort key of the rating: a mean that a few votes change little (domain/characters/votes.py)."""
    deleted_at: datetime | None = None
    """Soft delete: in no list, but others' dialogs with it stay readable."""
    deleted_by_id: int | None = None
    """The user who deleted it, which decides who may undo that (domain/characters/duplicate_restore.py). No foreign
    key: a deleted account undoes nothing, and ids are not reused.
    """

    __table_args__ = (
        UniqueConstraint("picture_token"),
        _listed_by("talkers"),
        _listed_by("score"),
        _listed_by("name_key"),
        _listed_by("id"),
        Index("ix_character_not_findable", "id", **_where("name_key = ''")),
        NO_ID_REUSE,
    )

    @property
    def called(self) -> str:
        """Its name in a conversation."""
        return self.nickname or self.name

    def may_be_seen_by(self, viewer: User | None) -> bool:
        """Permission to see it: public ones for everybody, private and blocked ones for their owner and admins, deleted
        ones for nobody.
        """
        is_open = self.is_public and not self.is_blocked
        return self.deleted_at is None and (is_open or self.may_be_changed_by(viewer))

    def may_be_changed_by(self, viewer: User | None) -> bool:
        """Permission to edit it: its owner and admins, who read its secrets too."""
        return viewer is not None and (viewer.is_admin or self.owner_id == viewer.id)

    def is_for(self, viewer: User | None) -> bool:
        """Whether its age mark lets them see it: 18+ is for adults who turned it on, its owner and admins."""
        is_shown = viewer is not None and viewer.sees_adult
        return self.age_mark is not AgeMark.ADULT or is_shown or self.may_be_changed_by(viewer)


async def count_talk(db: AsyncSession, character_id: int) -> None:
    """Count one more chat begun with it."""
    more = {"talks": Character.talks + 1}
    await db.exec(update(Character).where(col(Character.id) == character_id).values(more))

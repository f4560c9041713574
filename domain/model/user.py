"""User: an account, its profile and its admin and moderation flags."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import JSON, Column, ColumnElement, Index, Text, and_, false, true
from sqlalchemy import text as sql
from sqlmodel import Field, col

from domain.clock import now
from domain.email_address import EMAIL_LIMIT
from domain.errors import NotFound
from storage.columns import choice
from storage.tables import NO_ID_REUSE, Table

USERNAME_LIMIT = 32
DISPLAY_NAME_LIMIT = 64
ABOUT_LIMIT = 1_000
PERSON_INTERESTS_LIMIT = 10
ZONE_LIMIT = 64
GROWN_UP = 18
SYSTEM_EMAIL = "beseda@system.invalid"
"""Address of the account that owns the starter characters; nobody can log in to it, no list or sum includes it."""
THEMES = ("auto", "light", "dark")  # auto follows the system
TEXT_SIZES = ("small", "normal", "large", "larger")
UNDER_MEASURE = "is_blocked OR is_hidden OR is_read_only"


class PersonGender(StrEnum):
    """Grammatical gender as the user states it, so that forms agree; leaving it unsaid is fine."""

    UNSAID = ""
    FEMALE = "female"
    MALE = "male"


class FormOfAddress(StrEnum):
    """Form in which characters address the person: «ты» or «Вы»."""

    UNSAID = ""
    INFORMAL = "ты"
    FORMAL = "вы"


class User(Table, table=True):
    id: int = Field(default=None, primary_key=True)
    """Assigned by the database; None only before that, which no reader ever sees. The same holds for all tables."""
    email: str | None = Field(default=None, max_length=EMAIL_LIMIT)
    """As typed, for sending mail; verified by its owner. None: the account came by a provider without an address."""
    email_key: str | None = Field(default=None, max_length=EMAIL_LIMIT, unique=True)
    """The comparison key; domain/email_address.py defines which addresses are the same."""
    username: str | None = Field(default=None, max_length=USERNAME_LIMIT)
    username_key: str | None = Field(default=None, max_length=USERNAME_LIMIT, unique=True)
    display_name: str = Field(max_length=DISPLAY_NAME_LIMIT)
    password_hash: str | None = Field(default=None, max_length=255)
    """None: no log-in by password, since the account came by a provider or is the system's."""
    is_trial: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    """A temporary account of somebody who talks before signing up (domain/trials.py): no address, one session."""
    is_admin: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    is_blocked: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    """This and the next three are derived from the measures in force (domain/moderation/measures.py)."""
    is_hidden: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    """Their characters are not listed for others."""
    is_read_only: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    read_only_until: datetime | None = None
    """None while `is_read_only`: permanently."""
    language: str = Field(default="ru", max_length=8)
    about: str = Field(default="", sa_type=Text, sa_column_kwargs={"server_default": ""})
    """The user's words about themselves, which the models behind the characters they talk with read."""
    gender: PersonGender = Field(
        default=PersonGender.UNSAID, sa_type=choice(PersonGender), sa_column_kwargs={"server_default": ""}
    )
    form_of_address: FormOfAddress = Field(
        default=FormOfAddress.UNSAID, sa_type=choice(FormOfAddress), sa_column_kwargs={"server_default": ""}
    )
    birth_year: int | None = None
    interests: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False, server_default="[]"))
    """Topics that they like to talk about; replaced as a whole."""
    shows_backgrounds: bool = Field(default=True, sa_column_kwargs={"server_default": true()})
    """Whether chats show the background that a character's card brought."""
    zone: str = Field(default="", max_length=ZONE_LIMIT, sa_column_kwargs={"server_default": ""})
    """Name of the time zone of the browser in which they talked last; "": unknown."""
    shows_adult: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    """Whether they turned on characters marked 18+, which has an effect only together with `birth_year`."""
    theme: str = Field(default="", max_length=8, sa_column_kwargs={"server_default": ""})
    """One of `THEMES`; "": not chosen since they signed up, so each browser keeps its own."""
    text_size: str = Field(default="", max_length=8, sa_column_kwargs={"server_default": ""})
    """One of `TEXT_SIZES`; "" as above."""
    picture_token: str | None = Field(default=None, max_length=64)
    """The token of the avatar's files (storage/files.py). No foreign key: a picture already refers to its owner."""
    daily_tokens: int | None = None
    """An individual daily token budget (domain/usage/budget.py); 0: unlimited, None: the default of the settings."""
    used_before: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    """Tokens used until `used_before_until`, on the same day, by an account of theirs that they deleted."""
    used_before_until: datetime | None = None
    created_at: datetime = Field(default_factory=now, index=True)
    deleted_at: datetime | None = None
    """The account was deleted: the row keeps nothing personal, only what others' dialogs refer to."""

    __table_args__ = (
        # Partial indexes for rare flags: a search for them must not scan every user.
        Index("ix_user_admins", "id", sqlite_where=sql("is_admin"), postgresql_where=sql("is_admin")),
        Index("ix_user_trials", "created_at", sqlite_where=sql("is_trial"), postgresql_where=sql("is_trial")),
        Index("ix_user_under_measure", "id", sqlite_where=sql(UNDER_MEASURE), postgresql_where=sql(UNDER_MEASURE)),
        NO_ID_REUSE,
    )

    @property
    def sees_adult(self) -> bool:
        """Whether characters marked 18+ are shown to them."""
        return self.shows_adult and is_surely_adult(self.birth_year)


def is_surely_adult(birth_year: int | None) -> bool:
    """Whether somebody born in that year is 18 by now, whatever day it was."""
    return birth_year is not None and now().year - birth_year > GROWN_UP


def has_account() -> ColumnElement[bool]:
    """Condition: the user has signed up and is still there; neither a trial nor the system."""
    return and_(col(User.deleted_at).is_(None), ~col(User.is_trial), col(User.email_key).is_distinct_from(SYSTEM_EMAIL))


def existing(user: User | None) -> User:
    """The user, if the account still exists; raises `NotFound`."""
    if user is None or user.deleted_at is not None:
        raise NotFound("No such user.")
    return user


def names_of(user: User) -> tuple[str, ...]:
    """Names by which somebody would recognise the user: the audit log keeps none of them."""
    return user.display_name, user.username or ""

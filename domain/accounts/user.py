"""The noun User: somebody with an account."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index, Text, false
from sqlalchemy import text as sql
from sqlmodel import Field

from domain.moments import now
from storage.columns import choice
from storage.tables import NEVER_AGAIN, Table

EMAIL_LIMIT = 254
USERNAME_LIMIT = 32
DISPLAY_NAME_LIMIT = 64
ABOUT_LIMIT = 1_000


class PersonGender(StrEnum):
    """As the person says, so that forms agree; unsaid is as good as any."""

    UNSAID = ""
    FEMALE = "female"
    MALE = "male"


class FormOfAddress(StrEnum):
    """How characters address the person: «ты» or «Вы»."""

    UNSAID = ""
    INFORMAL = "ты"
    FORMAL = "вы"


class User(Table, table=True):
    id: int = Field(default=None, primary_key=True)
    """Given by the database; None only before that, which no reader ever sees. So in all tables."""
    email: str | None = Field(default=None, max_length=EMAIL_LIMIT)
    """As typed, for writing to; its owner has shown that letters arrive there. None: came by a provider without one."""
    email_key: str | None = Field(default=None, max_length=EMAIL_LIMIT, unique=True)
    """As compared: NFKC, case folded (domain/accounts/names.py)."""
    username: str | None = Field(default=None, max_length=USERNAME_LIMIT)
    username_key: str | None = Field(default=None, max_length=USERNAME_LIMIT, unique=True)
    display_name: str = Field(max_length=DISPLAY_NAME_LIMIT)
    password_hash: str | None = Field(default=None, max_length=255)
    """None: this account cannot log in by password (it came by a provider, or is the system's)."""
    is_admin: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    is_blocked: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    language: str = Field(default="ru", max_length=8)
    about: str = Field(default="", sa_type=Text, sa_column_kwargs={"server_default": ""})
    """What the person tells of themselves; their characters' models read it."""
    gender: PersonGender = Field(
        default=PersonGender.UNSAID, sa_type=choice(PersonGender), sa_column_kwargs={"server_default": ""}
    )
    form_of_address: FormOfAddress = Field(
        default=FormOfAddress.UNSAID, sa_type=choice(FormOfAddress), sa_column_kwargs={"server_default": ""}
    )
    picture_token: str | None = Field(default=None, max_length=64)
    """The avatar's files (storage/files.py). No foreign key: a picture refers to its owner already."""
    created_at: datetime = Field(default_factory=now)
    deleted_at: datetime | None = None
    """The account was deleted: nothing personal is left in this row, only what others' dialogs refer to."""

    __table_args__ = (
        Index("ix_user_blocked", "id", sqlite_where=sql("is_blocked"), postgresql_where=sql("is_blocked")),
        NEVER_AGAIN,
    )

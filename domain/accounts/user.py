"""The noun User: somebody with an account."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index, Text, false
from sqlalchemy import text as sql
from sqlmodel import Field

from domain.clock import now
from domain.errors import NotFound
from storage.columns import choice
from storage.tables import NEVER_AGAIN, Table

EMAIL_LIMIT = 254
USERNAME_LIMIT = 32
DISPLAY_NAME_LIMIT = 64
ABOUT_LIMIT = 1_000
UNDER_MEASURE = "is_blocked OR is_hidden OR is_read_only"


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
    """This and the next three follow from the measures in force (domain/admin/measures.py)."""
    is_hidden: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    """Their characters are in no list of strangers."""
    is_read_only: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    read_only_until: datetime | None = None
    """None while `is_read_only`: for good."""
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
    daily_tokens: int | None = None
    """A budget of their own (domain/chat/budget.py); 0: without limit, None: that of the settings."""
    used_before: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    """Tokens of the day until `used_before_until` that an account of theirs had used which they deleted."""
    used_before_until: datetime | None = None
    created_at: datetime = Field(default_factory=now, index=True)
    deleted_at: datetime | None = None
    """The account was deleted: nothing personal is left in this row, only what others' dialogs refer to."""

    __table_args__ = (
        # The few among the many: whoever looks for them must not look at everybody.
        Index("ix_user_admins", "id", sqlite_where=sql("is_admin"), postgresql_where=sql("is_admin")),
        Index("ix_user_under_measure", "id", sqlite_where=sql(UNDER_MEASURE), postgresql_where=sql(UNDER_MEASURE)),
        NEVER_AGAIN,
    )


def living(user: User | None) -> User:
    """Whoever was found, unless there is no account any more; raises `NotFound`."""
    if user is None or user.deleted_at is not None:
        raise NotFound("There is no such person.")
    return user

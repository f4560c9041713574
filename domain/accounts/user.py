"""The noun User: somebody with an account."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import false
from sqlmodel import Field

from domain.moments import now
from storage.tables import NEVER_AGAIN, Table

EMAIL_LIMIT = 254
USERNAME_LIMIT = 32
DISPLAY_NAME_LIMIT = 64


class User(Table, table=True):
    id: int = Field(default=None, primary_key=True)
    """Given by the database; None only before that, which no reader ever sees. So in all tables."""
    email: str = Field(max_length=EMAIL_LIMIT)
    """As typed, for writing to."""
    email_key: str = Field(max_length=EMAIL_LIMIT, unique=True)
    """As compared: NFKC, case folded (domain/accounts/names.py)."""
    username: str | None = Field(default=None, max_length=USERNAME_LIMIT)
    username_key: str | None = Field(default=None, max_length=USERNAME_LIMIT, unique=True)
    display_name: str = Field(max_length=DISPLAY_NAME_LIMIT)
    password_hash: str | None = Field(default=None, max_length=255)
    """None: this account cannot log in by password (the system account)."""
    is_admin: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    is_blocked: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    language: str = Field(default="ru", max_length=8)
    created_at: datetime = Field(default_factory=now)

    __table_args__ = NEVER_AGAIN

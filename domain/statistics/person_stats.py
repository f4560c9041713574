"""User statistics (a denormalised table): one row per user, by which the admins' list sorts and filters. Computed by
domain/statistics/roll_up.py within a minute of a change; what must be current (role, state) is read from the user.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index, String
from sqlalchemy import text as sql
from sqlmodel import Field

from domain.email_address import EMAIL_LIMIT
from domain.model.user import DISPLAY_NAME_LIMIT, USERNAME_LIMIT
from domain.usage.usage import EPOCH
from storage.tables import Table


def _key(length: int) -> Any:
    """Text collated by code points on both databases, so that a prefix is one range."""
    return String(length).with_variant(String(length, collation="C"), "postgresql")


class UserStats(Table, table=True):
    __tablename__ = "standing"

    user_id: int = Field(
        primary_key=True, foreign_key="user.id", ondelete="CASCADE", sa_column_kwargs={"autoincrement": False}
    )
    name_key: str = Field(default="", sa_type=_key(DISPLAY_NAME_LIMIT))
    """Sort and search key of the name (storage/text_search.py)."""
    username_key: str = Field(default="", sa_type=_key(USERNAME_LIMIT))
    email_key: str = Field(default="", sa_type=_key(EMAIL_LIMIT))
    registered_at: datetime
    seen_at: datetime = EPOCH
    """Time at which any of their sessions was last used; `EPOCH` if none is left."""
    dialogs: int = 0
    messages: int = 0
    tokens: int = Field(default=0, sa_type=BigInteger)
    """Tokens of the last 30 days; `cost` is for the same time, in millionths of a rouble."""
    cost: int = Field(default=0, sa_type=BigInteger)
    reports: int = 0
    """Number of reports about their characters."""

    __table_args__ = (
        Index("ix_standing_name_key_user_id", "name_key", "user_id"),
        Index("ix_standing_username_key", "username_key"),
        Index("ix_standing_email_key", "email_key"),
        Index("ix_standing_registered_at_user_id", "registered_at", "user_id"),
        Index("ix_standing_seen_at_user_id", "seen_at", "user_id"),
        Index("ix_standing_dialogs_user_id", "dialogs", "user_id"),
        Index("ix_standing_messages_user_id", "messages", "user_id"),
        Index("ix_standing_cost_user_id", "cost", "user_id"),
        Index("ix_standing_reports_user_id", "reports", "user_id"),
        Index("ix_standing_reported", "user_id", sqlite_where=sql("reports > 0"), postgresql_where=sql("reports > 0")),
    )

"""Links and codes sent by letter. Only hashes are kept; an address has one link at most: a new one cancels the old."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from sqlmodel import Field

from domain.accounts.user import EMAIL_LIMIT
from domain.moments import now
from storage.tables import Table

LINK_LIFE = timedelta(minutes=30)
CODE_TRIES = 5


class SignUpLink(Table, table=True):
    __tablename__ = "sign_up_link"

    id: int = Field(default=None, primary_key=True)
    email: str = Field(max_length=EMAIL_LIMIT)
    email_key: str = Field(max_length=EMAIL_LIMIT, unique=True)
    token_hash: str = Field(max_length=64, unique=True)
    code_hash: str = Field(max_length=64)
    wrong_codes: int = 0
    language: str = Field(max_length=8)
    created_at: datetime = Field(default_factory=now)
    expires_at: datetime

    def is_alive(self) -> bool:
        return self.expires_at > now()

    def takes_codes(self) -> bool:
        return self.is_alive() and self.wrong_codes < CODE_TRIES


def new_code() -> str:
    """Six digits, easily read from one screen and typed on another."""
    return f"{secrets.randbelow(1_000_000):06}"

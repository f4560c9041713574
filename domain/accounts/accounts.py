"""What every way in ends with, and the little that is changed about an account from outside its profile."""

from __future__ import annotations

from collections.abc import Collection

from sqlmodel import col, select

from domain.accounts.admins import make_admin_if_listed, note_admin
from domain.accounts.names import email_key
from domain.accounts.sessions import SESSION_LIFE, Caller, LoginSession, hash_of, new_token, require_even_blocked
from domain.accounts.user import User
from domain.errors import NotFound
from domain.language import LANGUAGES
from domain.moments import now
from storage.database import CHANGING, Database


class Accounts:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def enter(self, ticket: str) -> str:
        """Change a ticket for the lasting token of its session, once."""
        token = new_token()
        async with self._database.write() as db:
            found = await db.exec(
                select(LoginSession)
                .where(LoginSession.token_hash == hash_of(ticket), col(LoginSession.entered_at).is_(None))
                .with_for_update()
            )
            session = found.first()
            if session is None or session.expires_at <= now():
                raise NotFound("This took too long. Please log in again.")
            session.token_hash = hash_of(token)
            session.entered_at = now()
            session.expires_at = now() + SESSION_LIFE
        return token

    async def choose_language(self, caller: Caller, language: str) -> None:
        async with self._database.write() as db:
            user = await require_even_blocked(db, caller)
            if language in LANGUAGES:
                user.language = language

    async def set_admin(self, email: str, *, is_admin: bool) -> None:
        """Grant or revoke the right to administer; for the command line, which needs no caller."""
        async with self._database.write() as db:
            user = (await db.exec(select(User).where(User.email_key == email_key(email)))).first()
            if user is None:
                raise NotFound("Nobody has signed up with {email}.", email=email)
            if user.is_admin != is_admin:
                user.is_admin = is_admin
                note_admin(db, user)

    async def settle_admins(self, emails: Collection[str]) -> None:
        """Give the right to everybody here who has one of these addresses."""
        keys = [email_key(each) for each in emails]
        async with self._database.write() as db:
            listed = select(User).where(col(User.email_key).in_(keys), col(User.is_admin).is_(False))
            for user in await db.exec(listed.with_for_update(**CHANGING)):
                make_admin_if_listed(db, user, emails)

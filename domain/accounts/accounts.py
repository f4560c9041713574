"""Session activation and admin rights: the last step of every log-in, and the few changes to an account that are made
outside its profile.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlmodel import col, select

from domain.accounts.admins import make_admin_if_listed, record_admin_change
from domain.accounts.known_browsers import remember_browser
from domain.accounts.sessions import (
    LONGEST_TOKEN,
    SESSION_LIFE,
    TRIAL_LIFE,
    Caller,
    LoginSession,
    authenticate_even_blocked,
    hash_of,
    new_token,
)
from domain.accounts.trial_takeover import living_trial, take_over
from domain.clock import now
from domain.email_address import email_key, well_formed_email
from domain.errors import NotFound
from domain.language import LANGUAGES
from domain.model.user import TEXT_SIZES, THEMES, User
from storage.bus import Bus
from storage.database import LOCK_FOR_REFERENCE, LOCK_FOR_UPDATE, Database


class Accounts:
    def __init__(self, database: Database, bus: Bus) -> None:
        self._database = database
        self._bus = bus

    async def activate_session(self, ticket: str, trial: Caller | None = None) -> str:
        """Exchange a one-time ticket for the lasting token of its session. The browser counts as known from now on.

        What somebody said before they logged in becomes theirs: in this browser (`trial` is its session until now), or
        in the one where they asked for the link that the ticket came by.
        """
        if len(ticket) > LONGEST_TOKEN:
            raise _too_late()
        token = new_token()
        waiting = LoginSession.token_hash == hash_of(ticket), col(LoginSession.entered_at).is_(None)
        owner = select(User).join(LoginSession, col(LoginSession.user_id) == col(User.id)).where(*waiting)
        async with self._database.read() as db:  # a write would lock its row, and two at once would deadlock
            trial_id = await living_trial(db, trial)
        async with self._database.write() as db:
            user = (
                await db.exec(owner.with_for_update(**LOCK_FOR_REFERENCE, of=User))
            ).first()  # before the session: the lock order of deletion
            session = (await db.exec(select(LoginSession).where(*waiting).with_for_update())).first()
            if user is None or session is None or session.expires_at <= now():
                raise _too_late()
            trials = sorted({each for each in (session.trial_id, trial_id) if each is not None})
            ended = [fact for each in trials for fact in await take_over(db, each, user)]
            if session.browser_hash:
                await remember_browser(db, session.user_id, session.browser_hash)
            session.token_hash = hash_of(token)
            session.entered_at = now()
            session.expires_at = now() + (TRIAL_LIFE if user.is_trial else SESSION_LIFE)
        for fact in ended:
            self._bus.publish(fact)
        return token

    async def choose_appearance(
        self,
        caller: Caller,
        *,
        language: str = "",
        theme: str = "",
        text_size: str = "",
        shows_backgrounds: bool | None = None,
    ) -> None:
        """Store the person's language and appearance for all their devices; unknown or empty values change nothing."""
        async with self._database.write() as db:
            user = await authenticate_even_blocked(db, caller)
            if language in LANGUAGES:
                user.language = language
            if theme in THEMES:
                user.theme = theme
            if text_size in TEXT_SIZES:
                user.text_size = text_size
            if shows_backgrounds is not None:
                user.shows_backgrounds = shows_backgrounds

    async def set_admin(self, email: str, *, is_admin: bool) -> None:
        """Grant or revoke the admin role and record it in the audit log; for the command line, which needs no caller.

        The address must match exactly: raises `NotFound` even if an account has it in another case.
        """
        key, email = email_key(email), well_formed_email(email)
        async with self._database.write() as db:
            user = (await db.exec(select(User).where(User.email_key == key))).first()
            if user is None:
                raise NotFound("There is no account with {email}.", email=email)
            if user.email != email:
                raise NotFound("There is no account with {email}. Did you mean {other}?", email=email, other=user.email)
            if user.is_admin != is_admin:
                user.is_admin = is_admin
                record_admin_change(db, user)

    async def grant_admins(self, emails: Collection[str]) -> None:
        """Grant the admin role to every existing account with one of these addresses."""
        keys = [email_key(each) for each in emails]
        async with self._database.write() as db:
            listed = select(User).where(col(User.email_key).in_(keys), col(User.is_admin).is_(False))
            for user in await db.exec(listed.with_for_update(**LOCK_FOR_UPDATE)):
                make_admin_if_listed(db, user, emails)


def _too_late() -> NotFound:
    return NotFound("That took too long. Please log in again.")

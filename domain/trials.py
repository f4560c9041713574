"""Trials: talking before signing up, in a temporary account that is swept a day later unless somebody takes it over.

Such an account may talk with public characters, up to a number of messages in all, and do nothing else: `authenticate`
refuses it everywhere but where a use case says `trial_too`.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.accounts.mailed_links import LINK_LIFE
from domain.accounts.sessions import TRIAL_LIFE, Caller, authenticate, authorize_writer, open_trial_session
from domain.accounts.trial_takeover import living_trial
from domain.background.periodic import NOT_AT_ONCE, PeriodicTask
from domain.characters.visibility import get_visible
from domain.chat.chat import open_dialog
from domain.chat.replies.trial_limit import is_trial_over
from domain.clock import now
from domain.erasure import erase_dialogs
from domain.errors import NeedsAccount
from domain.instances.claims import Claim
from domain.language import Texts
from domain.model.character import Character
from domain.model.dialog import Dialog
from domain.model.user import User
from domain.rate_limits import CHATS, TRIALS_FROM_IP, TRIALS_IN_ALL, RateLimiter
from storage.columns import clamp_id
from storage.database import Database

log = logging.getLogger(__name__)

SWEEPS_EVERY = 600  # seconds
KEPT = TRIAL_LIFE + LINK_LIFE
"""Age at which a trial is erased: a link requested at the last moment still finds the account it takes over."""
AT_ONCE = 50
"""Maximum accounts swept per transaction."""


@dataclass(frozen=True)
class Begun:
    """A conversation to go on to. `ticket` is for the browser to exchange for a session; None: it has one."""

    dialog_id: int
    ticket: str | None


class Trials:
    """`messages` is the number that somebody may send before signing up; 0: there are no trials."""

    def __init__(self, database: Database, limits: RateLimiter, *, messages: int) -> None:
        self._database = database
        self._limits = limits
        self.messages = messages
        self._rounds = PeriodicTask(
            self.sweep,
            every=SWEEPS_EVERY,
            fault="Trials could not be swept",
            claim=Claim(database, "trials", SWEEPS_EVERY),
        )

    async def start(self) -> None:
        self._rounds.start(after=NOT_AT_ONCE)

    async def close(self) -> None:
        await self._rounds.close()

    async def begin(
        self, trial: Caller | None, character_id: int, *, language: str, ip: str, device: str = "", zone: str = ""
    ) -> Begun:
        """Begin to talk with the character, or go on with the conversation that there is already.

        A new temporary account takes from the rate limits of the IP address and of everybody. Raises `NeedsAccount` if
        there are no trials or this one is used up, `RateLimited`, and `NotFound` like every access to a character.
        """
        if not self.messages:
            raise NeedsAccount
        async with self._database.read() as db:
            trial_id = await living_trial(db, trial)
            trial_user = await db.get(User, trial_id) if trial_id else None
            await get_visible(db, trial_user, character_id)
        if trial is not None and trial_user is not None:
            return Begun(await self._go_on(trial, character_id, zone), None)
        await self._limits.take(TRIALS_FROM_IP, ip)
        await self._limits.take(TRIALS_IN_ALL, "")
        _ = Texts(language)
        async with self._database.write() as db:
            character = await get_visible(db, None, character_id)
            user = User(is_trial=True, display_name=_("Guest"), language=_.language)
            db.add(user)
            await db.flush()
            ticket = open_trial_session(db, user, device)
            return Begun((await open_dialog(db, user, character, zone)).id, ticket)

    async def _go_on(self, trial: Caller, character_id: int, zone: str) -> int:
        await self._limits.take(CHATS, trial.user_id)
        async with self._database.write() as db:
            user = await authorize_writer(db, trial, trial_too=True)
            character = await get_visible(db, user, character_id)
            own = select(Dialog.id).where(Dialog.user_id == user.id, Dialog.character_id == character.id)
            if (begun := (await db.exec(own.order_by(col(Dialog.id).desc()).limit(1))).first()) is not None:
                return begun
            if await is_trial_over(db, user, self.messages):
                raise NeedsAccount
            return (await open_dialog(db, user, character, zone)).id

    async def is_over(self, trial: Caller) -> bool:
        """Whether nothing more can be said before an account is asked for."""
        async with self._database.read() as db:
            user = await authenticate(db, trial, trial_too=True)
            return await is_trial_over(db, user, self.messages)

    async def character_of(self, trial: Caller | None, dialog_id: int) -> Character | None:
        """The character of a conversation in the caller's own trial; None if there is no such conversation."""
        async with self._database.read() as db:
            if (trial_id := await living_trial(db, trial)) is None:
                return None
            talked = select(Character).join(Dialog, col(Dialog.character_id) == col(Character.id))
            return (await db.exec(talked.where(Dialog.id == clamp_id(dialog_id), Dialog.user_id == trial_id))).first()

    async def sweep(self) -> None:
        """Erase the trials that nobody has taken over in time, and what is left of the others."""
        old = select(User.id).where(col(User.is_trial), User.created_at < now() - KEPT).limit(AT_ONCE)
        while True:
            async with self._database.write(patient=True) as db:
                doomed = list(await db.exec(old.order_by(col(User.id)).with_for_update()))
                for user_id in doomed:
                    await _erase(db, user_id)
            if doomed:
                log.info("%s trials have come to their end and are erased", len(doomed))
            if len(doomed) < AT_ONCE:
                return


async def _erase(db: AsyncSession, user_id: int) -> None:
    user = await db.get_one(User, user_id)
    await erase_dialogs(db, user)
    await db.delete(user)

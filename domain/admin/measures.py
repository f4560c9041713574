"""What an admin does: block people and characters, and let them go on."""

from __future__ import annotations

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.accounts.admins import is_last_admin
from domain.accounts.devices import SessionEnded, end_sessions
from domain.accounts.sessions import Caller, require_admin
from domain.accounts.user import User
from domain.characters.character import Character
from domain.chat.dialog import Dialog, Message, State
from domain.chat.turns import Turns
from domain.errors import NotAllowed, NotFound
from storage.bus import Bus
from storage.columns import known_id
from storage.database import Database


class Measures:
    """In each deed `blocked` says what is to be; None turns it round."""

    def __init__(self, database: Database, bus: Bus, turns: Turns) -> None:
        self._database = database
        self._bus = bus
        self._turns = turns

    async def block_user(self, caller: Caller, user_id: int, *, blocked: bool | None) -> bool:
        """Block or unblock somebody; returns what is now. A block ends their sessions and their running replies.

        The last admin who could undo it cannot be blocked: `NotAllowed`.
        """
        ended: list[SessionEnded] = []
        running: list[int] = []
        async with self._database.write() as db:
            user = await db.get(User, known_id(user_id))
            is_last = user is not None and await is_last_admin(db, user)  # locks: whoever asks is looked at after it
            await require_admin(db, caller)
            if user is None or user.deleted_at is not None:
                raise NotFound("There is no such person.")
            await db.refresh(user, with_for_update=True)
            user.is_blocked = not user.is_blocked if blocked is None else blocked
            if user.is_blocked:
                if is_last:
                    raise NotAllowed("The last admin cannot be blocked.")
                ended = await end_sessions(db, user.id)
                running = await _running_replies(db, user.id)
            now_blocked = user.is_blocked
        for fact in ended:
            self._bus.tell(fact)
        for reply_id in running:
            self._turns.stop(reply_id)
        return now_blocked

    async def block_character(self, caller: Caller, character_id: int, *, blocked: bool | None) -> bool:
        """Take a character out of the gallery or put it back; returns what is now."""
        async with self._database.write() as db:
            await require_admin(db, caller)
            character = await db.get(Character, known_id(character_id), with_for_update=True)
            if character is None or character.deleted_at is not None:
                raise NotFound("There is no such character, or it is private.")
            character.is_blocked = not character.is_blocked if blocked is None else blocked
            return character.is_blocked


async def _running_replies(db: AsyncSession, user_id: int) -> list[int]:
    found = await db.exec(
        select(Message.id)
        .join(Dialog, col(Dialog.id) == Message.dialog_id)
        .where(Dialog.user_id == user_id, Message.state == State.RUNNING)
    )
    return list(found)

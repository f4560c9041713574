"""Reply request: the checks (admission, idempotency) and the one transaction that every way to ask shares.

Send, ask by the API, regenerate, edit and continue differ only in what they look for and what they add:

    async with asking(database, bus, reply_writer, caller) as request:
        dialog = …                                   # what is theirs, locked; leaving here asks for nothing
        await request.append_question(dialog, …)     # admitted, then added
    # committed: told, and the reply is being written
"""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from sqlalchemy.exc import IntegrityError
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.accounts.sessions import Caller, authorize_writer
from domain.characters.characters import is_visible_to
from domain.chat.events import BranchChanged, MessageSent
from domain.chat.message_tree import add_below
from domain.chat.reply_row import LEASE
from domain.chat.reply_writer import ReplyWriter
from domain.clock import now
from domain.errors import Busy, Invalid, NotAllowed
from domain.llm.port import Role
from domain.model.character import Character
from domain.model.dialog import CLIENT_ID_LIMIT, MESSAGE_LIMIT, Dialog, Message, State
from domain.model.user import User
from domain.rate_limits import CHATS
from domain.text import cleaned, without_invisible
from storage.bus import Bus
from storage.database import Database, DatabaseUnavailable, violates

log = logging.getLogger(__name__)


class ReplyRequest:
    """A request for a reply while its transaction is open: one of the four methods adds what it is for, once."""

    def __init__(self, db: AsyncSession, person: User, reply_writer: ReplyWriter) -> None:
        self.db = db
        self.person = person
        self._reply_writer = reply_writer
        self.added: tuple[Message, MessageSent | BranchChanged] | None = None
        """The row of the reply, and what is told of it after the commit; None while there is nothing to write."""

    async def append_question(self, dialog: Dialog, text: str, client_id: str) -> Message:
        """Put the person's words at the end of the path; returns the row of the reply, as all four do."""
        await self._admit(dialog)
        message, reply = await self._add_question(dialog, dialog.leaf_id, text, client_id)
        self.added = reply, MessageSent(dialog.id, message.id, reply.id)
        return reply

    async def branch_question(self, dialog: Dialog, old: Message, text: str, client_id: str) -> Message:
        """Put the person's words beside those they said before."""
        await self._admit(dialog)
        _message, reply = await self._add_question(dialog, old.parent_id, text, client_id)
        self.added = reply, BranchChanged(dialog.id, reply.id, replying=True)
        return reply

    async def branch_reply(self, dialog: Dialog, parent_id: int) -> Message:
        """Another reply to the same words."""
        await self._admit(dialog)
        reply = await self._add_reply(dialog, parent_id)
        self.added = reply, BranchChanged(dialog.id, reply.id, replying=True)
        return reply

    async def resume_reply(self, dialog: Dialog, reply: Message) -> Message:
        """The same row, running again."""
        await self._admit(dialog)
        reply.state, reply.fault, reply.reference = State.RUNNING, "", ""
        dialog.spoken_at = now()
        reply.lease_until = dialog.spoken_at + LEASE
        self.added = reply, MessageSent(dialog.id, None, reply.id)
        return reply

    async def _admit(self, dialog: Dialog) -> None:
        await self._reply_writer.check_admission(self.db, self.person)
        character = await self.db.get_one(Character, dialog.character_id)
        if not await may_talk(self.db, self.person, character):
            raise NotAllowed("This character is gone. You can still read the chat.", field="text")
        await refuse_while_writing(self.db, dialog)

    async def _add_question(
        self, dialog: Dialog, parent_id: int | None, text: str, client_id: str
    ) -> tuple[Message, Message]:
        message = Message(dialog_id=dialog.id, parent_id=parent_id, role=Role.USER, text=text, client_id=client_id)
        await add_below(self.db, dialog, message)
        dialog.messages += 1
        return message, await self._add_reply(dialog, message.id)

    async def _add_reply(self, dialog: Dialog, parent_id: int) -> Message:
        reply = Message(
            dialog_id=dialog.id,
            parent_id=parent_id,
            role=Role.ASSISTANT,
            state=State.RUNNING,
            lease_until=now() + LEASE,
        )
        await add_below(self.db, dialog, reply)
        dialog.spoken_at = now()
        return reply


@asynccontextmanager
async def asking(
    database: Database,
    bus: Bus,
    reply_writer: ReplyWriter,
    caller: Caller,
    *,
    begins_dialog: bool = False,
    trial_too: bool = False,
) -> AsyncGenerator[ReplyRequest]:
    """Count the request, open its transaction, and once it is committed tell of the reply and start writing it.

    Raises `RateLimited`, what `authorize_writer` and `ReplyWriter.check_admission` raise, `NotAllowed` for a character
    that is gone, `Busy` while a reply is being written or nothing can be kept. Limits count before the transaction:
    they have their own. `trial_too`: for a reply of its own, which the limit of a trial counts.
    """
    await reply_writer.take_from_rate_limit(caller.user_id)
    if begins_dialog:
        await reply_writer.limits.take(CHATS, caller.user_id)
    try:
        async with database.write() as db:
            request = ReplyRequest(db, await authorize_writer(db, caller, trial_too=trial_too), reply_writer)
            yield request
    except (IntegrityError, DatabaseUnavailable) as error:
        raise _busy_or(error) from error
    if request.added:
        reply, event = request.added
        bus.publish(event)
        reply_writer.start(caller.user_id, reply.dialog_id, reply.id, reply.text)


def clean_message(text: str) -> str:
    """What the person wrote, without signs that cannot be seen; raises `Invalid` when nothing or too much is left."""
    kept = cleaned(text, MESSAGE_LIMIT, _without_invisible)
    if len(kept) > MESSAGE_LIMIT:
        raise Invalid("A message can be at most {limit} characters long.", field="text", limit=MESSAGE_LIMIT)
    if not kept.strip():
        raise Invalid("Nothing to send yet.", field="text")
    return kept.strip()


def _without_invisible(text: str) -> str:
    return without_invisible(text.replace("\r\n", "\n"), allowed="\n\t\u200d")


def check_client_id(client_id: str) -> None:
    if not 0 < len(client_id) <= CLIENT_ID_LIMIT or not client_id.isprintable():
        raise Invalid("This message arrived without an id. Please reload the page.", field="text")


async def is_sent_already(db: AsyncSession, dialog_id: int, client_id: str) -> bool:
    same = select(Message.id).where(Message.dialog_id == dialog_id, Message.client_id == client_id)
    return (await db.exec(same)).first() is not None


async def may_talk(db: AsyncSession, person: User, character: Character) -> bool:
    """Whether one may talk with it: a blocked character says nothing more, not even to its author."""
    return not character.is_blocked and character.is_for(person) and await is_visible_to(db, person, character)


async def refuse_while_writing(db: AsyncSession, dialog: Dialog) -> None:
    running = select(Message.id).where(Message.dialog_id == dialog.id, Message.state == State.RUNNING)
    if (await db.exec(running)).first() is not None:
        raise _still_writing()


def _still_writing() -> Busy:
    return Busy("One moment: the previous reply is still being written.", field="text")


def _busy_or(error: IntegrityError | DatabaseUnavailable) -> Exception:
    """A silent database, or the constraint of one running reply a dialog, in words; any other error as it is."""
    if isinstance(error, DatabaseUnavailable):
        log.warning("A message was refused, nothing could be kept: %s", error)
        return Busy("Couldn't save. Nothing was lost: try again in a moment.", field="text")
    if violates(error, "uq_message_running"):
        return _still_writing()
    return error

"""Reply request: the checks (admission, idempotency) and the one transaction that every way to ask shares.

Send, ask by the API, regenerate, edit and continue differ only in what they look for and what they add:

    async with asking(database, bus, reply_writer, caller) as request:
        dialog = …                                   # what is theirs, locked; leaving here asks for nothing
        await request.append_question(dialog, …)     # admitted, then added; nothing if it was sent before
    # committed: told, and the reply is being written
"""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import BindParameter, bindparam
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from domain.accounts.sessions import Caller, authorize_writer
from domain.characters.characters import AUTHOR, may_see
from domain.characters.reply_feedback import set_feedback
from domain.chat.replies.reply_row import LEASE
from domain.chat.replies.reply_writer import ReplyWriter
from domain.chat.tree.events import BranchChanged, MessageSent
from domain.chat.tree.message_tree import add_below
from domain.clock import now
from domain.errors import Busy, Invalid, NotAllowed
from domain.instances.leases import lease_for
from domain.llm.port import Role
from domain.memory.rewritten import forget_the_old_text
from domain.model.character import Character
from domain.model.dialog import CLIENT_ID_LIMIT, MESSAGE_LIMIT, Dialog, Message, State
from domain.model.user import User
from domain.rate_limits import CHATS
from domain.text import cleaned, without_invisible
from domain.usage.concurrent_replies import counting_running_replies
from storage.bus import Bus
from storage.database import LOCK_FOR_UPDATE, Database, DatabaseUnavailable, violates

log = logging.getLogger(__name__)


class ReplyRequest:
    """A request for a reply while its transaction is open: one of the four methods adds what it is for, once."""

    def __init__(self, db: AsyncSession, person: User, reply_writer: ReplyWriter) -> None:
        self.db = db
        self.person = person
        self._reply_writer = reply_writer
        self.added: tuple[Message, MessageSent | BranchChanged] | None = None
        """The row of the reply, and what is told of it after the commit; None while there is nothing to write."""

    async def append_question(self, dialog: Dialog, text: str, client_id: str) -> Message | None:
        """Put the person's words at the end of the path, unless they were sent before; returns the row of the reply."""
        if not await self._admit(dialog, client_id):
            return None
        message, reply = await self._add_question(dialog, dialog.leaf_id, text, client_id)
        self.added = reply, MessageSent(dialog.id, message.id, reply.id)
        return reply

    async def branch_question(self, dialog: Dialog, old: Message, text: str, client_id: str) -> None:
        """Put the person's words beside those they said before, unless these were sent before."""
        if await self._admit(dialog, client_id):
            _message, reply = await self._add_question(dialog, old.parent_id, text, client_id)
            self.added = reply, BranchChanged(dialog.id, reply.id, replying=True)

    async def branch_reply(self, dialog: Dialog, parent_id: int) -> None:
        """Another reply to the same words."""
        await self._admit(dialog)
        reply = _running_reply(dialog, parent_id)
        await self._add(dialog, reply)
        self.added = reply, BranchChanged(dialog.id, reply.id, replying=True)

    async def resume_reply(self, dialog: Dialog, reply: Message) -> None:
        """The same row, running again. It becomes another text: feedback, facts and chapters were of the one before."""
        await self._admit(dialog)
        await set_feedback(self.db, dialog, reply, None)
        await forget_the_old_text(self.db, reply)
        reply.state, reply.fault, reply.reference, reply.stop_asked = State.RUNNING, "", "", False
        dialog.spoken_at = now()
        dialog.words_upto = min(dialog.words_upto, reply.id - 1)
        reply.lease_until = lease_for(LEASE)
        self.added = reply, MessageSent(dialog.id, None, reply.id)

    async def _admit(self, dialog: Dialog, client_id: str = "") -> bool:
        """Whether there is something to add: False if the message was sent before. Raises what refuses it.

        The person's row is locked: no other request of theirs is between this and the commit.
        """
        about = {"person": self.person.id, "dialog": dialog.id, "client": client_id}
        found = await self.db.exec(_FACTS, params=about | {"character": dialog.character_id})
        character, author, running, is_writing, is_sent = found.one()
        if is_sent:
            return False
        await self._reply_writer.check_admission(self.db, self.person, running)
        if not may_talk(self.person, character, author):
            raise NotAllowed("This character is gone. You can still read the chat.", field="text")
        if is_writing:
            raise still_writing()
        return True

    async def _add_question(
        self, dialog: Dialog, parent_id: int | None, text: str, client_id: str
    ) -> tuple[Message, Message]:
        message = Message(dialog_id=dialog.id, parent_id=parent_id, role=Role.USER, text=text, client_id=client_id)
        reply = _running_reply(dialog)
        await self._add(dialog, message, reply)
        dialog.messages += 1
        return message, reply

    async def _add(self, dialog: Dialog, *messages: Message) -> None:
        await add_below(self.db, dialog, *messages)
        dialog.spoken_at = now()


def _running_reply(dialog: Dialog, parent_id: int | None = None) -> Message:
    return Message(
        dialog_id=dialog.id,
        parent_id=parent_id,
        role=Role.ASSISTANT,
        state=State.RUNNING,
        lease_until=lease_for(LEASE),
    )


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
            person = await authorize_writer(db, caller, trial_too=trial_too, lock=LOCK_FOR_UPDATE)
            request = ReplyRequest(db, person, reply_writer)
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
    return (await db.exec(_sent_as(dialog_id, client_id))).first() is not None


def _sent_as(dialog_id: int | BindParameter[int], client_id: str | BindParameter[str]) -> SelectOfScalar[int]:
    return select(Message.id).where(Message.dialog_id == dialog_id, Message.client_id == client_id)


def may_talk(person: User, character: Character, author: User) -> bool:
    """Permission check on loaded rows: a blocked character says nothing more, not even to its author."""
    return not character.is_blocked and character.is_for(person) and may_see(person, character, author)


async def refuse_while_writing(db: AsyncSession, dialog: Dialog) -> None:
    if (await db.exec(_running_in(dialog.id))).first() is not None:
        raise still_writing()


def _running_in(dialog_id: int | BindParameter[int]) -> SelectOfScalar[int]:
    return select(Message.id).where(Message.dialog_id == dialog_id, Message.state == State.RUNNING)


def _facts() -> Any:
    columns: tuple[Any, ...] = (
        Character,
        AUTHOR,
        counting_running_replies(bindparam("person")).scalar_subquery(),
        _running_in(bindparam("dialog")).exists(),
        _sent_as(bindparam("dialog"), bindparam("client")).exists(),
    )
    with_author = select(*columns).join(AUTHOR, col(AUTHOR.id) == Character.owner_id)
    return with_author.where(Character.id == bindparam("character"))


_FACTS = _facts()
"""Query: all that decides whether a reply may be asked for. Built once, since each request asks it."""


def still_writing() -> Busy:
    return Busy("One moment: the previous reply is still being written.", field="text")


def _busy_or(error: IntegrityError | DatabaseUnavailable) -> Exception:
    """A silent database, or the constraint of one running reply a dialog, in words; any other error as it is."""
    if isinstance(error, DatabaseUnavailable):
        log.warning("A message was refused, nothing could be kept: %s", error)
        return Busy("Couldn't save. Nothing was lost: try again in a moment.", field="text")
    if violates(error, "uq_message_running"):
        return still_writing()
    return error

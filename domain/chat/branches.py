"""Message branching: regenerate or rewrite a reply, edit a message, switch branches, delete and restore, continue a
reply that was cut off. Nothing is overwritten: new versions are siblings of the old.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from enum import Enum, auto

from sqlalchemy import update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.accounts.sessions import Caller, authenticate, authorize_writer
from domain.bin import bin_since
from domain.chat.replies.reply_end import LENGTH
from domain.chat.replies.reply_request import (
    asking,
    check_client_id,
    clean_message,
    is_sent_already,
    refuse_while_writing,
)
from domain.chat.replies.reply_writer import ReplyWriter
from domain.chat.tree.events import BranchChanged
from domain.chat.tree.message_tree import add_below, end_of_branch, is_deleted, is_on_path
from domain.chat.tree.own_dialog import dialog_to_change, own_dialog, own_message
from domain.chat.tree.siblings import sibling_beside
from domain.clock import now
from domain.errors import NotFound
from domain.llm.port import Role
from domain.model.dialog import Dialog, Message, State
from storage.bus import Bus
from storage.columns import clamp_id
from storage.database import Database

UNFINISHED = {State.STOPPED, State.INTERRUPTED}


class ShownInstead(Enum):
    """The version that is read in the place of a deleted message."""

    EARLIER = auto()
    LATER = auto()


class Branches:
    def __init__(self, database: Database, bus: Bus, reply_writer: ReplyWriter) -> None:
        self._database = database
        self._bus = bus
        self._reply_writer = reply_writer

    async def regenerate(self, caller: Caller, message_id: int) -> None:
        """Ask once more for any reply; the new one becomes a sibling. An old one without text is soft-deleted."""
        async with asking(self._database, self._bus, self._reply_writer, caller, trial_too=True) as request:
            old, dialog = await request.message(message_id)
            if old.role != Role.ASSISTANT or old.parent_id is None:
                raise NotFound("No such message.")
            await request.branch_reply(dialog, old.parent_id)
            if not old.text:
                old.deleted_at = now()

    async def answer(self, caller: Caller, message_id: int) -> None:
        """Ask for a reply to the person's last message, which has none because it failed or was deleted."""
        async with asking(self._database, self._bus, self._reply_writer, caller, trial_too=True) as request:
            message, dialog = await request.message(message_id)
            if message.role != Role.USER or message.id != dialog.leaf_id:
                raise NotFound("No such message.")
            await request.branch_reply(dialog, message.id)

    async def edit(self, caller: Caller, message_id: int, text: str, client_id: str) -> None:
        """Edit a message of the person's: the new version becomes a sibling of the old one and gets its own reply."""
        text = clean_message(text)
        check_client_id(client_id)
        async with asking(self._database, self._bus, self._reply_writer, caller, trial_too=True) as request:
            old, dialog = await request.message(message_id)
            if old.role != Role.USER:
                raise NotFound("No such message.")
            await request.branch_question(dialog, old, text, client_id)

    async def rewrite_reply(self, caller: Caller, message_id: int, text: str, client_id: str) -> None:
        """Add the person's own version of a reply as its sibling. The model is not asked; the talk continues there."""
        text = clean_message(text)
        check_client_id(client_id)
        await self._reply_writer.take_from_rate_limit(caller.user_id)
        async with self._database.write() as db:
            person = await authorize_writer(db, caller)
            old, dialog = await own_message(db, person, message_id)
            if old.role != Role.ASSISTANT:
                raise NotFound("No such message.")
            await refuse_while_writing(db, dialog)
            if await is_sent_already(db, dialog.id, client_id):
                return
            new = Message(
                dialog_id=dialog.id,
                parent_id=old.parent_id,
                role=Role.ASSISTANT,
                text=text,
                client_id=client_id,
                is_rewritten=True,
            )
            await add_below(db, dialog, new)
        self._bus.publish(BranchChanged(dialog.id, new.id))

    async def continue_reply(self, caller: Caller, message_id: int) -> None:
        """Continue a reply that was stopped, was interrupted or reached the model's limit, from where it ended."""
        async with asking(self._database, self._bus, self._reply_writer, caller) as request:
            reply, dialog = await request.message(message_id)
            if reply.state == State.RUNNING:
                return  # a second click
            if dialog.leaf_id != reply.id or not can_continue(reply):
                raise NotFound("There's nothing to continue here.")
            await request.resume_reply(dialog, reply)

    async def switch_branch(self, caller: Caller, message_id: int, by: int) -> None:
        """Switch to the branch `by` places further among the siblings; beyond the ends nothing happens."""
        end = await self._look_ahead(caller, message_id, lambda db, message: sibling_beside(db, message, by))
        async with self._database.write() as db:
            person = await authenticate(db, caller, trial_too=True)
            message, dialog = await own_message(db, person, message_id)
            chosen = await sibling_beside(db, message, by)
            if chosen is None:
                return
            await _read(db, dialog, chosen, end)
        self._bus.publish(BranchChanged(dialog.id, chosen.id))

    async def delete(self, caller: Caller, message_id: int) -> ShownInstead | None:
        """Soft-delete a message and everything below it; the current path continues with a sibling, or else ends
        above. Raises `ReadOnly`.

        Returns which sibling that is, to be told to the person: otherwise it would look as if nothing, or something
        else, had gone.
        """
        end = await self._look_ahead(caller, message_id, _sibling_instead)
        async with self._database.write() as db:
            person = await authorize_writer(db, caller)
            message, dialog = await own_message(db, person, message_id)
            await refuse_while_writing(db, dialog)
            message.deleted_at = now()
            await db.flush()
            instead = None
            if await is_on_path(db, dialog.leaf_id, message.id):
                if other := await _sibling_instead(db, message):
                    await _read(db, dialog, other, end)
                    instead = ShownInstead.EARLIER if other.id < message.id else ShownInstead.LATER
                else:
                    dialog.leaf_id = message.parent_id
        self._bus.publish(BranchChanged(dialog.id, dialog.leaf_id))
        return instead

    async def restore(self, caller: Caller, message_id: int) -> None:
        """Restore a message deleted within a month and switch to it, unless it is below something else that is still
        deleted.
        """
        end = await self._look_ahead(caller, message_id, _itself)
        async with self._database.write() as db:
            person = await authenticate(db, caller)
            message = await db.get(Message, clamp_id(message_id))
            if message is None:
                raise NotFound("No such message.")
            dialog = await dialog_to_change(db, person, message.dialog_id)
            await db.refresh(message)  # it may have been deleted for good while waiting for the lock
            if message.deleted_at is None or message.deleted_at <= bin_since():
                raise NotFound("No such message.")
            message.deleted_at = None
            await db.flush()
            if await is_deleted(db, message):
                return
            await _read(db, dialog, message, end)
        self._bus.publish(BranchChanged(dialog.id, message.id))

    async def _look_ahead(
        self, caller: Caller, message_id: int, which: Callable[[AsyncSession, Message], Awaitable[Message | None]]
    ) -> int | None:
        """The end of the branch to switch to. It may be a hundred thousand messages away, so it is looked up before the
        write transaction, which then checks only what has changed since.
        """
        async with self._database.read() as db:
            person = await authenticate(db, caller, trial_too=True)  # the write transaction checks again
            message = await db.get(Message, clamp_id(message_id))
            if message is None:
                raise NotFound("No such message.")
            await own_dialog(db, person, message.dialog_id)
            chosen = await which(db, message)
            return await end_of_branch(db, chosen.id) if chosen else None


def can_continue(reply: Message) -> bool:
    """Whether «Продолжить» applies: the reply is incomplete, and there is something to continue."""
    return bool(reply.text) and (reply.state in UNFINISHED or (reply.state == State.DONE and reply.fault == LENGTH))


async def _sibling_instead(db: AsyncSession, gone: Message) -> Message | None:
    """The sibling just before the message, else the one just after it."""
    return await sibling_beside(db, gone, -1) or await sibling_beside(db, gone, 1)


async def _itself(_db: AsyncSession, message: Message) -> Message:
    return message


async def _read(db: AsyncSession, dialog: Dialog, message: Message, end: int | None) -> None:
    """Make the current path go through the message to the end of its branch, and remember the choice above it."""
    dialog.leaf_id = await end_of_branch(db, message.id, end)
    await db.exec(update(Message).where(col(Message.id) == message.parent_id).values(next_id=message.id))

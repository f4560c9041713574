"""What a person does in a conversation: begin one, read, write, stop a reply, ask for it again."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.accounts.names import INVISIBLE
from domain.accounts.sessions import Caller, require
from domain.accounts.user import User
from domain.characters.character import Character
from domain.characters.characters import visible
from domain.chat.dialog import CLIENT_ID_LIMIT, MESSAGE_LIMIT, Dialog, Message, State
from domain.chat.facts import MessageSent
from domain.chat.path import path_to
from domain.chat.turns import Turns
from domain.errors import Busy, Invalid, NotAllowed, NotFound
from domain.llm.port import Role
from domain.moments import now
from storage.bus import Bus
from storage.database import Database, violates

WINDOW = 200
"""Messages of a conversation shown at once."""
LISTED = 200


@dataclass(frozen=True)
class Conversation:
    """A dialog as it is read: with whom, and the path of messages, oldest first."""

    dialog: Dialog
    character: Character
    reader: User
    messages: list[Message]
    may_go_on: bool
    """Whether the character is still there for this person; if not, the conversation is for reading."""


@dataclass(frozen=True)
class DialogLine:
    """A dialog as it stands in the list."""

    dialog: Dialog
    character: Character
    last: Message | None


class Chat:
    def __init__(self, database: Database, bus: Bus, turns: Turns) -> None:
        self._database = database
        self._bus = bus
        self._turns = turns

    @property
    def is_demo(self) -> bool:
        """Whether the built-in model answers, which the chat has to say."""
        return self._turns.is_demo

    async def begin(self, caller: Caller, character_id: int) -> int:
        """Open a dialog with the character, who greets first without asking the model; returns the dialog's id."""
        async with self._database.write() as db:
            person = await require(db, caller)
            character = await visible(db, person, character_id)
            dialog = Dialog(user_id=caller.user_id, character_id=character_id)
            db.add(dialog)
            await db.flush()
            if character.greeting:
                greeting = Message(dialog_id=dialog.id, role=Role.ASSISTANT, text=character.greeting)
                db.add(greeting)
                await db.flush()
                dialog.leaf_id = greeting.id
            return dialog.id

    async def open(self, caller: Caller, dialog_id: int) -> Conversation:
        async with self._database.read() as db:
            person = await require(db, caller)
            dialog = await _own(db, person, dialog_id)
            character = await db.get_one(Character, dialog.character_id)
            messages = await path_to(db, dialog.leaf_id, limit=WINDOW)
        for message in messages:
            if message.state == State.RUNNING:
                message.text = self._turns.text_of(message.id) or message.text
        return Conversation(dialog, character, person, messages, character.may_be_seen_by(person.id))

    async def dialogs(self, caller: Caller) -> list[DialogLine]:
        """The person's dialogs, the one last spoken in first."""
        async with self._database.read() as db:
            person = await require(db, caller)
            found = await db.exec(
                select(Dialog, Character, Message)
                .join(Character, col(Character.id) == Dialog.character_id)
                .join(Message, col(Message.id) == Dialog.leaf_id, isouter=True)
                .where(Dialog.user_id == person.id)
                .order_by(col(Dialog.spoken_at).desc(), col(Dialog.id).desc())
                .limit(LISTED)
            )
            return [DialogLine(*row) for row in found]

    async def send(self, caller: Caller, dialog_id: int, text: str, client_id: str) -> None:
        """Keep the person's words and a row for the reply, together, and have the reply written.

        `client_id` is the page's own mark for the message: sending it again, by a double click or after a lost answer,
        changes nothing. Raises `Invalid` for the text, `Busy` while a reply is being written.
        """
        text = clean_message(text)
        if not 0 < len(client_id) <= CLIENT_ID_LIMIT:
            raise Invalid("This message carries no mark of its own. Please reload the page.", field="text")
        try:
            async with self._database.write() as db:
                person = await require(db, caller)
                dialog = await _own(db, person, dialog_id)
                if await _sent_already(db, dialog_id, client_id):
                    return
                await _refuse_if_gone(db, person, dialog)
                message = Message(
                    dialog_id=dialog_id, parent_id=dialog.leaf_id, role=Role.USER, text=text, client_id=client_id
                )
                db.add(message)
                await db.flush()
                reply = await _reply_row(db, dialog, message.id)
        except IntegrityError as error:
            if violates(error, "uq_message_dialog_id_client_id"):
                return  # the same message came in at the same moment: it is kept
            raise _busy_or(error) from error
        self._bus.tell(MessageSent(dialog_id, message.id, reply.id))
        self._turns.start(dialog_id, reply.id)

    async def retry(self, caller: Caller, message_id: int) -> None:
        """Ask for a reply again: a new one beside the old, which is kept but leaves the path."""
        try:
            async with self._database.write() as db:
                person = await require(db, caller)
                old = await db.get(Message, message_id)
                if old is None or old.role != Role.ASSISTANT or old.parent_id is None:
                    raise NotFound("There is no such message.")
                dialog = await _own(db, person, old.dialog_id)
                if dialog.leaf_id != old.id:
                    return  # asked again already, in another tab or by a second click
                await _refuse_if_gone(db, person, dialog)
                reply = await _reply_row(db, dialog, old.parent_id)
        except IntegrityError as error:
            raise _busy_or(error) from error
        self._bus.tell(MessageSent(dialog.id, None, reply.id, replaced_id=message_id))
        self._turns.start(dialog.id, reply.id)

    async def stop(self, caller: Caller, dialog_id: int) -> None:
        """End the running reply; what has come is kept."""
        async with self._database.read() as db:
            person = await require(db, caller)
            await _own(db, person, dialog_id)
            running = select(Message.id).where(Message.dialog_id == dialog_id, Message.state == State.RUNNING)
            reply_id = (await db.exec(running)).first()
        if reply_id is not None:
            self._turns.stop(reply_id)


def clean_message(text: str) -> str:
    """What the person wrote, without signs that cannot be seen; raises `Invalid` when nothing or too much is left."""
    text = text.replace("\r\n", "\n")
    kept = "".join(sign for sign in text if sign in "\n\t\u200d" or unicodedata.category(sign) not in INVISIBLE)
    if not kept.strip():
        raise Invalid("There is nothing to send yet.", field="text")
    if len(kept) > MESSAGE_LIMIT:
        raise Invalid("A message has at most {limit} characters.", field="text", limit=MESSAGE_LIMIT)
    return kept.strip()


async def _own(db: AsyncSession, person: User, dialog_id: int) -> Dialog:
    """The dialog, if it is this person's: the one way to get at a dialog by its id."""
    dialog = await db.get(Dialog, dialog_id)
    if dialog is None or dialog.user_id != person.id:
        raise NotFound("There is no such conversation.")
    return dialog


async def _sent_already(db: AsyncSession, dialog_id: int, client_id: str) -> bool:
    same = select(Message.id).where(Message.dialog_id == dialog_id, Message.client_id == client_id)
    return (await db.exec(same)).first() is not None


async def _refuse_if_gone(db: AsyncSession, person: User, dialog: Dialog) -> None:
    character = await db.get_one(Character, dialog.character_id)
    if not character.may_be_seen_by(person.id):
        raise NotAllowed("This character is no longer here. You can still read the conversation.", field="text")


async def _reply_row(db: AsyncSession, dialog: Dialog, parent_id: int) -> Message:
    reply = Message(dialog_id=dialog.id, parent_id=parent_id, role=Role.ASSISTANT, state=State.RUNNING)
    db.add(reply)
    await db.flush()
    dialog.leaf_id = reply.id
    dialog.spoken_at = now()
    return reply


def _busy_or(error: IntegrityError) -> Exception:
    if violates(error, "uq_message_running"):
        return Busy("One moment: the reply before is still being written.", field="text")
    return error

"""Conversations, the use cases: begin, read, send a message, stop a reply. Branches: domain/chat/branches.py."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field

from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.accounts.names import without_invisible
from domain.accounts.sessions import Caller, require, require_writer
from domain.accounts.user import User
from domain.characters.character import Character
from domain.characters.characters import is_there_for, visible
from domain.characters.macros import Macros
from domain.chat.dialog import CLIENT_ID_LIMIT, MESSAGE_LIMIT, Dialog, Message, State
from domain.chat.dialogs import dialog_to_change, own_dialog
from domain.chat.facts import MessageSent
from domain.chat.memory import ends_of
from domain.chat.path import Beside, add_below, first_of_path, path_below, siblings_of, with_texts
from domain.chat.reply_row import LEASE
from domain.chat.turns import Turns
from domain.chat.window import window_of
from domain.clock import now
from domain.errors import Busy, Invalid, NotAllowed, NotFound
from domain.limits import CHATS
from domain.llm.port import Role
from domain.quotas import check_room_for_dialog
from domain.signs import cleaned
from storage.bus import Bus
from storage.database import Database, NoAnswer, violates

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Conversation:
    """A dialog as shown: with whom, and a window of the current path of messages, oldest first."""

    dialog: Dialog
    character: Character
    reader: User
    messages: list[Message]
    siblings: dict[int, Beside] = field(default_factory=dict)
    """For each message its position among its siblings."""
    has_older: bool = False
    has_newer: bool = False
    remembered_from: int | None = None
    """The first message that the model still gets verbatim (its memory); None while that is all of them."""
    may_go_on: bool = True
    """Whether the character is still available to this user; if not, the conversation is read-only."""


class Chat:
    def __init__(self, database: Database, bus: Bus, turns: Turns) -> None:
        self._database = database
        self._bus = bus
        self._turns = turns

    @property
    def is_demo(self) -> bool:
        """Whether the built-in model answers, which the chat must state."""
        return self._turns.is_demo

    async def begin(self, caller: Caller, character_id: int) -> int:
        """Begin a dialog with the character, whose greeting comes first without asking the model; returns the dialog's
        id.

        Alternative greetings are siblings of the first. Takes from the rate limit. Raises `TooOften`, `QuotaReached`.
        """
        await self._turns.limits.take(CHATS, caller.user_id)
        async with self._database.write() as db:
            person = await require_writer(db, caller)
            character = await visible(db, person, character_id)
            await check_room_for_dialog(db, person, self._turns.limits)
            return (await open_dialog(db, person, character)).id

    async def open(
        self,
        caller: Caller,
        dialog_id: int,
        *,
        before: int | None = None,
        after: int | None = None,
        around: int | None = None,
    ) -> Conversation:
        """A window of the current path: its end, or the part before, after or around a message on it."""
        async with self._database.read() as db:
            person = await require(db, caller)
            dialog = await own_dialog(db, person, dialog_id)
            character = await db.get_one(Character, dialog.character_id)
            window = await window_of(db, dialog.leaf_id, before, after, around)
            messages = await with_texts(db, window.ids)
            siblings = await siblings_of(db, messages)
            room = self._turns.room(dialog.model)
            remembered_from = (await ends_of(db, dialog.leaf_id, room)).remembered_from(character, person, room)
            may_go_on = await _may_go_on(db, person, character)
        return Conversation(
            dialog,
            character,
            person,
            self._as_told(messages),
            siblings,
            has_older=window.has_older,
            has_newer=window.has_newer,
            remembered_from=remembered_from,
            may_go_on=may_go_on,
        )

    async def look(self, caller: Caller, dialog_id: int, ids: set[int]) -> Conversation:
        """Some messages of a dialog as they are now; of the path only their siblings are read."""
        async with self._database.read() as db:
            person = await require(db, caller)
            dialog = await own_dialog(db, person, dialog_id)
            character = await db.get_one(Character, dialog.character_id)
            messages = [each for each in await with_texts(db, ids) if each.dialog_id == dialog_id]
            siblings = await siblings_of(db, messages)
            may_go_on = await _may_go_on(db, person, character)
        return Conversation(dialog, character, person, self._as_told(messages), siblings, may_go_on=may_go_on)

    async def page(self, caller: Caller, dialog_id: int, limit: int, after: int | None = None) -> list[Message]:
        """The current path, oldest first; keyset pagination: `after` is the last id read so far."""
        async with self._database.read() as db:
            dialog = await own_dialog(db, await require(db, caller), dialog_id)
            start = after or await first_of_path(db, dialog.leaf_id) - 1
            part = await path_below(db, dialog.leaf_id, start, limit)
            return self._as_told(await with_texts(db, [each.id for each in part]))

    async def send(self, caller: Caller, dialog_id: int, text: str, client_id: str) -> None:
        """Store the user's message and a row for the reply in one transaction, and start writing the reply.

        Idempotent: `client_id` is the page's own id for the message, and sending it again, by a double click or after a
        lost response, changes nothing. Takes from the rate limit. Raises `Invalid` for the text, `Busy` while a reply
        is being written or nothing can be stored.
        """
        text = clean_message(text)
        check_client_id(client_id)
        await self._turns.count_message(caller.user_id)
        try:
            async with self._database.write() as db:
                person = await require_writer(db, caller)
                dialog = await dialog_to_change(db, person, dialog_id)
                if await is_sent_already(db, dialog_id, client_id):
                    return
                await self._turns.admit(db, person)
                await refuse_if_gone(db, person, dialog)
                message, reply = await add_question(db, dialog, dialog.leaf_id, text, client_id)
        except (IntegrityError, NoAnswer) as error:
            raise busy_or(error) from error
        self._bus.tell(MessageSent(dialog_id, message.id, reply.id))
        self._turns.start(caller.user_id, dialog_id, reply.id)

    async def stop(self, caller: Caller, dialog_id: int) -> None:
        """Stop the running reply; what has arrived is kept."""
        async with self._database.read() as db:
            person = await require(db, caller)
            await own_dialog(db, person, dialog_id)
            running = select(Message.id).where(Message.dialog_id == dialog_id, Message.state == State.RUNNING)
            reply_id = (await db.exec(running)).first()
        if reply_id is not None:
            self._turns.stop(reply_id)

    def _as_told(self, messages: list[Message]) -> list[Message]:
        """Running replies with the text published so far, which is ahead of what is saved."""
        for message in messages:
            if message.state == State.RUNNING:
                message.text = self._turns.text_of(message.id) or message.text
        return messages


def clean_message(text: str) -> str:
    """The user's message without invisible characters; raises `Invalid` if it is then empty or too long."""
    kept = cleaned(text, MESSAGE_LIMIT, _without_invisible)
    if len(kept) > MESSAGE_LIMIT:
        raise Invalid("A message has at most {limit} characters.", field="text", limit=MESSAGE_LIMIT)
    if not kept.strip():
        raise Invalid("There is nothing to send yet.", field="text")
    return kept.strip()


def _without_invisible(text: str) -> str:
    return without_invisible(text.replace("\r\n", "\n"), allowed="\n\t\u200d")


def check_client_id(client_id: str) -> None:
    if not 0 < len(client_id) <= CLIENT_ID_LIMIT or not client_id.isprintable():
        raise Invalid("This message carries no mark of its own. Please reload the page.", field="text")


async def is_sent_already(db: AsyncSession, dialog_id: int, client_id: str) -> bool:
    """Whether the message with this idempotency key is stored already."""
    same = select(Message.id).where(Message.dialog_id == dialog_id, Message.client_id == client_id)
    return (await db.exec(same)).first() is not None


async def open_dialog(db: AsyncSession, person: User, character: Character) -> Dialog:
    """Create a dialog that begins with the character's greetings, each a sibling of the others."""
    if not await _may_go_on(db, person, character):
        raise NotFound("There is no such character, or it is private.")
    await db.exec(update(Character).where(col(Character.id) == character.id).values(talks=Character.talks + 1))
    dialog = Dialog(user_id=person.id, character_id=character.id)
    db.add(dialog)
    await db.flush()
    macros = Macros(character, person)
    for text in (character.greeting, *character.other_greetings):
        if text:
            words = macros.fill(text)
            greeting = Message(dialog_id=dialog.id, role=Role.ASSISTANT, text=words)
            db.add(greeting)
            await db.flush()
            dialog.leaf_id = dialog.leaf_id or greeting.id
    return dialog


async def _may_go_on(db: AsyncSession, person: User, character: Character) -> bool:
    """Permission to talk with the character: a blocked one does not answer, not even its author."""
    return not character.is_blocked and await is_there_for(db, person, character)


async def refuse_if_gone(db: AsyncSession, person: User, dialog: Dialog) -> None:
    character = await db.get_one(Character, dialog.character_id)
    if not await _may_go_on(db, person, character):
        raise NotAllowed("This character is no longer here. You can still read the conversation.", field="text")


async def add_question(
    db: AsyncSession, dialog: Dialog, parent_id: int | None, text: str, client_id: str
) -> tuple[Message, Message]:
    """Add the user's message below `parent_id` and the row of its reply, and extend the current path by both."""
    message = Message(dialog_id=dialog.id, parent_id=parent_id, role=Role.USER, text=text, client_id=client_id)
    await add_below(db, dialog, message)
    dialog.messages += 1
    return message, await add_reply(db, dialog, message.id)


async def add_reply(db: AsyncSession, dialog: Dialog, parent_id: int) -> Message:
    """Add the row of a reply about to be written, and extend the current path by it."""
    reply = Message(
        dialog_id=dialog.id,
        parent_id=parent_id,
        role=Role.ASSISTANT,
        state=State.RUNNING,
        lease_until=now() + LEASE,
    )
    await add_below(db, dialog, reply)
    dialog.spoken_at = now()
    return reply


def busy_or(error: IntegrityError | NoAnswer) -> Exception:
    """`Busy` for a database that does not answer or the constraint of one running reply per dialog; any other error
    unchanged.
    """
    if isinstance(error, NoAnswer):
        log.warning("A deed was refused, nothing could be kept: %s", error)
        return Busy("This could not be saved just now. Nothing is lost: please try again in a moment.", field="text")
    if violates(error, "uq_message_running"):
        return Busy("One moment: the reply before is still being written.", field="text")
    return error

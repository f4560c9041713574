"""Conversations, the use cases: begin, read, send a message, stop a reply. Branches: domain/chat/branches.py."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, field

from sqlmodel import col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.accounts.sessions import Caller, require, require_writer
from domain.characters.characters import visible
from domain.characters.macros import Macros
from domain.chat.context_window import ends_of
from domain.chat.dialogs import dialog_to_change, own_dialog
from domain.chat.history_page import window_of
from domain.chat.message_tree import Beside, first_of_path, path_below, siblings_of, with_texts
from domain.chat.reply_request import asking, check_client_id, clean_message, is_sent_already, may_talk
from domain.chat.reply_writer import Turns
from domain.errors import NotFound
from domain.llm.port import Role
from domain.model.character import Character
from domain.model.dialog import Dialog, Message, State
from domain.model.user import User
from domain.quotas import check_room_for_dialog
from domain.rate_limits import CHATS
from storage.bus import Bus
from storage.database import Database

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
        self.is_needed = asyncio.Event()
        """Set when the first dialog is opened: whatever replies need may be loaded now."""

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
        """A window of the path being read: its end, or the part before, after or around a message on it."""
        self.is_needed.set()
        async with self._database.read() as db:
            person = await require(db, caller)
            dialog = await own_dialog(db, person, dialog_id)
            character = await db.get_one(Character, dialog.character_id)
            window = await window_of(db, dialog.leaf_id, before, after, around)
            messages = await with_texts(db, window.ids)
            siblings = await siblings_of(db, messages)
            room = self._turns.room(dialog.model)
            remembered_from = (await ends_of(db, dialog.leaf_id, room)).remembered_from(character, person, room)
            may_go_on = await may_talk(db, person, character)
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
            may_go_on = await may_talk(db, person, character)
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
        async with asking(self._database, self._bus, self._turns, caller) as request:
            dialog = await dialog_to_change(request.db, request.person, dialog_id)
            if not await is_sent_already(request.db, dialog_id, client_id):
                await request.append_question(dialog, text, client_id)

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


async def open_dialog(db: AsyncSession, person: User, character: Character) -> Dialog:
    """A new dialog, which the character's greetings begin, each a sibling of the others."""
    if not await may_talk(db, person, character):
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

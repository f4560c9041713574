"""Conversations, the use cases: begin, read, send a message, stop a reply. Branches: domain/chat/branches.py."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import bindparam
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.accounts.sessions import Caller, authenticate, authenticate_and_read, authorize_writer, for_somebody
from domain.books.traces import FiredEntry, lore_of
from domain.characters.characters import record_private_view
from domain.characters.macros import Macros
from domain.characters.visibility import get_visible, is_private_of_another
from domain.chat.history_page import Conversation, path_page, window_of, with_messages, with_window
from domain.chat.next_prompt import PromptView, view_next_prompt
from domain.chat.prompts.macro_context import macro_context
from domain.chat.prompts.prompt import addressed_as_in
from domain.chat.replies.reply_request import Exchange, asking, check_client_id, clean_message, may_talk
from domain.chat.replies.reply_writer import ReplyWriter
from domain.chat.tree.own_dialog import DIALOGS, check_own, no_such_dialog, own_dialog
from domain.errors import NotFound
from domain.llm.port import Role
from domain.memory.events import WordsBehind
from domain.model.audit_entry import record_view
from domain.model.character import Character, count_talk
from domain.model.character_card import CharacterCard
from domain.model.dialog import Dialog, Message, State
from domain.model.user import ZONE_LIMIT, User
from domain.quotas import check_room_for_dialog
from domain.rate_limits import CHATS
from storage.bus import Bus
from storage.columns import clamp_id
from storage.database import Database

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Sent:
    """A message that was sent, and the row of its reply."""

    _exchange: Exchange

    @property
    def reply_id(self) -> int:
        return self._exchange.reply.id

    def shown(self) -> Conversation:
        """The two as a conversation, made when it is asked for; both are new and have no siblings."""
        who = self._exchange.participants
        messages = [self._exchange.message.as_read(), self._exchange.reply.as_read()]
        return Conversation(who.dialog, who.character, addressed_as_in(who.dialog, who.person), messages=messages)


class Chat:
    def __init__(self, database: Database, bus: Bus, reply_writer: ReplyWriter) -> None:
        self._database = database
        self._bus = bus
        self._reply_writer = reply_writer
        self.is_needed = asyncio.Event()
        """Set when the first dialog is opened, so that whatever replies need can be loaded."""

    @property
    def is_demo(self) -> bool:
        """Whether the built-in model answers, which the chat must state."""
        return self._reply_writer.is_demo

    async def begin(self, caller: Caller, character_id: int, *, zone: str = "") -> int:
        """Begin a dialog with the character, whose greeting comes first without asking the model; returns the dialog's
        id.

        Alternative greetings are siblings of the first; `zone` as in `send`. Takes from the rate limit. Raises
        `RateLimited`, `QuotaReached`.
        """
        await self._reply_writer.limits.take(CHATS, caller.user_id)
        async with self._database.write() as db:
            person = await authorize_writer(db, caller)
            character = await get_visible(db, person, character_id)
            await check_room_for_dialog(db, person, self._reply_writer.limits)
            return (await open_dialog(db, person, character, zone)).id

    async def look(self, caller: Caller, dialog_id: int) -> Conversation:
        """The conversation without its messages: with whom it is, and whether a reply is being written."""
        async with self._database.read() as db:
            mine, (state, background) = await _own_conversation_with(db, caller, dialog_id, _LOOKED_AT)
            return replace(mine, is_replying=state == State.RUNNING, background_token=background)

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
            mine = await _own_conversation(db, caller, dialog_id)
            if mine.dialog.words_upto < (mine.dialog.leaf_id or 0):
                self._bus.publish_here(WordsBehind(dialog_id))
            window = await window_of(db, mine.dialog.leaf_id, before, after, around)
            verbatim = await self._reply_writer.prompts.verbatim(db, mine.dialog, mine.character, mine.reader)
            return await with_window(db, self._reply_writer, replace(mine, remembered_from=verbatim.first), window)

    async def refresh(self, caller: Caller, dialog_id: int, ids: set[int]) -> Conversation:
        """Some messages of a dialog as they are now, with their siblings; the rest of the path is not read."""
        async with self._database.read() as db:
            mine = await _own_conversation(db, caller, dialog_id)
            return await with_messages(db, self._reply_writer, mine, ids)

    async def page(self, caller: Caller, dialog_id: int, limit: int, after: int | None = None) -> list[Message]:
        """The current path, oldest first; keyset pagination: `after` is the last id read so far."""
        async with self._database.read() as db:
            dialog = await own_dialog(db, await authenticate(db, caller), dialog_id)
            return await path_page(db, self._reply_writer, dialog.leaf_id, limit, after)

    async def lore(self, caller: Caller, message_id: int) -> tuple[FiredEntry, ...]:
        """The lorebook entries in a reply's prompt, as far as this person may see them."""
        async with self._database.read() as db:
            person = await authenticate(db, caller)
            message = await db.get(Message, clamp_id(message_id))
            if message is None:
                raise NotFound("No such message.")
            await own_dialog(db, person, message.dialog_id)
            return (await lore_of(db, person, [message])).get(message.id, ())

    async def send(self, caller: Caller, dialog_id: int, text: str, client_id: str, *, zone: str = "") -> Sent | None:
        """Store the user's message and a row for the reply in one transaction, and start writing the reply. Returns
        both as they were stored, or None if they had been stored before.

        Idempotent: `client_id` is the page's own id for the message, and sending it again, by a double click or after a
        lost response, changes nothing. `zone` is the person's time zone, if known, by which characters tell the time
        (domain/macros). Takes from the rate limit. Raises `Invalid` for the text, `Busy` while a reply is being written
        or nothing can be stored.
        """
        text = clean_message(text)
        check_client_id(client_id)
        async with asking(self._database, self._bus, self._reply_writer, caller, trial_too=True) as request:
            person, dialog = await request.dialog(dialog_id)
            _keep_zone(person, zone)
            sent = await request.append_question(dialog, text, client_id)
        return Sent(sent) if sent else None

    async def next_prompt(self, caller: Caller, dialog_id: int) -> PromptView:
        """The prompt that the model will read next, as far as this person may see it."""
        async with self._database.read() as db:
            person = await authenticate(db, caller)
            dialog = await own_dialog(db, person, dialog_id)
            character = await db.get_one(Character, dialog.character_id)
        await record_private_view(self._database, person, character)
        return await view_next_prompt(self._database, self._reply_writer.prompts, person, dialog, character)

    async def stop(self, caller: Caller, dialog_id: int) -> None:
        """Stop the running reply; what has arrived is kept."""
        async with self._database.read() as db:
            person = await authenticate(db, caller, trial_too=True)
            await own_dialog(db, person, dialog_id)
            running = select(Message.id).where(Message.dialog_id == dialog_id, Message.state == State.RUNNING)
            reply_id = (await db.exec(running)).first()
        if reply_id is not None:
            await self._reply_writer.stop(reply_id)


def _keep_zone(person: User, zone: str) -> None:
    """Store the time zone of the person's clock, if the page knows it."""
    if zone:
        person.zone = zone[:ZONE_LIMIT]


async def open_dialog(db: AsyncSession, person: User, character: Character, zone: str = "") -> Dialog:
    """Create a dialog that begins with the character's greetings, which are siblings."""
    if not may_talk(person, character, await db.get_one(User, character.owner_id)):
        raise NotFound("This character doesn't exist or is private.")
    if is_private_of_another(character, person):
        await record_view(db, person.id, "character", character.id, person_id=character.owner_id)
    _keep_zone(person, zone)
    if not person.is_trial:
        await count_talk(db, character.id)
    dialog = Dialog(user_id=person.id, character_id=character.id)
    db.add(dialog)
    await db.flush()
    # Macros in greetings are expanded only once, so that values of chance and the clock stay.
    macros = Macros(character, person, replace(macro_context(dialog, character, person), draw=secrets.randbits(32)))
    greetings = [macros.fill(character.greeting, "greeting")]
    for words in [*greetings, *macros.fill_all("other_greetings", character.other_greetings)]:
        if words.strip():
            greeting = Message(dialog_id=dialog.id, role=Role.ASSISTANT, text=words)
            db.add(greeting)
            await db.flush()
            dialog.leaf_id = dialog.leaf_id or greeting.id
            dialog.words_upto = greeting.id  # not indexed for recall, since every prompt contains it
    return dialog


# Built once: building a statement takes longer than SQLite takes to answer it.
_MINE = DIALOGS.where(col(Dialog.id) == bindparam("dialog"), col(Dialog.user_id) == col(User.id))
_OWN = for_somebody(_MINE)
_LOOKED_AT = for_somebody(
    _MINE.add_columns(
        select(Message.state).where(Message.id == Dialog.leaf_id).scalar_subquery(),
        select(CharacterCard.background_token)
        .where(CharacterCard.character_id == Character.id, col(Character.deleted_at).is_(None))
        .scalar_subquery(),
    )
)
"""`_OWN` with the state of the last message and the picture behind the chat."""


async def _own_conversation(db: AsyncSession, caller: Caller, dialog_id: int) -> Conversation:
    """The caller's conversation without its messages."""
    conversation, _more = await _own_conversation_with(db, caller, dialog_id, _OWN)
    return conversation


async def _own_conversation_with(
    db: AsyncSession, caller: Caller, dialog_id: int, question: Any
) -> tuple[Conversation, Sequence[Any]]:
    """As `_own_conversation`, with the columns that `question` selects besides those of `_OWN`."""
    person, found = await authenticate_and_read(db, caller, question, trial_too=True, dialog=clamp_id(dialog_id))
    if not found:
        raise no_such_dialog()
    dialog, character, author, *more = found[0]
    check_own(dialog, person)
    may_go_on = may_talk(person, character, author)
    return Conversation(dialog, character, addressed_as_in(dialog, person), may_go_on=may_go_on), more

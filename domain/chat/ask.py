"""Request and reply: one message and its reply, for clients of the JSON API that wait or listen.

The reply is written by `ReplyWriter` like any other. A client may disconnect and ask again with the same idempotency
key (`client_id`), which finds the same message and the same reply.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import func
from sqlalchemy.orm import aliased
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.accounts.sessions import Caller
from domain.accounts.sessions_list import SessionEnded
from domain.characters.visibility import get_visible
from domain.chat.chat import Chat, open_dialog
from domain.chat.replies.reply_request import ReplyRequest, asking, check_client_id, clean_message
from domain.chat.replies.reply_writer import ReplyWriter
from domain.chat.tree.events import ReplyChunk, ReplyEnded, ReplyTakenBack
from domain.errors import Busy, NotAllowed, NotFound
from domain.model.dialog import Dialog, Message, State
from domain.model.user import User
from domain.quotas import check_room_for_dialog
from storage.bus import EVERYBODY, Bus, Missed
from storage.database import Database

LISTENERS = 20
"""Maximum concurrent waiting requests per user."""

Heard = asyncio.Queue[ReplyChunk | ReplyTakenBack | ReplyEnded | SessionEnded | Missed]


@dataclass(frozen=True)
class PendingReply:
    """A stored message, identified by its reply."""

    dialog_id: int
    reply_id: int


class ReplyRequests:
    def __init__(self, database: Database, bus: Bus, reply_writer: ReplyWriter, chat: Chat) -> None:
        self._database = database
        self._bus = bus
        self._reply_writer = reply_writer
        self._chat = chat
        self._listeners: Counter[int] = Counter()

    async def ask(
        self, caller: Caller, character_id: int, text: str, client_id: str, *, dialog_id: int | None = None
    ) -> PendingReply:
        """Send a message to a character, in an existing or a new dialog, and start writing the reply.

        A new dialog is created together with its first message. Raises what `Chat.send` raises.
        """
        text = clean_message(text)
        check_client_id(client_id)
        begins_dialog = dialog_id is None
        async with asking(
            self._database, self._bus, self._reply_writer, caller, begins_dialog=begins_dialog
        ) as request:
            if dialog_id is None:
                dialog = await self._begun_or_new(request.db, await request.authorize(), character_id, client_id)
                sent = await request.append_question(dialog, text, client_id)
            else:
                # The character is read with everything else. It is read alone only to find out what is wrong.
                try:
                    dialog = await _dialog_with(request, character_id, dialog_id)
                    sent = await request.append_question(dialog, text, client_id)
                except (NotFound, NotAllowed):
                    await get_visible(request.db, await request.authorize(), character_id)
                    raise
            reply_id = sent.reply.id if sent else await _reply_to(request.db, dialog.id, client_id)
        return PendingReply(dialog.id, reply_id)

    async def _begun_or_new(self, db: AsyncSession, person: User, character_id: int, client_id: str) -> Dialog:
        """The dialog that this very message began, unlocked, or a new one."""
        character = await get_visible(db, person, character_id)
        # Concurrent requests with the same key do not create two dialogs: the person's row is locked.
        if begun := await _begun_with(db, person, character.id, client_id):
            return begun
        await check_room_for_dialog(db, person, self._reply_writer.limits)
        return await open_dialog(db, person, character)

    async def reply(self, caller: Caller, asked: PendingReply) -> Message:
        """The current reply, with the text published so far."""
        found = (await self._chat.refresh(caller, asked.dialog_id, {asked.reply_id})).messages
        if not found:
            raise NotFound("No such message.")
        return found[0]

    def streamed_text(self, asked: PendingReply) -> str | None:
        """The text so far of a reply that is being written here. Its end will be published, so its row need not be
        read, which would delay the request to the model. None: unknown, so read the row (`reply`).
        """
        return self._reply_writer.streamed_text(asked.reply_id)

    @property
    def longest_wait(self) -> float:
        """Seconds within which a reply ends, unless there is a long queue before it."""
        return self._reply_writer.longest_wait

    async def wait_until_ended(self, caller: Caller, asked: PendingReply, within: float) -> Message:
        """The finished reply, or its current state after a timeout of `within` seconds."""
        with self.subscribe(caller, asked) as heard:  # subscribed before reading, so that no end is missed in between
            reply = None if self.streamed_text(asked) is not None else await self.reply(caller, asked)
            try:
                async with asyncio.timeout(within):
                    while reply is None or reply.state == State.RUNNING:
                        if not isinstance(await heard.get(), ReplyChunk):
                            reply = await self.reply(caller, asked)
            except TimeoutError:
                return await self.reply(caller, asked)
        return reply

    @contextmanager
    def subscribe(self, caller: Caller, asked: PendingReply) -> Iterator[Heard]:
        """Subscribe to the events of the reply and to the end of the caller's session. Raises `Busy` if the user has
        too many subscriptions open.
        """
        if self._listeners[caller.user_id] >= LISTENERS:
            raise Busy("Too many connections are waiting for your replies. Close one of them first.")
        heard: Heard = asyncio.Queue()

        def hear(fact: ReplyChunk | ReplyTakenBack | ReplyEnded) -> None:
            if fact.reply_id == asked.reply_id:
                heard.put_nowait(fact)

        subscriptions = (
            self._bus.subscribe(ReplyChunk, asked.dialog_id, hear),
            self._bus.subscribe(ReplyTakenBack, asked.dialog_id, hear),
            self._bus.subscribe(ReplyEnded, asked.dialog_id, hear),
            self._bus.subscribe(SessionEnded, caller.session_id, heard.put_nowait),
            self._bus.subscribe(Missed, EVERYBODY, heard.put_nowait),
        )
        self._listeners[caller.user_id] += 1
        try:
            yield heard
        finally:
            self._listeners[caller.user_id] -= 1
            if not self._listeners[caller.user_id]:
                del self._listeners[caller.user_id]
            for unsubscribe in subscriptions:
                unsubscribe()


async def _dialog_with(request: ReplyRequest, character_id: int, dialog_id: int) -> Dialog:
    """The named dialog, locked, if it is with this character."""
    _person, dialog = await request.dialog(dialog_id)
    if dialog.character_id != character_id:
        raise NotFound("This chat doesn't exist.")
    return dialog


async def _begun_with(db: AsyncSession, person: User, character_id: int, client_id: str) -> Dialog | None:
    """The user's dialog with this character that already contains a message with this key."""
    found = await db.exec(
        select(Dialog)
        .join(Message, col(Message.dialog_id) == Dialog.id)
        .where(Dialog.user_id == person.id, Dialog.character_id == character_id, col(Dialog.deleted_at).is_(None))
        .where(Message.client_id == client_id)
    )
    return found.first()


async def _reply_to(db: AsyncSession, dialog_id: int, client_id: str) -> int:
    """The current reply to the message with this key; raises `NotFound` if it has none any more."""
    question = aliased(Message)
    replies = await db.exec(
        select(Message.id)
        .join(question, col(question.id) == col(Message.parent_id))
        .where(question.dialog_id == dialog_id, question.client_id == client_id)
        .order_by((col(Message.id) == func.coalesce(question.next_id, 0)).desc(), col(Message.id).desc())
    )
    reply_id = replies.first()
    if reply_id is None:
        raise NotFound("No such message.")
    return reply_id

"""Reply request: the checks (admission, idempotency) and the one transaction that all ways of asking share.

Sending, asking by the API, regenerating, editing and continuing differ only in what they look up and what they add:

    async with asking(database, bus, reply_writer, caller) as request:
        person, dialog = await request.dialog(…)     # authorised and locked; leaving the block here asks for nothing
        await request.append_question(dialog, …)     # admitted, then added, unless it was sent before
    # committed, published, and the reply is being written
"""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import BindParameter, Integer, bindparam
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from domain.accounts.sessions import Caller, authorize_writer
from domain.books.books_of_dialog import has_books
from domain.characters.reply_feedback import set_feedback
from domain.characters.visibility import AUTHOR, may_see
from domain.chat.prompts.participants import Participants
from domain.chat.replies.reply_row import LEASE
from domain.chat.replies.reply_writer import ReplyWriter
from domain.chat.tree.events import BranchChanged, MessageSent
from domain.chat.tree.message_tree import Above, above_in, with_above
from domain.chat.tree.new_messages import AddedMessage, NewMessage, add_new
from domain.chat.tree.own_dialog import authorize_to_change, own_message
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


@dataclass(frozen=True)
class Exchange:
    """A message and the row of its reply, as they were added, with their participants."""

    participants: Participants
    message: AddedMessage
    reply: AddedMessage


class _Facts(NamedTuple):
    """The facts that decide whether a reply may be asked for, and those that it then needs."""

    character: Character
    author: User
    running: int
    """Number of replies that are being written for the person."""
    is_writing: bool
    is_sent: bool
    has_books: bool
    above: Above | None


class ReplyRequest:
    """A request for a reply while its transaction is open. The first methods authorise the caller and lock the rows,
    the person's first. Then one of the last four is called, once, to add messages or resume a reply.
    """

    def __init__(self, db: AsyncSession, caller: Caller, reply_writer: ReplyWriter, *, trial_too: bool) -> None:
        self.db = db
        self._caller = caller
        self._trial_too = trial_too
        self._person: User  # set once the caller is authorised
        self._reply_writer = reply_writer
        self.added: tuple[MessageSent | BranchChanged, int, str] | None = None
        """The event to publish after the commit, the reply's id and the text it continues; None: nothing to write."""
        self.participants: Participants | None = None
        """The participants of its prompt, if known."""

    async def authorize(self) -> User:
        """The caller, when no dialog of theirs is to be looked up. Raises what `authorize_writer` raises."""
        self._person = await authorize_writer(self.db, self._caller, trial_too=self._trial_too, lock=LOCK_FOR_UPDATE)
        return self._person

    async def dialog(self, dialog_id: int) -> tuple[User, Dialog]:
        """The caller and a dialog of theirs, locked for a change. Raises what `authorize_writer` raises, `NotFound`."""
        self._person, dialog = await authorize_to_change(self.db, self._caller, dialog_id, trial_too=self._trial_too)
        return self._person, dialog

    async def message(self, message_id: int) -> tuple[Message, Dialog]:
        """A message of the caller's and its dialog, locked. Raises the same as `dialog`."""
        return await own_message(self.db, await self.authorize(), message_id)

    async def append_question(self, dialog: Dialog, text: str, client_id: str) -> Exchange | None:
        """Add the person's message at the end of the path; returns None if it was sent before."""
        facts = await self._admit(dialog, client_id, dialog.leaf_id)
        if facts.is_sent:
            return None
        message, reply = await self._add_question(dialog, facts.above, dialog.leaf_id, text, client_id)
        moments = message.values["created_at"], facts.above.created_at if facts.above else None
        self.participants = Participants(
            *(dialog, facts.character, self._person, facts.has_books, message.id, *moments)
        )
        self.added = MessageSent(dialog.id, message.id, reply.id), reply.id, ""
        return Exchange(self.participants, message, reply)

    async def branch_question(self, dialog: Dialog, old: Message, text: str, client_id: str) -> None:
        """Add the person's message as a sibling of an older one, unless it was sent before."""
        facts = await self._admit(dialog, client_id, old.parent_id)
        if not facts.is_sent:
            _message, reply = await self._add_question(dialog, facts.above, old.parent_id, text, client_id)
            self.added = BranchChanged(dialog.id, reply.id, replying=True), reply.id, ""

    async def branch_reply(self, dialog: Dialog, parent_id: int) -> None:
        """Add another reply to the same message."""
        facts = await self._admit(dialog, parent_id=parent_id, answered_id=parent_id)
        (reply,) = await self._add(dialog, parent_id, facts.above, _running_reply())
        self.added = BranchChanged(dialog.id, reply.id, replying=True), reply.id, ""

    async def resume_reply(self, dialog: Dialog, reply: Message) -> None:
        """Set the same row running again. Its text will change, so its feedback, facts and chapters are dropped."""
        await self._admit(dialog)
        await set_feedback(self.db, dialog, reply, None)
        await forget_the_old_text(self.db, reply)
        reply.state, reply.fault, reply.reference, reply.stop_asked = State.RUNNING, "", "", False
        dialog.spoken_at = now()
        dialog.words_upto = min(dialog.words_upto, reply.id - 1)
        reply.lease_until = lease_for(LEASE)
        self.added = MessageSent(dialog.id, None, reply.id), reply.id, reply.text

    async def _admit(
        self, dialog: Dialog, client_id: str = "", parent_id: int | None = None, answered_id: int | None = None
    ) -> _Facts:
        """Check whether a message may be added below `parent_id`, and read the facts needed for it. Raises if it is
        refused, unless it was sent before. `answered_id` is the message to be answered if it is there already.

        The person's row is locked, so no other request of theirs can come between this and the commit.
        """
        person = self._person
        about = {"person": person.id, "dialog": dialog.id, "client": client_id, "parent": parent_id}
        found = (await self.db.exec(_FACTS, params=about | {"character": dialog.character_id})).one()
        character, author, running, is_writing, is_sent, has_any_books, *_ = found
        facts = _Facts(character, author, running, is_writing, is_sent, has_any_books, above_in(found))
        if facts.is_sent:
            return facts
        await self._reply_writer.check_admission(self.db, person, facts.running, answered_id)
        if not may_talk(person, facts.character, facts.author):
            raise NotAllowed("This character is gone. You can still read the chat.", field="text")
        if facts.is_writing:
            raise still_writing()
        return facts

    async def _add_question(
        self, dialog: Dialog, above: Above | None, parent_id: int | None, text: str, client_id: str
    ) -> tuple[AddedMessage, AddedMessage]:
        question = NewMessage(Role.USER, text, client_id=client_id)
        message, reply = await self._add(dialog, parent_id, above, question, _running_reply())
        return message, reply

    async def _add(
        self, dialog: Dialog, parent_id: int | None, above: Above | None, *messages: NewMessage
    ) -> list[AddedMessage]:
        return await add_new(self.db, dialog, parent_id, above, *messages, lease=LEASE)


def _running_reply() -> NewMessage:
    return NewMessage(Role.ASSISTANT, state=State.RUNNING)


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
    """Count the request against the rate limits and open its transaction; after the commit, publish the reply and start
    writing it.

    Raises `RateLimited`, what `ReplyRequest` and `ReplyWriter.check_admission` raise, `NotAllowed` for a character
    that is gone, and `Busy` while a reply is being written or nothing can be stored. The limits are counted before the
    transaction, since they use their own. `trial_too`: people without an account may ask too; it must create a new
    reply, which the trial's limit counts.
    """
    await reply_writer.take_from_rate_limit(caller.user_id)
    if begins_dialog:
        await reply_writer.limits.take(CHATS, caller.user_id)
    try:
        async with database.write() as db:
            request = ReplyRequest(db, caller, reply_writer, trial_too=trial_too)
            yield request
    except (IntegrityError, DatabaseUnavailable) as error:
        raise _busy_or(error) from error
    if request.added:
        event, reply_id, text = request.added
        # Started first: the listeners work while the database reads for it, and its events still come after this one.
        reply_writer.start(caller.user_id, event.about, reply_id, text, request.participants)
        bus.publish(event)


def clean_message(text: str) -> str:
    """The person's text without invisible characters; raises `Invalid` if nothing or too much is left."""
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
        has_books(col(Character.id), bindparam("dialog")),
    )
    with_author = select(*columns).join(AUTHOR, col(AUTHOR.id) == Character.owner_id)
    return with_above(with_author.where(Character.id == bindparam("character")), bindparam("parent", type_=Integer))


_FACTS = _facts()
"""Query for all that decides whether a reply may be asked for, and the message above it. Built once, since every
request runs it. It must come after the locks: only then does it see, on PostgreSQL, what earlier holders have
committed.
"""


def still_writing() -> Busy:
    return Busy("One moment: the previous reply is still being written.", field="text")


def _busy_or(error: IntegrityError | DatabaseUnavailable) -> Exception:
    """`Busy` for an unavailable database or a second running reply in the dialog; any other error unchanged."""
    if isinstance(error, DatabaseUnavailable):
        log.warning("A message was refused, nothing could be kept: %s", error)
        return Busy("Couldn't save. Nothing was lost: try again in a moment.", field="text")
    if violates(error, "uq_message_running"):
        return still_writing()
    return error

"""Marks that a person puts on messages of their dialogs: feedback on a reply, and hiding from the model.

Both can be undone, and a second click changes nothing. Neither changes the text, but both are refused until it is
complete.
"""

from __future__ import annotations

from domain.accounts.sessions import Caller, authorize_writer
from domain.characters.reply_feedback import set_feedback
from domain.chat.replies.reply_request import still_writing
from domain.chat.tree.events import MessageMarked
from domain.chat.tree.own_dialog import own_message
from domain.errors import NotFound
from domain.memory.chapter_changes import exclude_messages, readmit_messages
from domain.model.dialog import Feedback, Message, State
from storage.bus import Bus
from storage.database import Database


class MessageMarks:
    def __init__(self, database: Database, bus: Bus) -> None:
        self._database = database
        self._bus = bus

    async def rate(self, caller: Caller, message_id: int, feedback: Feedback | None) -> None:
        """Give feedback on a reply, or (with None) withdraw it.

        Raises `ReadOnly`, `Busy`, and `NotFound` for a message that may not get any (`Message.may_get_feedback`).
        """
        async with self._database.write() as db:
            person = await authorize_writer(db, caller)
            message, dialog = await own_message(db, person, message_id)
            _check_written(message)
            if not message.may_get_feedback:
                raise NotFound("No such message.")
            await set_feedback(db, dialog, message, feedback)
        self._bus.publish(MessageMarked(dialog.id, message.id, changes_prompt=False))

    async def hide(self, caller: Caller, message_id: int, *, hidden: bool) -> None:
        """Hide a message from the model, or let it be read again, from the next reply on.

        The message being answered is read even if it is hidden (domain/chat/prompts/prompt.py). Raises `ReadOnly`,
        `Busy`.
        """
        async with self._database.write() as db:
            person = await authorize_writer(db, caller)
            message, dialog = await own_message(db, person, message_id)
            _check_written(message)
            message.is_hidden_from_model = hidden
            if dialog.memory_version:  # something is remembered, perhaps from this message
                dialog.memory_version += 1
                await (exclude_messages if hidden else readmit_messages)(db, dialog.id, [message.id])
        self._bus.publish(MessageMarked(dialog.id, message.id, changes_prompt=True))


def _check_written(message: Message) -> None:
    if message.state == State.RUNNING:
        raise still_writing()

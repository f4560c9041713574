"""Pagination of a conversation: the part of a path shown at once, which is its end, or the messages before, after or
around one of them. The user and an admin who may read it see the same.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace

from sqlmodel.ext.asyncio.session import AsyncSession

from domain.books.traces import FiredEntry, lore_of
from domain.chat.replies.reply_writer import ReplyWriter
from domain.chat.replies.trial_limit import TrialUse, trial_use
from domain.chat.tree.message_tree import first_of_path, is_on_path, path_below, path_up, with_texts
from domain.chat.tree.path_message import PathMessage
from domain.chat.tree.siblings import SiblingPosition, continued_sibling, with_siblings
from domain.llm.port import Role
from domain.memory.message_traces import RecalledMessage, pinned_among, recalled_by
from domain.model.character import Character
from domain.model.dialog import Dialog, Message, State
from domain.model.user import User

WINDOW = 50
"""Page size in messages."""


@dataclass(frozen=True)
class Window:
    """Consecutive messages of the path to the leaf, oldest first."""

    path: list[PathMessage]
    leaf_id: int | None

    @property
    def ids(self) -> list[int]:
        return [each.id for each in self.path]

    @property
    def has_older(self) -> bool:
        return bool(self.path) and self.path[0].parent_id is not None

    @property
    def has_newer(self) -> bool:
        return bool(self.path) and self.path[-1].id != self.leaf_id


@dataclass(frozen=True)
class Conversation:
    """A dialog as shown: its participants, and a window of the current path of messages, oldest first."""

    dialog: Dialog
    character: Character
    reader: User
    messages: list[Message] = field(default_factory=list)
    siblings: dict[int, SiblingPosition] = field(default_factory=dict)
    """Position of each message among its siblings."""
    goes_on_at: dict[int, int] = field(default_factory=dict)
    """For a message at the end of the path, its newest sibling below which the person continued the talk."""
    pinned: frozenset[int] = frozenset()
    """Those of the messages that are pinned in the dialog's memory."""
    recalled: dict[int, tuple[RecalledMessage, ...]] = field(default_factory=dict)
    """Old messages that a reply's prompt quoted, by the id of the reply."""
    lore: dict[int, tuple[FiredEntry, ...]] = field(default_factory=dict)
    """Lorebook entries in a reply's prompt, by the id of the reply, as far as the viewer may see them."""
    admin: User | None = None
    """The viewer, if it is an admin and not the reader."""
    has_older: bool = False
    has_newer: bool = False
    remembered_from: int | None = None
    """The first message that the model still gets verbatim; None if it gets all of them."""
    may_go_on: bool = True
    """Whether the character is still available to this user; if not, the conversation is read-only."""
    trial: TrialUse | None = None
    """The reader's use of their trial, if they have no account; known where there are messages."""
    is_replying: bool = False
    """Whether a reply is being written at the end of the path; only `Chat.look` sets this and the next."""
    background_token: str | None = None
    """The picture behind the chat, if the character has one (domain/cards/card_pictures.py)."""


def may_see_thoughts(viewer: User | None, character: Character) -> bool:
    """Whether this user may see the model's thoughts, which may quote the author's instructions."""
    return viewer is not None and (viewer.is_admin or viewer.id == character.owner_id)


async def window_of(
    db: AsyncSession, leaf_id: int | None, before: int | None, after: int | None, around: int | None
) -> Window:
    """The window before, after or around a message; the end of the path if the message is on another branch."""
    if before and await is_on_path(db, leaf_id, before):
        return Window((await path_up(db, before, WINDOW + 1))[:-1], leaf_id)
    if after and await is_on_path(db, leaf_id, after):
        return Window(await path_below(db, leaf_id, after, WINDOW), leaf_id)
    if around and await is_on_path(db, leaf_id, around):
        above = await path_up(db, around, WINDOW)
        path = above + await path_below(db, leaf_id, around, WINDOW)
        start = max(0, min(len(above) - 1 - WINDOW // 2, len(path) - WINDOW))
        return Window(path[start : start + WINDOW], leaf_id)
    return Window(await path_up(db, leaf_id, WINDOW), leaf_id)


async def with_window(
    db: AsyncSession, reply_writer: ReplyWriter, conversation: Conversation, window: Window
) -> Conversation:
    """The conversation with the messages of the window."""
    shown = await with_messages(db, reply_writer, conversation, window.ids)
    return replace(shown, has_older=window.has_older, has_newer=window.has_newer)


async def with_messages(
    db: AsyncSession, reply_writer: ReplyWriter, conversation: Conversation, ids: Collection[int]
) -> Conversation:
    """The conversation with those of these messages that belong to it, as they are now."""
    found = await with_siblings(db, conversation.dialog.id, ids)
    messages, siblings = [message for message, _place in found], {message.id: place for message, place in found}
    ends = [each for each in messages if siblings[each.id].of > 1 and _is_end(each, messages, conversation.dialog)]
    goes_on_at = {each.id: other for each in ends if (other := await continued_sibling(db, each))}
    pinned = await pinned_among(db, conversation.dialog, ids)
    recalled = await recalled_by(db, conversation.dialog.id, messages)
    lore = await lore_of(db, conversation.admin or conversation.reader, messages)
    trial = await trial_use(db, conversation.reader, reply_writer.trial_messages)
    return replace(
        conversation,
        messages=_as_told(reply_writer, messages),  # after the last query, which would write the changed rows
        siblings=siblings,
        goes_on_at=goes_on_at,
        pinned=pinned,
        recalled=recalled,
        lore=lore,
        trial=trial,
    )


async def path_page(
    db: AsyncSession, reply_writer: ReplyWriter, leaf_id: int | None, limit: int, after: int | None
) -> list[Message]:
    """The path to the leaf, oldest first; keyset pagination: `after` is the last id read so far."""
    start = after or await first_of_path(db, leaf_id) - 1
    part = await path_below(db, leaf_id, start, limit)
    return _as_told(reply_writer, await with_texts(db, [each.id for each in part]))


def _is_end(message: Message, messages: Collection[Message], dialog: Dialog) -> bool:
    """Whether the path ends here: at the message itself, or at the reply to it."""
    is_asked_last = message.role == Role.USER and any(
        each.id == dialog.leaf_id and each.parent_id == message.id for each in messages
    )
    return message.id == dialog.leaf_id or is_asked_last


def _as_told(reply_writer: ReplyWriter, messages: list[Message]) -> list[Message]:
    """The messages, running replies with the text published so far, which is ahead of the saved one."""
    for message in messages:
        if message.state == State.RUNNING:
            message.text = reply_writer.text_of(message.id) or message.text
    return messages

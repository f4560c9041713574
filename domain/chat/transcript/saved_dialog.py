"""Import: a dialog saved as JSON, read and checked. Version 1 had no memory; in version 2, unknown fields are ignored.
Pure: bytes only.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from domain.chat.transcript.checked_json import TEXT_LIMIT, Exact, Flag, Id, Moment, checked, no_tree
from domain.chat.transcript.export import FORMAT, ExportedMessage
from domain.chat.transcript.json_reader import InPieces, read_object
from domain.chat.transcript.memory_in_file import MEMORY_LISTS, read_memory_of
from domain.errors import Invalid
from domain.llm.port import Role
from domain.memory.editing.kept_memory import KeptMemory
from domain.model.character import NAME_LIMIT
from domain.model.dialog import Feedback, State
from domain.text import without_controls

WITHOUT_MEMORY = 1
VERSIONS = (WITHOUT_MEMORY, 2)
LISTS: InPieces = {"messages": {}, "memory": {name: {} for name in MEMORY_LISTS}}
"""Lists that are read one item at a time; braces stand for an object with such lists."""
MEGABYTES_LIMIT = 5
MESSAGES_LIMIT = 20_000
LONGEST_PIECE = 12 * TEXT_LIMIT + 1_000
"""Maximum length of an item in a file: each character of a text may be written as two \\uXXXX."""


class _SavedMessage(Exact):
    id: Id
    parent_id: Id | None
    role: Literal[Role.USER, Role.ASSISTANT]
    text: str = Field(max_length=TEXT_LIMIT)
    state: State
    created_at: Moment
    loaded: Flag = False
    """Ignored: whatever a file says, its messages are imported now."""
    hidden: Flag = False
    feedback: Feedback | None = None


class _SavedCharacter(Exact):
    id: Id
    name: str = Field(min_length=1, max_length=NAME_LIMIT)


class _SavedHead(Exact):
    format: Literal["beseda-dialog"]
    version: Literal[1, 2]
    character: _SavedCharacter
    title: str
    started_at: Moment
    messages: list[Any]
    leaf_id: Id | None


@dataclass(frozen=True)
class SavedDialog:
    """The content of a file, validated: its messages are a tree, parents come before their children."""

    character_id: int
    character_name: str
    title: str
    started_at: datetime
    messages: Sequence[ExportedMessage]
    leaf_id: int | None
    memory: KeptMemory = field(default_factory=KeptMemory)


def read_json(data: bytes) -> SavedDialog:
    """Parse what `as_json` wrote; raises `Invalid` with one plain sentence. Slow for a large file: call it in a
    thread.
    """
    if len(data) > MEGABYTES_LIMIT * 1024 * 1024:
        raise too_large()
    try:
        text = data.decode(json.detect_encoding(data), "surrogatepass")
        content = read_object(text, LISTS, LONGEST_PIECE)
    except (ValueError, RecursionError) as error:
        raise _foreign() from error
    if content.get("format") != FORMAT:
        raise _foreign()
    if (version := content.get("version")) not in VERSIONS:
        raise Invalid("This chat was saved by a version of Beseda that this server doesn't know.")
    has_memory = version != WITHOUT_MEMORY
    memory = content.pop("memory", {}) if has_memory else {}
    head = checked(_SavedHead, content, is_tolerant=has_memory)
    if len(head.messages) > MESSAGES_LIMIT:
        raise Invalid("An imported chat can have at most {limit} messages.", limit=MESSAGES_LIMIT)
    # One at a time: validating all at once would block every other thread, the server's among them.
    messages = [
        _said(checked(_SavedMessage, each, f"messages[{n}].", is_tolerant=has_memory))
        for n, each in enumerate(head.messages)
    ]
    ordered = _parents_first(messages)
    if head.leaf_id not in {None, *(each.id for each in ordered)}:
        raise no_tree()
    leaf_id = head.leaf_id or (ordered[-1].id if ordered else None)
    character = head.character
    remembered = read_memory_of(memory, ordered, character.name)
    return SavedDialog(character.id, character.name, head.title, head.started_at, ordered, leaf_id, remembered)


def too_large() -> Invalid:
    return Invalid("A chat file can be at most {limit} MB.", limit=MEGABYTES_LIMIT)


def _foreign() -> Invalid:
    return Invalid("This file is not a chat saved from Beseda.")


def _said(message: _SavedMessage) -> ExportedMessage:
    """A reply that was running when the file was saved becomes interrupted; a user's message is always done."""
    state = State.INTERRUPTED if message.state == State.RUNNING else message.state
    if message.role == Role.USER:
        state = State.DONE
    text, feedback = without_controls(message.text), message.feedback if message.role == Role.ASSISTANT else None
    said = ExportedMessage(message.id, message.parent_id, message.role, text, state, message.created_at)
    return said._replace(is_loaded=True, is_hidden_from_model=message.hidden, feedback=feedback)


def _parents_first(messages: Iterable[ExportedMessage]) -> list[ExportedMessage]:
    """The messages in the order of the file, but parents first; raises `Invalid` unless all of them form a tree."""
    waiting: dict[int, list[ExportedMessage]] = {}
    ordered: dict[int, ExportedMessage] = {}
    ids: set[int] = set()
    for message in messages:
        if message.id in ids:
            raise no_tree()
        ids.add(message.id)
        if message.parent_id is not None and message.parent_id not in ordered:
            waiting.setdefault(message.parent_id, []).append(message)
            continue
        free = [message]
        while free:
            parent = free.pop()
            ordered[parent.id] = parent
            free += reversed(waiting.pop(parent.id, []))
    if waiting:  # they wait for a missing parent, or for one another
        raise no_tree()
    return list(ordered.values())

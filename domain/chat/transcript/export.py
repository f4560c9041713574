"""Export formats: a dialog as Markdown and plain text for people, as JSON for import. Pure: texts and bytes only.

Markdown and plain text contain the current branch, JSON every branch, and the dialog's memory
(domain/chat/transcript/memory_in_file.py):

    {"format": "beseda-dialog", "version": 2, "character": {"id", "name"}, "title", "started_at",
     "messages": [{"id", "parent_id", "role", "text", "state", "created_at"}, …], "leaf_id", "memory": {…}}

An imported message is marked, in JSON by `"loaded": true`, one hidden from the model by `"hidden": true`; the person's
feedback on a reply is in JSON only, `"feedback": "up"` or `"down"`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import NamedTuple

from domain.chat.transcript.memory_in_file import memory_as_json
from domain.language import Texts
from domain.llm.port import Role
from domain.memory.editing.kept_memory import KeptMemory
from domain.model.character import Character
from domain.model.dialog import Dialog, Feedback, State
from domain.text import without_controls

FORMAT = "beseda-dialog"
VERSION = 2
MARKS = {"loaded": "is_loaded", "hidden": "is_hidden_from_model", "feedback": "feedback"}
"""Keys that a message in a file has only if they are set, and their fields."""
MARKDOWN_SIGNS = re.compile(r"([\\`*_\[\]<>#|])")


class ExportedMessage(NamedTuple):
    """A message as stored in files."""

    id: int
    parent_id: int | None
    role: Role
    text: str
    state: State
    created_at: datetime
    is_loaded: bool = False
    is_hidden_from_model: bool = False
    feedback: Feedback | None = None


MessageRow = tuple[int, int | None, str, str, str, datetime, bool, bool, str | None]
"""The fields of `ExportedMessage`, with choices as plain text.

The garbage collector does not track exact tuples of such values. A hundred thousand `ExportedMessage` would block every
other thread for 30 ms on each full collection.
"""


@dataclass(frozen=True)
class Transcript:
    """A dialog with all its messages; parents come before their children."""

    dialog: Dialog
    character: Character
    reader_name: str
    rows: Sequence[MessageRow]
    memory: KeptMemory = field(default_factory=KeptMemory)

    @property
    def messages(self) -> Iterator[ExportedMessage]:
        return map(_said_in, self.rows)

    @property
    def title(self) -> str:
        return self.dialog.title or self.character.name

    @property
    def path(self) -> Iterator[ExportedMessage]:
        """The current branch, oldest first."""
        known = {row[0]: row for row in self.rows}
        path, row = [], known.get(self.dialog.leaf_id or 0)
        while row:
            path.append(row)
            row = known.get(row[1] or 0)
        return map(_said_in, reversed(path))


def _said_in(row: MessageRow) -> ExportedMessage:
    message_id, parent_id, role, text, state, created_at, is_loaded, is_hidden, feedback = row
    marks = is_loaded, is_hidden, Feedback(feedback) if feedback else None
    return ExportedMessage(message_id, parent_id, Role(role), text, State(state), created_at, *marks)


def as_markdown(transcript: Transcript, zone: tzinfo, _: Texts) -> Iterator[str]:
    """The Markdown file, with a heading of title, character and day; messages are Markdown already.

    This file and the others come in pieces, a message each: one made whole would be a hundred megabytes for the longest
    dialogs, and copying those keeps every other thread waiting.
    """
    yield f"# {_plain(transcript.title)}\n\n{_plain(transcript.character.name)} · {_day(transcript, zone)}\n"
    for name, source, text in _spoken(transcript, _):
        yield f"\n**{_plain(name)}**{source}\n\n{text}\n"


def as_text(transcript: Transcript, zone: tzinfo, _: Texts) -> Iterator[str]:
    yield f"{transcript.title}\n{transcript.character.name} · {_day(transcript, zone)}\n"
    for name, source, text in _spoken(transcript, _):
        yield f"\n{name}{source}:\n{text}\n"


def as_json(transcript: Transcript) -> Iterator[str]:
    """One message per line, so that a human can read it."""
    dialog, character = transcript.dialog, transcript.character
    head = {
        "format": FORMAT,
        "version": VERSION,
        "character": {"id": character.id, "name": character.name},
        "title": dialog.title,
        "started_at": dialog.started_at.isoformat(),
    }
    yield f'{_json(head)[:-1]},\n "messages": ['
    comma = ""
    for each in transcript.messages:
        yield f"{comma}\n  {_json(_saved(each))}"
        comma = ","
    yield f'\n ],\n "leaf_id": {_json(dialog.leaf_id)}'
    if transcript.memory:
        yield ',\n "memory": '
        yield from memory_as_json(transcript.memory, {row[0] for row in transcript.rows})
    yield "}\n"


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _saved(message: ExportedMessage) -> dict[str, object]:
    fields = message._asdict() | {"created_at": message.created_at.isoformat()}
    marks = {name: fields.pop(field) for name, field in MARKS.items()}
    return fields | {name: mark for name, mark in marks.items() if mark}


def _spoken(transcript: Transcript, _: Texts) -> Iterator[tuple[str, str, str]]:
    """The speaker, the notes on the message, and its text."""
    names = {Role.USER: transcript.reader_name, Role.ASSISTANT: transcript.character.name}
    from_file, hidden = _("imported from a file"), _("hidden from the model")
    for each in transcript.path:
        notes = [*([from_file] if each.is_loaded else []), *([hidden] if each.is_hidden_from_model else [])]
        if text := without_controls(each.text).strip():
            yield names[each.role], f" ({', '.join(notes)})" if notes else "", text


def _day(transcript: Transcript, zone: tzinfo) -> str:
    return transcript.dialog.started_at.astimezone(zone).date().isoformat()


def _plain(text: str) -> str:
    """Escape Markdown."""
    return MARKDOWN_SIGNS.sub(r"\\\1", text)

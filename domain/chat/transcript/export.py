"""Export formats: a dialog as Markdown and plain text for people, as JSON for import. Pure: texts and bytes only.

Markdown and plain text contain the current branch, JSON every branch:

    {"format": "beseda-dialog", "version": 1, "character": {"id", "name"}, "title", "started_at",
     "messages": [{"id", "parent_id", "role", "text", "state", "created_at"}, …], "leaf_id"}

An imported message is marked, in JSON by `"loaded": true`, one hidden from the model by `"hidden": true`; the person's
feedback on a reply is in JSON only, `"feedback": "up"` or `"down"`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Annotated, Any, Literal, NamedTuple, TypeVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from domain.chat.transcript.json_reader import read_object
from domain.errors import Invalid
from domain.language import Texts
from domain.llm.port import Role
from domain.model.character import NAME_LIMIT, Character
from domain.model.dialog import Dialog, Feedback, State
from domain.text import without_controls

FORMAT = "beseda-dialog"
VERSION = 1
MEGABYTES_LIMIT = 5
MESSAGES_LIMIT = 20_000
TEXT_LIMIT = 16_000
"""Maximum length of a message; replies may be longer than what a user may send."""
LONGEST_PIECE = 12 * TEXT_LIMIT + 1_000
"""Maximum length of an item in a file: each character of a text may be written as two \\uXXXX."""
MARKS = {"loaded": "is_loaded", "hidden": "is_hidden_from_model", "feedback": "feedback"}
"""What a message has in a file only where it is so, and its field."""
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
"""The fields of `ExportedMessage`, those of a choice as plain text.

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
    """With a heading of title, character and day; messages stay the Markdown they are.

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
    yield f'\n ],\n "leaf_id": {_json(dialog.leaf_id)}}}\n'


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _saved(message: ExportedMessage) -> dict[str, object]:
    fields = message._asdict() | {"created_at": message.created_at.isoformat()}
    marks = {name: fields.pop(field) for name, field in MARKS.items()}
    return fields | {name: mark for name, mark in marks.items() if mark}


def _spoken(transcript: Transcript, _: Texts) -> Iterator[tuple[str, str, str]]:
    """The speaker, what is to be known of the message, and the text."""
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


Id = Annotated[int, Field(ge=1, le=2**31 - 1)]
# Outside these years some time zones cannot represent the moment, and a page that shows it would break.
Moment = Annotated[AwareDatetime, Field(ge=datetime(1970, 1, 1, tzinfo=UTC), lt=datetime(2200, 1, 1, tzinfo=UTC))]


class _Exact(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _SavedMessage(_Exact):
    id: Id
    parent_id: Id | None
    role: Literal[Role.USER, Role.ASSISTANT]
    text: str = Field(max_length=TEXT_LIMIT)
    state: State
    created_at: Moment
    loaded: bool = False
    """Ignored: whatever a file says, its messages are imported now."""
    hidden: bool = False
    feedback: Feedback | None = None


class _SavedCharacter(_Exact):
    id: Id
    name: str = Field(min_length=1, max_length=NAME_LIMIT)


class _SavedHead(_Exact):
    format: Literal["beseda-dialog"]
    version: Literal[1]
    character: _SavedCharacter
    title: str
    started_at: Moment
    messages: list[Any]
    leaf_id: Id | None


Model = TypeVar("Model", bound=_Exact)


@dataclass(frozen=True)
class SavedDialog:
    """The content of a file, validated: its messages are a tree, parents come before their children."""

    character_id: int
    character_name: str
    title: str
    started_at: datetime
    messages: Sequence[ExportedMessage]
    leaf_id: int | None


def read_json(data: bytes) -> SavedDialog:
    """Parse what `as_json` wrote; raises `Invalid` with one plain sentence. Slow for a large file: call it in a
    thread.
    """
    if len(data) > MEGABYTES_LIMIT * 1024 * 1024:
        raise too_large()
    try:
        content = read_object(data.decode(json.detect_encoding(data), "surrogatepass"), "messages", LONGEST_PIECE)
    except (ValueError, RecursionError) as error:
        raise _foreign() from error
    if content.get("format") != FORMAT:
        raise _foreign()
    if content.get("version") != VERSION:
        raise Invalid("This chat was saved by a version of Beseda that this server doesn't know.")
    head = _checked(_SavedHead, content)
    if len(head.messages) > MESSAGES_LIMIT:
        raise Invalid("An imported chat can have at most {limit} messages.", limit=MESSAGES_LIMIT)
    # One at a time: validating all at once would block every other thread, the server's among them.
    messages = [_said(_checked(_SavedMessage, each, f"messages[{n}].")) for n, each in enumerate(head.messages)]
    ordered = _parents_first(messages)
    if head.leaf_id not in {None, *(each.id for each in ordered)}:
        raise _no_tree()
    leaf_id = head.leaf_id or (ordered[-1].id if ordered else None)
    return SavedDialog(head.character.id, head.character.name, head.title, head.started_at, ordered, leaf_id)


def too_large() -> Invalid:
    return Invalid("A chat file can be at most {limit} MB.", limit=MEGABYTES_LIMIT)


def _foreign() -> Invalid:
    return Invalid("This file is not a chat saved from Beseda.")


def _no_tree() -> Invalid:
    return Invalid("This file is damaged: its messages don't follow one another.")


def _checked(kind: type[Model], content: object, place: str = "") -> Model:
    try:
        return kind.model_validate(content)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        if first["type"] == "string_too_long" and first["loc"] == ("text",):
            raise Invalid("A message in this file has more than {limit} characters.", limit=TEXT_LIMIT) from error
        place += ".".join(str(step)[:NAME_LIMIT] for step in first["loc"])
        raise Invalid("This file is damaged: something is wrong at {place}.", place=place.rstrip(".")) from error


def _said(message: _SavedMessage) -> ExportedMessage:
    """A reply that was running when the file was saved becomes interrupted; a user's message is always done."""
    state = State.INTERRUPTED if message.state == State.RUNNING else message.state
    if message.role == Role.USER:
        state = State.DONE
    text, feedback = without_controls(message.text), message.feedback if message.role == Role.ASSISTANT else None
    said = ExportedMessage(message.id, message.parent_id, message.role, text, state, message.created_at)
    return said._replace(is_loaded=True, is_hidden_from_model=message.hidden, feedback=feedback)


def _parents_first(messages: Iterable[ExportedMessage]) -> list[ExportedMessage]:
    """In the order of the file, but parents first; raises `Invalid` unless all messages form a tree."""
    waiting: dict[int, list[ExportedMessage]] = {}
    ordered: dict[int, ExportedMessage] = {}
    ids: set[int] = set()
    for message in messages:
        if message.id in ids:
            raise _no_tree()
        ids.add(message.id)
        if message.parent_id is not None and message.parent_id not in ordered:
            waiting.setdefault(message.parent_id, []).append(message)
            continue
        free = [message]
        while free:
            parent = free.pop()
            ordered[parent.id] = parent
            free += reversed(waiting.pop(parent.id, []))
    if waiting:  # for a missing parent, or for one another
        raise _no_tree()
    return list(ordered.values())

"""Dialog list items: a line for each dialog, with its last words or with what a search found."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from domain.chat.dialog_line import DialogLine
from domain.clock import now
from domain.model.dialog import Message, State
from ui.request.visitor import Reader
from ui.widgets.picture_urls import character_picture

SNIPPET = 90
READ = 400
"""Characters of a message from which its snippet is made: replies may be long, and so may lists."""
MARKS = re.compile(r"[*_`#>]+")
"""Markdown markers, which are removed from a line of plain text."""
DONE_MEANWHILE = re.compile(r"(?<![*\w])[*_](?![*_\s])[^*_\n]+[*_](?![*\w])")
"""A stage direction: *smiles*."""
WEEK, MONTH = 7, 30


def dialog_lines(reader: Reader, lines: Iterable[DialogLine]) -> list[dict[str, Any]]:
    """The lines in the shape dialog_list.js expects; some 60 µs each."""
    return [_shown(reader, line) for line in lines]


def _shown(reader: Reader, line: DialogLine) -> dict[str, Any]:
    dialog, last = line.dialog, line.last
    return {
        "id": dialog.id,
        "name": line.name,
        "title": dialog.title,
        "snippet": _plain(line.snippet) or (_last_words(reader, last) if last else ""),
        "found": line.found_message_id,
        "picture": character_picture(line.character, "face"),
        "time": _time(reader, line),
        "at": int(dialog.spoken_at.timestamp() * 1000),
        "group": _group(reader, line),
        "pinned": dialog.pinned_at is not None,
        "running": bool(last and last.state == State.RUNNING),
    }


def _plain(text: str) -> str:
    return " ".join(MARKS.sub("", text).split())


def _last_words(reader: Reader, last: Message) -> str:
    if not last.text and last.state == State.FAILED:
        return reader._("No reply")
    return beginning(last.text)


def beginning(text: str) -> str:
    """The beginning of a text without stage directions (*smiles*), unless there is nothing else."""
    plain = _plain(DONE_MEANWHILE.sub(" ", text[:READ])) or _plain(text[:READ])
    return plain if len(plain) <= SNIPPET else plain[: SNIPPET - 1].rstrip() + "…"


def _time(reader: Reader, line: DialogLine) -> str:
    """Under «Сегодня» and «Вчера» the time, elsewhere the day: there is little room in a line."""
    spoken, zone = line.dialog.spoken_at, reader.preferences.zone
    age = _age(reader, spoken)
    if age <= 0 or (age == 1 and not line.dialog.pinned_at):
        return reader._.time(spoken, zone)
    return reader._.day(spoken, now(), zone)


def _group(reader: Reader, line: DialogLine) -> str:
    _, age = reader._, _age(reader, line.dialog.spoken_at)
    if line.dialog.pinned_at:
        return _("Pinned")
    if age <= 0:
        return _("Today")
    if age == 1:
        return _("Yesterday")
    if age <= WEEK:
        return _("Last 7 days")
    return _("Last 30 days") if age <= MONTH else _("Earlier")


def _age(reader: Reader, moment: datetime) -> int:
    """The age of a moment in days, by the reader's calendar."""
    zone = ZoneInfo(reader.preferences.zone)
    return (now().astimezone(zone).date() - moment.astimezone(zone).date()).days

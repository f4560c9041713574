"""My dialogs as the list shows them: by day, each with its last words."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from itertools import groupby
from typing import Any

from babel.dates import get_timezone

from domain.chat.dialog import State
from domain.chat.dialogs import DialogLine
from domain.moments import now
from ui.components.dialog_list import DialogList
from ui.pictures import character_picture
from ui.visitor import Reader

SNIPPET = 80
MARKS = re.compile(r"[*_`#>]+")
"""Of Markdown, which one line of plain text does without."""
WEEK, MONTH = 7, 30


def list_of_dialogs(reader: Reader, lines: Iterable[DialogLine], *, here: int | None) -> DialogList:
    """The list in the page; `here` is the dialog that is open."""
    _ = reader._
    return DialogList(
        dialog_groups(reader, lines, here),
        {
            "list": _("Chats"),
            "empty": _("No chats yet. Choose somebody in the gallery."),
            "running": _("typing…"),
        },
    )


def dialog_groups(reader: Reader, lines: Iterable[DialogLine], here: int | None) -> list[dict[str, Any]]:
    """The shape dialog_list.js takes; lines come with the newest first, so that each day is one run."""
    return [
        {"label": label, "items": [_item(reader, line, here) for line in group]}
        for label, group in groupby(lines, key=lambda line: _when(reader, line.dialog.spoken_at))
    ]


def _item(reader: Reader, line: DialogLine, here: int | None) -> dict[str, Any]:
    last = line.last
    words = " ".join(MARKS.sub("", last.text).split()) if last else ""
    return {
        "id": line.dialog.id,
        "url": f"/chat/{line.dialog.id}",
        "name": line.character.name,
        "snippet": words[:SNIPPET],
        "picture": character_picture(line.character, "small"),
        "time": reader.moment(line.dialog.spoken_at),
        "active": line.dialog.id == here,
        "running": bool(last and last.state == State.RUNNING),
    }


def _when(reader: Reader, moment: datetime) -> str:
    _, zone = reader._, get_timezone(reader.preferences.zone)
    days = (now().astimezone(zone).date() - moment.astimezone(zone).date()).days
    if days <= 0:
        return _("Today")
    if days == 1:
        return _("Yesterday")
    if days <= WEEK:
        return _("Last 7 days")
    return _("Last 30 days") if days <= MONTH else _("Earlier")

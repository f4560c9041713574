"""The macro context of a dialog: its id, the person's clock, and the last messages of a path."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, tzinfo
from zoneinfo import ZoneInfo

from domain.chat.tree.path_message import PathMessage
from domain.clock import now
from domain.llm.port import Role
from domain.macros.context import MacroContext
from domain.macros.meanings import LONGEST_SAID
from domain.model.character import Character
from domain.model.dialog import Dialog
from domain.model.user import User


def macro_context(
    dialog: Dialog, character: Character, person: User, draw: int = 0, silence: Sequence[datetime | None] = ()
) -> MacroContext:
    """`draw` is the reply's id; `silence`: the times of the person's last message and the character's before it."""
    ended, began = silence or (None, None)
    return MacroContext(
        chat=dialog.id,
        draw=draw,
        language=character.language or person.language,
        moment=now(),
        zone=_zone(person.zone),
        idle=ended - began if ended and began else None,
    )


def hearing(context: MacroContext, path: Sequence[PathMessage]) -> MacroContext:
    """The context with the last messages of the path; fillers of the same length replace texts that were not read."""
    said = [(each.role, _words(each)) for each in path if each.counts]
    by = {role: next((words for who, words in reversed(said) if who == role), "") for role in Role}
    last = said[-1][1] if said else ""
    return replace(context, last_message=last, last_of_person=by[Role.USER], last_of_character=by[Role.ASSISTANT])


def _words(message: PathMessage) -> str:
    return message.text.strip() or "…" * min(message.length, LONGEST_SAID)


def _zone(name: str) -> tzinfo | None:
    try:
        return ZoneInfo(name) if name else None
    except (LookupError, ValueError, OSError):  # the browser may know more zones than the server
        return None

"""Macro context: what macros may know besides the names: which chat and reply, the clock, and what was said last."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo


@dataclass(frozen=True)
class MacroContext:
    """Nothing of it changes while a prompt is put together, so a text is filled in alike however often it is asked for.

    `chat` is the dialog's id, from which `{{pick:…}}` chooses; `draw` is another number for each reply, from which
    `{{random:…}}` and `{{roll:…}}` do.
    """

    chat: int = 0
    draw: int = 0
    language: str = "ru"
    moment: datetime | None = None
    """The time; None: now."""
    zone: tzinfo | None = None
    """Of the person's clock; None: the server's."""
    idle: timedelta | None = None
    """How long the person had been silent."""
    last_message: str = ""
    last_of_person: str = ""
    last_of_character: str = ""


NO_CONTEXT = MacroContext()

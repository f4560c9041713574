"""Macro context: what macros may know besides names: which chat and reply, the clock, and what was said last."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo


@dataclass(frozen=True)
class MacroContext:
    """Constant while a prompt is built, so that a text is filled in the same way however often it is asked for.

    `chat` is the id of the dialog, by which `{{pick:…}}` chooses. `draw` is a new number for each reply, by which
    `{{random:…}}` and `{{roll:…}}` choose.
    """

    chat: int = 0
    draw: int = 0
    language: str = "ru"
    moment: datetime | None = None
    """The time; None: now."""
    zone: tzinfo | None = None
    """The time zone of the person; None: that of the server."""
    idle: timedelta | None = None
    """How long the person had been silent."""
    last_message: str = ""
    last_of_person: str = ""
    last_of_character: str = ""


NO_CONTEXT = MacroContext()

"""Macro context: what macros may use besides names: the chat and the reply, the clock, and the last messages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo


@dataclass(frozen=True)
class MacroContext:
    """Constant while a prompt is built, so that a text is filled in the same way each time.

    `chat` is the id of the dialog, by which `{{pick:…}}` chooses. `draw` is a new number for each reply, by which
    `{{random:…}}` and `{{roll:…}}` choose.
    """

    chat: int = 0
    draw: int = 0
    language: str = "ru"
    moment: datetime | None = None
    """The time; None: now."""
    zone: tzinfo | None = None
    """The person's time zone; None: the server's."""
    idle: timedelta | None = None
    """Silence between the character's last message and the person's; None: unknown."""
    last_message: str = ""
    last_of_person: str = ""
    last_of_character: str = ""


NO_CONTEXT = MacroContext()

"""Composer (component): where a person writes to a character."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from nicegui import ui

from domain.language import Texts
from domain.model.dialog import CLIENT_ID_LIMIT, MESSAGE_LIMIT
from ui.socket.shapes import Record, Takes, Text


class Composer(ui.element, component="composer.js"):
    """Emits `send` {text, client_id} and `stop`; each `send` is answered by `accepted` or `refused`.

    An unanswered `send` comes again with the same `client_id` and text: accept it once (idempotent). The draft is
    kept in the browser under `draft_key`; `limit` is counted in code points.

    Labels: message (the name of the box), placeholder, send, stop, wait, too_long, pause (with a place for {time}).
    """

    TAKES: ClassVar[Takes] = {
        "send": Record({"text": Text(2 * MESSAGE_LIMIT), "client_id": Text(CLIENT_ID_LIMIT)}),
        "stop": None,
    }

    def __init__(self, labels: Mapping[str, str], *, draft_key: str, limit: int) -> None:
        super().__init__()
        self._props["labels"] = dict(labels)
        self._props["draft-key"] = draft_key
        self._props["limit"] = limit

    def accepted(self, client_id: str) -> None:
        """The message is in the dialog: the box is emptied, except for what was typed meanwhile."""
        self.run_method("accepted", client_id)

    def refused(self, client_id: str, sentence: str, seconds: int = 0) -> None:
        """The text stays in the box, with the reason under it; `seconds` until it may be sent are counted down."""
        self.run_method("refused", client_id, sentence, seconds)

    def replying(self, now: bool) -> None:
        """While the character replies, the button stops the reply; typing ahead stays possible."""
        self.run_method("replying", now)

    def close(self, sentence: str) -> None:
        """Nothing can be sent here from now on: a sentence replaces the box."""
        self.run_method("close", sentence)


def composer_labels(_: Texts) -> dict[str, str]:
    return {
        "message": _("Message"),
        "placeholder": _("Write a message…"),
        "send": _("Send"),
        "stop": _("Stop"),
        "wait": _("One moment: the previous reply is still being written."),
        "pause": _("You can send this in {time}."),
        "too_long": _("A message can be at most {limit} characters long.", limit=MESSAGE_LIMIT),
    }

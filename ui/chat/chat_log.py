"""Chat log (component): the messages of one dialog as one element, however long the conversation."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from nicegui import ui

from domain.language import Texts
from domain.model.dialog import CLIENT_ID_LIMIT, MESSAGE_LIMIT
from ui.chat.markdown.stream import MarkdownStream
from ui.socket.shapes import Number, Record, Takes, Text

ASK_EARLY = """<script>window.historyAsked = {url: %(url)s,
  page: fetch(%(url)s).then((answer) => answer.status === 200 ? answer.json() : null).catch(() => null)}</script>"""
"""Script for the page's head: fetches and parses the history while the scripts that show it still load, so that it is
part of the first paint. A preload would be used only by the log's own request, after that paint.
"""
EDIT = Record({"id": Number(), "text": Text(2 * MESSAGE_LIMIT), "client_id": Text(CLIENT_ID_LIMIT)})


class ChatLog(ui.element, component="chat_log.js"):
    """Fetches `url` once it is in the browser, unless `ask_early` did, then follows what it is told.

    `url` answers a window of the dialog, oldest first: {"messages": [message, …], "older": url | None, "newer": url |
    None}; it takes `before`, `after` or `around` a message id. ui/chat/bubbles.py makes the messages.

    Emits `act` {id, action} (retry, answer, continue, sign-up, regenerate, previous, next, return, branch, delete,
    report, thumb-up, thumb-down, unrate, hide, show, pin, unpin) and `edit` {id, text, client_id}, which is answered by
    `edited` or `edit_refused`. `rewrite` is the same for a reply.

    Labels: log, failed, cut, retry, down, typing, late, copied, save, cancel, previous, next, memory, hidden, more, one
    for each action.
    """

    TAKES: ClassVar[Takes] = {
        "act": Record({"id": Number(), "action": Text(20)}),
        "edit": EDIT,
        "rewrite": EDIT,
    }

    def __init__(self, url: str, labels: Mapping[str, str]) -> None:
        super().__init__()
        self._props["url"] = url
        self._props["labels"] = dict(labels)
        self._streams: dict[int, MarkdownStream] = {}
        """Streams of the running replies by id, each as far as it has been sent to this page."""

    def append(
        self, messages: Sequence[Mapping[str, Any]], begun: tuple[int, str] | None = None, *, own: bool = False
    ) -> None:
        """Add messages at the end; those already there are replaced.

        `own`: they were sent from this page, whose reader is taken to them. Other readers keep their place.
        `begun` is the id and the text so far of a reply among them. It goes to the browser together with them, since
        the browser lays out the page anew for each message from here.
        """
        growth = self._growth(*begun) if begun else None
        self.run_method("append", [dict(message) for message in messages], growth, own)

    def grow(self, message_id: int, text: str) -> None:
        """A running reply has grown to `text`. The browser gets what is new in it, as HTML.

        What is already shown is skipped; after a gap the browser fetches the history again.
        """
        if growth := self._growth(message_id, text):
            self.run_method("delta", growth)

    def _growth(self, message_id: int, text: str) -> list[Any] | None:
        """The arguments of `delta` in chat_log.js; None if there is nothing new to show."""
        growth = self._streams.setdefault(message_id, MarkdownStream()).grow(text)
        if growth is None:
            return None
        return [message_id, growth.first, growth.blocks, growth.length, [growth.head, growth.tail]]

    def begin_anew(self, message: Mapping[str, Any]) -> None:
        """Discard what was shown of a running reply: that was not the reply."""
        self._streams.pop(message["id"], None)
        self.append([message])

    def finish(self, message: Mapping[str, Any]) -> None:
        """Show the message as it is now: the end of a reply, or any later change of its state."""
        self._streams.pop(message["id"], None)
        self.run_method("finish", dict(message))

    def note(self, message_id: int, text: str) -> None:
        """A short text beside the dots of a reply that has not begun."""
        self.run_method("note", message_id, text)

    def renew(self, message: Mapping[str, Any]) -> None:
        """Show the message with the person's marks on it."""
        self.run_method("renew", dict(message))

    def say(self, text: str) -> None:
        """Tell screen readers what a button did, if that is shown elsewhere."""
        self.run_method("say", text)

    def reload(self, anchor_id: int | None) -> None:
        """The dialog shows another branch now: fetch it again and keep the anchor (None: the end) in view."""
        self.run_method("reload", anchor_id)

    def refresh(self) -> None:
        """Fetch again what is in the page, without the reader noticing: something may have been missed, or has changed
        more than one message.
        """
        self.run_method("refresh")

    def edited(self, client_id: str) -> None:
        """The edit is saved: the box closes as soon as it is in the log."""
        self.run_method("edited", client_id)

    def edit_refused(self, client_id: str, sentence: str) -> None:
        """The text stays in the box, with the reason under it."""
        self.run_method("editRefused", client_id, sentence)


def ask_early(url: str) -> str:
    """`ASK_EARLY` of a log with this `url`."""
    return ASK_EARLY % {"url": json.dumps(url)}


def log_labels(_: Texts) -> dict[str, str]:
    return {
        "log": _("Messages"),
        "failed": _("Couldn't load the chat."),
        "cut": _("Some messages couldn't be loaded."),
        "retry": _("Try again"),
        "down": _("Jump to latest"),
        "typing": _("typing…"),
        "late": _("Still waiting for the model…"),
        "copy": _("Copy"),
        "copied": _("Copied"),
        "speak": _("Read aloud"),
        "quiet": _("Stop reading"),
        "edit": _("Edit"),
        "regenerate": _("Regenerate"),
        "branch": _("New chat from here"),
        "delete": _("Delete"),
        "report": _("Report"),
        "thumb-up": _("Good reply"),
        "thumb-down": _("Bad reply"),
        "unrate": _("Remove rating"),
        "hide": _("Hide from the model"),
        "show": _("Show again"),
        "hidden": _("Hidden from the model"),
        "pin": _("Pin in memory"),
        "unpin": _("Unpin from memory"),
        "more": _("More actions"),
        "continue": _("Continue"),
        "save": _("Save and resend"),
        "save_reply": _("Save"),
        "cancel": _("Cancel"),
        "previous": _("Previous version"),
        "next": _("Next version"),
        "details": _("Details"),
        "thoughts": _("What the model thought"),
        "goes_on": _("The chat went on in another version."),
        "return": _("Go back to it"),
        "memory": _("From here on the character remembers every word"),
    }

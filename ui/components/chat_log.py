"""The messages of one dialog: one element however long the talk (ARCHITECTURE.md, idea 11)."""

from __future__ import annotations

from collections.abc import Mapping

from nicegui import ui


class ChatLog(ui.element, component="chat_log.js"):
    """Fetches `url` once it is in the browser, then follows what it is told; emits `act` {id, action}.

    `url` answers {"messages": [message, …]}, oldest first. A message is {"id": int, "role": "user" | "assistant",
    "name", "avatar": url, "time": label, "moment": ISO time, "html": finished text from ui.markdown, "text": what there
    is of a running one, "length": its code points, "state": "running" | "done" | "stopped" | "interrupted" | "failed" |
    "filtered", "note": sentence under the bubble or "", "action": "retry" | "continue" | "", "action_label"}.

    Labels: log, typing, failed, retry, down.
    """

    def __init__(self, url: str, labels: Mapping[str, str]) -> None:
        super().__init__()
        self._props["url"] = url
        self._props["labels"] = dict(labels)

    def append(self, message: Mapping[str, object]) -> None:
        """Add a message at the end; one already there is replaced."""
        self.run_method("append", dict(message))

    def delta(self, message_id: int, at: int, length: int, text: str) -> None:
        """A piece of a running reply: `at` code points came before it, it has `length`.

        What is already shown is skipped; after a gap the browser fetches the history again.
        """
        self.run_method("delta", message_id, at, length, text)

    def finish(self, message: Mapping[str, object]) -> None:
        """Show the message as it is now: the end of a reply, or any later change of its state."""
        self.run_method("finish", dict(message))

    def take_away(self, message_id: int) -> None:
        self.run_method("takeAway", message_id)

"""Transcript: somebody's conversation as an admin reads it: the chat's own bubbles, with details of each message."""

from __future__ import annotations

from typing import Any

from nicegui import ui

from domain.chat.history_page import Conversation
from domain.language import Texts
from domain.llm.model_names import readable_name
from domain.llm.port import Role
from domain.model.dialog import Feedback, Message, State
from ui.admin.shell.cells import SECOND, loaded_words, numbered
from ui.chat.bubbles import bubble
from ui.chat.chat_log import ChatLog
from ui.request.visitor import Reader
from ui.widgets.money import money


class TranscriptLog(ChatLog, component="transcript.js"):
    """A `ChatLog` that can switch to another branch."""

    def turn(self, url: str, anchor_id: int) -> None:
        """Show another branch; the message where the branches part keeps its place on the screen."""
        self._props["anchor"] = anchor_id
        self._props["url"] = url
        self.update()


def feed_address(dialog_id: int, through: int | None = None) -> str:
    """The address that the log fetches: the branch the person reads, or the one through a message."""
    address = f"/admin/feed/dialogs/{dialog_id}"
    return f"{address}/through/{through}" if through else address


def transcript_bubbles(reader: Reader, conversation: Conversation) -> list[dict[str, Any]]:
    """Like `bubbles`, read-only, with a line of details for each. Slow for long texts: call it in a thread."""
    return [
        {
            **bubble(reader, conversation, message),
            "note": "" if message.state == State.RUNNING else " · ".join(_details(reader._, message)),
            "action": "",
            "may": ["copy"] if message.text and message.state != State.RUNNING else [],
        }
        for message in conversation.messages
    ]


def _details(_: Texts, message: Message) -> list[str]:
    """«№ 12 · закончен · yandexgpt-lite · 310 → 42 токена · первые слова 0,4 с · 0,12 ₽»."""
    details = [numbered(_, message.id), *([loaded_words(_)] if message.is_loaded else [])]
    details += [_("rewritten by the user")] if message.is_rewritten else []
    details += [_("good reply") if message.feedback == Feedback.UP else _("bad reply")] if message.feedback else []
    if message.recalled:
        details.append(_("recalled {messages}", messages=", ".join(numbered(_, each) for each in message.recalled)))
    if message.role == Role.USER or not message.model:
        return details
    details += [state_words(_)[message.state], readable_name(message.model)]
    if message.tokens_in is not None and message.tokens_out is not None:
        tokens = _.plural("{read} → {n} token", "{read} → {n} tokens", message.tokens_out, read=message.tokens_in)
        details.append(f"≈ {tokens}" if message.tokens_estimated else tokens)
    if message.first_text_ms is not None:
        details.append(_("first words after {n} s", n=_.number(round(message.first_text_ms / SECOND, 2))))
    if message.cost:
        details.append(money(_, message.cost))
    if message.fault:
        details.append(" ".join(filter(None, (message.fault, message.reference))))
    return details


def state_words(_: Texts) -> dict[State, str]:
    return {
        State.RUNNING: _("in progress"),
        State.DONE: _("complete"),
        State.STOPPED: _("stopped"),
        State.INTERRUPTED: _("interrupted"),
        State.FAILED: _("failed"),
        State.FILTERED: _("blocked by the filter"),
    }


def with_whom(person: str, character: str) -> str:
    return f"{person} × {character}"


def reading_banner(reader: Reader, person: str, until: str) -> None:
    """It stays as long as the conversation is on the screen."""
    _ = reader._
    with ui.element("p").classes("reading-banner").props("role=status"):
        ui.label(_("You're reading someone else's conversation: {name}.", name=person)).classes("what")
        ui.label(
            _("This is recorded in the audit log. You can read it until {time} but not change anything.", time=until)
        )

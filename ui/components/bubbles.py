"""A message as the ChatLog component shows it."""

from __future__ import annotations

from typing import Any

from domain.chat.chat import Conversation
from domain.chat.dialog import Message, State
from domain.chat.turns import UNEXPECTED
from domain.llm.faults import sentence_for
from domain.llm.port import Role
from ui.markdown import to_html
from ui.pictures import character_picture, portrait_address
from ui.visitor import Reader

RETRIED = {State.FAILED, State.INTERRUPTED, State.FILTERED}


def bubble(reader: Reader, conversation: Conversation, message: Message) -> dict[str, Any]:
    """The shape chat_log.js takes. Slow for a long text (Markdown): for a whole history, call it in a thread."""
    is_reply = message.role == Role.ASSISTANT
    running = message.state == State.RUNNING
    may_retry = message.state in RETRIED and message.id == conversation.dialog.leaf_id and conversation.may_go_on
    name = conversation.character.name if is_reply else conversation.reader.display_name
    return {
        "id": message.id,
        "role": "assistant" if is_reply else "user",
        "name": name,
        "avatar": character_picture(conversation.character, "small") if is_reply else portrait_address(name),
        "time": reader.moment(message.created_at),
        "moment": message.created_at.isoformat(),
        "html": "" if running else to_html(message.text),
        "text": message.text if running else "",
        "length": len(message.text),
        "state": message.state.value,
        "note": _note(reader, message),
        "action": "retry" if may_retry else "",
        "action_label": reader._("Try again") if may_retry else "",
    }


def _note(reader: Reader, message: Message) -> str:
    """What the person should know about a reply that did not simply end."""
    _ = reader._
    if message.state == State.STOPPED:
        return _("Stopped by you")
    if message.state == State.FILTERED:
        return _("The model's provider refused this topic. Put it differently or talk of something else.")
    if message.state not in {State.INTERRUPTED, State.FAILED}:
        return ""
    if not message.fault:
        return _("The reply was interrupted: the server went down meanwhile. What had come is kept.")
    if message.fault == UNEXPECTED:
        return _("Something went wrong on our side. Reference for support: {reference}", reference=message.reference)
    return f"{_(sentence_for(message.fault))} ({message.reference})"

"""Message bubbles: a message as the ChatLog component shows it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from domain.accounts.sessions import may_write
from domain.chat.branches import can_continue
from domain.chat.history_page import Conversation, may_see_thoughts
from domain.chat.replies.reply_end import LENGTH, UNEXPECTED, WITHDRAWN
from domain.chat.replies.trial_limit import TrialUse
from domain.chat.tree.siblings import SiblingPosition
from domain.clock import now
from domain.language import N_, Texts
from domain.llm.faults import sentence_for, sentence_for_admins
from domain.llm.port import Role
from domain.model.character import Gender
from domain.model.dialog import Feedback, Message, State
from ui.chat.markdown.stream import blocks_of
from ui.chat.markdown.to_html import to_html
from ui.chat.memory.lore_words import lore_shown
from ui.request.visitor import Reader
from ui.widgets.picture_urls import character_picture, person_picture

BROKEN = {State.FAILED, State.INTERRUPTED}
THUMBS = {Feedback.UP: "thumb-up", Feedback.DOWN: "thumb-down"}
"""Actions that give the feedback."""
RECALLED = {
    Gender.FEMALE: N_("she recalled:"),
    Gender.MALE: N_("he recalled:"),
    Gender.OTHER: N_("recalled:"),
}


def window_shown(conversation: Conversation, messages: list[dict[str, Any]], here: str) -> dict[str, Any]:
    """A window of the dialog in the shape chat_log.js expects; `here` is the address that it was fetched from."""
    return {
        "messages": messages,
        "older": f"{here}?before={messages[0]['id']}" if conversation.has_older else None,
        "newer": f"{here}?after={messages[-1]['id']}" if conversation.has_newer else None,
    }


def bubble(reader: Reader, conversation: Conversation, message: Message) -> dict[str, Any]:
    """A bubble as chat_log.js expects it. Slow for long texts (Markdown): for a whole history, call it in a thread."""
    is_reply = message.role == Role.ASSISTANT
    running = message.state == State.RUNNING
    name = conversation.character.name if is_reply else conversation.reader.display_name
    avatar = (
        character_picture(conversation.character, "face") if is_reply else person_picture(conversation.reader, "face")
    )
    beside = conversation.siblings.get(message.id, SiblingPosition())
    action, label = _main_action(reader, conversation, message)
    return {
        "id": message.id,
        "role": "assistant" if is_reply else "user",
        "name": name,
        "avatar": avatar,
        "day": reader._.day(message.created_at, now(), reader.preferences.zone),
        "time": reader.moment(message.created_at),
        "moment": message.created_at.isoformat(),
        "html": "" if running else to_html(message.text),
        "blocks": blocks_of(message.text) if running else [],
        "source": "" if running else message.text,
        "length": len(message.text),
        "state": message.state.value,
        "note": _note(reader, message),
        "thoughts": message.thoughts if may_see_thoughts(reader.user, conversation.character) else "",
        "reference": _reference(reader, message),
        "action": action,
        "action_label": label,
        "may": _may(conversation, message),
        "feedback": THUMBS[message.feedback] if message.feedback else "",
        "hidden": message.is_hidden_from_model,
        "siblings": [beside.place, beside.of],
        "goes_on_at": conversation.goes_on_at.get(message.id, 0),
        "memory": message.id == conversation.remembered_from,
        **_recalled(reader, conversation, message),
        **lore_shown(reader, conversation.lore.get(message.id, ())),
    }


def bubbles(reader: Reader, conversation: Conversation) -> list[dict[str, Any]]:
    return [bubble(reader, conversation, message) for message in conversation.messages]


def _recalled(reader: Reader, conversation: Conversation, message: Message) -> dict[str, Any]:
    """The trace under a reply whose prompt quoted what was said long ago."""
    _ = reader._
    recalled = conversation.recalled.get(message.id, ())
    dated = [{"message": each.id, "date": _when(reader, each.said_at)} for each in recalled]
    return {
        "recalled": dated,
        "recalled_words": _(RECALLED[conversation.character.gender]) if dated else "",
        "recalled_more": _.plural("and {n} more", "and {n} more", len(dated) - 1) if len(dated) > 1 else "",
    }


def _when(reader: Reader, moment: datetime) -> str:
    """The time if it was today, else the day, as it stands within a sentence."""
    _, zone = reader._, reader.preferences.zone
    day = _.day(moment, now(), zone)
    if day == _("Today"):
        return _.time(moment, zone)
    return day.lower() if day == _("Yesterday") else day


def _main_action(reader: Reader, conversation: Conversation, message: Message) -> tuple[str, str]:
    """The one button under the last message, if it has no reply or is one that did not end normally, and its label."""
    _ = reader._
    may_go_on = conversation.may_go_on and may_write(conversation.reader)
    if not may_go_on or message.id != conversation.dialog.leaf_id:
        return "", ""
    if conversation.trial:
        return _main_action_of_guest(_, conversation.trial, message)
    if message.role == Role.USER:
        return "answer", _("Get a reply")
    if message.state == State.FILTERED:
        return "rephrase", _("Rephrase")
    if can_continue(message) and not conversation.reader.is_trial:
        return "continue", _("Continue")
    return ("retry", _("Try again")) if message.state in BROKEN else ("", "")


def _main_action_of_guest(_: Texts, trial: TrialUse, message: Message) -> tuple[str, str]:
    """The button of `_main_action` for a trial. It offers the sign-up once other replies are used up; once messages
    are, too, the page does so in place of the composer.
    """
    if message.role == Role.USER:
        return ("answer", _("Get a reply")) if trial.may_get_reply(message.id) else ("", "")
    if message.state == State.FILTERED and not trial.is_over:
        return "rephrase", _("Rephrase")
    if message.state == State.RUNNING or message.parent_id is None:
        return "", ""
    if trial.may_get_reply(message.parent_id):
        return ("retry", _("Try again")) if message.state in BROKEN else ("", "")
    return ("", "") if trial.is_over else ("sign-up", _("Sign up for another reply"))


def _may(conversation: Conversation, message: Message) -> list[str]:
    """The secondary actions of a message, in order."""
    if message.state == State.RUNNING:
        return []
    may = ["copy"] if message.text else []
    is_reply = message.role == Role.ASSISTANT
    is_anothers = conversation.character.owner_id != conversation.reader.id
    is_writer = may_write(conversation.reader)
    may_go_on = conversation.may_go_on and is_writer
    report = ["report"] if message.is_characters_own and is_anothers and is_writer else []
    if conversation.reader.is_trial:  # they may talk; nothing else that needs an account is offered
        trial = conversation.trial
        again = ["regenerate"] if message.parent_id and (not trial or trial.may_get_reply(message.parent_id)) else []
        edit = [] if trial and trial.is_over else ["edit"]  # the edit could not be sent
        return may + (again if is_reply else edit) if may_go_on else may
    if not may_go_on:
        return may + report
    hide = ["show" if message.is_hidden_from_model else "hide"] if message.text else []
    is_pinned = message.id in conversation.pinned
    pin = ["unpin" if is_pinned else "pin"] if is_pinned or _may_be_pinned(message) else []
    if not is_reply:
        return [*may, "edit", "branch", *pin, *hide, "delete"]
    edit = ["edit"] if message.text else []
    if message.parent_id is None:
        return may + edit + pin + hide + report
    thumbs = [*THUMBS.values()] if message.may_get_feedback else []
    return [*may, "regenerate", *edit, *thumbs, "branch", *pin, *hide, *report, "delete"]


def _may_be_pinned(message: Message) -> bool:
    return bool(message.text) and message.state != State.FILTERED and not message.is_hidden_from_model


def _note(reader: Reader, message: Message) -> str:
    """A note about a reply that did not end normally, or a message that the person rewrote."""
    _ = reader._
    if message.is_rewritten and message.state == State.DONE:
        return _("Edited by you")
    match message.state:
        case State.STOPPED:
            return _("Stopped by you")
        case State.FILTERED:
            return _("The model refused to talk about this. Rephrase it, or talk about something else.")
        case State.DONE if message.fault == LENGTH:
            return _("The reply is longer than the model can write at once.")
        case State.INTERRUPTED | State.FAILED:
            return _what_happened(reader, message)
    return ""


def _what_happened(reader: Reader, message: Message) -> str:
    _ = reader._
    if not message.fault:
        return _("The reply was interrupted: the server was restarting. What arrived is saved.")
    if message.fault == WITHDRAWN:
        return _("The reply was broken off by an admin's decision. What arrived is saved.")
    if message.fault == UNEXPECTED:
        return _("Something went wrong on our side.")
    of_admin = reader.user is not None and reader.user.is_admin
    return _(sentence_for_admins(message.fault) if of_admin else sentence_for(message.fault))


def _reference(reader: Reader, message: Message) -> str:
    """A reference that a person can quote to the server's operator, who finds it in the log."""
    if not message.reference:
        return ""
    return reader._("Reference for support: {reference}", reference=message.reference)

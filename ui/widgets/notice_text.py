"""Notification texts: what happened, why, what was said about it, where it leads."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.accounts.notices import NoticeKind, Notification
from domain.audit.dialog_access import ReadingReason
from domain.language import Texts
from domain.mail.measure_letters import happened, lifted
from domain.moderation.reasons import REASONS
from domain.moderation.reports import Complaint
from ui.request.visitor import Reader


@dataclass(frozen=True)
class NotificationText:
    """`words` are an admin's own, the rest is ours; whatever is missing is ""."""

    title: str
    details: str = ""
    words: str = ""
    href: str = ""


def reading_reasons(_: Texts) -> dict[ReadingReason, str]:
    """Reasons for reading a conversation, for the admin who states one and for the person who is told."""
    return {
        ReadingReason.REPORT: _("a report"),
        ReadingReason.REQUEST: _("a request for help"),
        ReadingReason.SAFETY: _("someone's safety"),
        ReadingReason.LAW: _("a lawful request from an authority"),
        ReadingReason.FAULT: _("a technical problem"),
        ReadingReason.PROGRAM: _("a request by a program"),
    }


def notification_text(reader: Reader, notice: Notification) -> NotificationText:
    _, data = reader._, notice.data
    match notice.kind:
        case NoticeKind.MEASURE:
            return NotificationText(_measure(_, data), _reason(reader, data), data.get("words", ""), _character(data))
        case NoticeKind.MEASURE_LIFTED:
            return NotificationText(lifted(_, data["kind"], data["character"]), href=_character(data))
        case NoticeKind.APPEAL_ANSWERED:
            outcome = _("You were right, and it has been lifted.") if data["granted"] else _("The decision stands.")
            title = _("Your reply has been reviewed. {outcome}", outcome=outcome)
            details = lifted(_, data["kind"], data["character"]) if data["granted"] else _measure(_, data)
            return NotificationText(title, details, data.get("answer", ""), _character(data))
        case NoticeKind.REPORT_ANSWERED:
            title = _("Your report about {name} has been reviewed.", name=data["character"])
            outcome = _("You were right, and action was taken.") if data["upheld"] else _("We found no violation.")
            return NotificationText(title, outcome, data.get("answer", ""))
        case NoticeKind.DIALOG_READ:
            title = _("An admin read your chat with {name}.", name=data["character"])
            reason = reading_reasons(_)[ReadingReason(data["reason"])]
            return NotificationText(title, _("Reason: {reason}.", reason=reason), href=f"/chat/{data['dialog_id']}")


def _measure(_: Texts, data: dict[str, Any]) -> str:
    return happened(_, data["kind"], data["character"])


def _reason(reader: Reader, data: dict[str, Any]) -> str:
    _ = reader._
    reason = _("Reason: {reason}.", reason=_(REASONS[Complaint(data["reason"])]))
    if not data["until"]:
        return reason
    return f"{reason} {_('Until {time}.', time=reader.moment(datetime.fromisoformat(data['until'])))}"


def _character(data: dict[str, Any]) -> str:
    return f"/characters/{data['character_id']}" if data["character_id"] else ""

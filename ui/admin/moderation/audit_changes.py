"""Audit log changes: old and new values of what an action changed, in the reader's words instead of column names."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from domain.admin.page_texts import PageKind
from domain.characters.fields import field_labels
from domain.language import Texts
from domain.model.audit_entry import AuditEntry
from domain.moderation.appeal import AppealState
from domain.moderation.reasons import REASONS
from ui.admin.moderation.audit_labels import TARGETS, action_label
from ui.admin.moderation.measures_timeline import measure_names
from ui.admin.moderation.reports_table import report_state_names
from ui.admin.shell.cells import exactly, numbered
from ui.request.visitor import Reader
from ui.shell.account_menu import LANGUAGE_NAMES
from ui.shell.footer import SITE_PAGES
from ui.widgets.notice_text import reading_reasons

NOTHING = "—"
MOMENTS = ("since", "until")
NUMBERED = ("measure", "reports", "account", "taken_by", "actor_id", "person_id", "target_id", "version")
"""Names of the changed values that are numbers of something, shown as «№ 172»."""


def change_lines(reader: Reader, entry: AuditEntry) -> list[str]:
    """«Срок: — → 1 декабря 2026, 12:00», one line for each changed value."""
    names, words = _names(reader._), _words(reader._)
    return [
        f"{names.get(name, name)}: {_said(reader, words, name, old)} → {_said(reader, words, name, new)}"
        for name, (old, new) in entry.changes.items()
        if old != new
    ]


def _said(reader: Reader, words: Mapping[str, Mapping[str, str]], name: str, value: object) -> str:
    if value is None or value in ("", []):
        return NOTHING
    if isinstance(value, list):
        return ", ".join(_said(reader, words, name, each) for each in value)
    if name in NUMBERED and str(value).isdecimal():
        return numbered(reader._, int(str(value)))
    if isinstance(value, int):
        return _count(reader._, value)
    if name in MOMENTS:
        return _moment(reader, str(value))
    return action_label(reader._, str(value)) if name == "action" else words.get(name, {}).get(str(value), str(value))


def _count(_: Texts, value: int) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return _.number(value)


def _moment(reader: Reader, value: str) -> str:
    try:
        return exactly(reader, datetime.fromisoformat(value))
    except ValueError:  # written by another version of Beseda, in another format
        return value


def _names(_: Texts) -> dict[str, str]:
    """Every name under which a change is recorded, wherever in the domain."""
    return {
        "state": _("Answer"),
        "measure": _("Measure"),
        "measures": _("Measures"),
        "reports": _("Reports"),
        "taken_by": _("With whom"),
        "reason": _("Why"),
        "since": _("From"),
        "until": _("Until"),
        "account": _("Account"),
        "admin": _("Admin"),
        "sessions": _("Sessions"),
        "daily_tokens": _("Tokens per day"),
        "fields": _("Fields"),
        "level": _("Kind"),
        "text_ru": _("Text in Russian"),
        "text_en": _("Text in English"),
        "is_dismissible": _("Dismissible"),
        "actor_id": _("Who"),
        "person_id": _("User affected"),
        "action": _("Action"),
        "target_kind": _("Subject"),
        "target_id": _("Subject ID"),
        "page": _("Page"),
        "language": _("Language"),
        "version": _("Version"),
    }


def _words(_: Texts) -> dict[str, dict[str, str]]:
    """Words for the codes of each value."""
    appeals = {
        AppealState.GRANTED: _("granted"),
        AppealState.REFUSED: _("rejected"),
        AppealState.OVERTAKEN: _("no longer needed"),
    }
    reasons = {code: _(text) for code, text in REASONS.items()}
    return {
        "state": {each.value: text for each, text in (report_state_names(_) | appeals).items()},
        "measures": {each.value: text for each, text in measure_names(_).items()},
        "reason": {each.value: text for each, text in (reasons | reading_reasons(_)).items()},
        "level": {"info": _("news"), "warning": _("warning"), "maintenance": _("maintenance")},
        "page": {each.value: _(SITE_PAGES[f"/{each}"]) for each in PageKind},
        "language": dict(LANGUAGE_NAMES),
        "target_kind": {kind: _(text) for kind, text in TARGETS.items()},
        "fields": {
            **field_labels(_),
            "is_public": _("Public"),
            "portrait": _("Drawn portrait"),
            "book": _("Book"),
        },
    }

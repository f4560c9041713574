"""Audit log list: its columns, its filters, its rows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_datetime

from domain.audit.journal import AuditFilter
from domain.audit.names import Names
from domain.language import Texts
from domain.model.audit_entry import AuditEntry
from ui.admin.moderation.audit_changes import change_lines
from ui.admin.moderation.audit_labels import ACTIONS, LIFTED, TARGETS, action_label, target_words
from ui.admin.shell.admin_table import AdminTable, Cell, Filter, LineColumn, rows_of
from ui.admin.shell.cells import exactly, numbered
from ui.admin.shell.period import day_begins, day_ends
from ui.request.visitor import Reader

FEED = "/admin/feed/journal"
CAN_BE_LIFTED = ("hidden", "silenced", "blocked", "sent_to_mend")


def audit_list(reader: Reader, *, fixed: Mapping[str, int | str] | None = None) -> AdminTable:
    """All entries, or with `fixed` those about one person, character …; fixed filters cannot be changed."""
    _ = reader._
    return AdminTable(
        _,
        FEED,
        _columns(reader, Names({}, {})),
        [each for each in _filters(_) if each.name not in (fixed or {})],
        caption=_("Audit log"),
        empty=_("No entries yet."),
        fixed=fixed,
    )


def audit_filter(
    reader: Reader, asked: Mapping[str, str], actor_id: int | None, person_id: int | None, target_id: int | None
) -> AuditFilter:
    """The query in the address; invalid values are ignored."""
    return AuditFilter(
        actor_id=actor_id,
        action=asked.get("action", ""),
        person_id=person_id,
        target_kind=asked.get("kind", ""),
        target_id=target_id,
        since=day_begins(reader, asked.get("since", "")),
        until=day_ends(reader, asked.get("until", "")),
    )


def audit_rows(reader: Reader, entries: list[AuditEntry], names: Names) -> list[dict[str, Any]]:
    return rows_of(_columns(reader, names), entries)


def _filters(_: Texts) -> list[Filter]:
    actions = [("", _("any"))]
    for code in ACTIONS:
        actions.append((code, action_label(_, code)))
        if code.endswith(CAN_BE_LIFTED):
            actions.append((code + LIFTED, action_label(_, code + LIFTED)))
    return [
        Filter("action", _("Action"), "select", actions),
        Filter("actor", _("Who (ID)"), "number"),
        Filter("person", _("User affected (ID)"), "number"),
        Filter(
            "kind", _("Subject"), "select", [("", _("anything")), *((kind, _(name)) for kind, name in TARGETS.items())]
        ),
        Filter("target", _("ID"), "number"),
        Filter("since", _("From"), "date"),
        Filter("until", _("To"), "date"),
    ]


def _columns(reader: Reader, names: Names) -> list[LineColumn[AuditEntry]]:
    _ = reader._
    return [
        LineColumn("at", _("When"), cell=lambda entry: _moment(reader, entry)),
        LineColumn("actor", _("Who"), cell=lambda entry: _person(_, names, entry.actor_id) or _("the system")),
        LineColumn("action", _("Action"), cell=lambda entry: action_label(_, entry.action)),
        LineColumn("target", _("Subject"), cell=lambda entry: _target(_, names, entry)),
        LineColumn("reason", _("Why"), cell=lambda entry: entry.reason),
        LineColumn("changes", _("Before → after"), cell=lambda entry: _changes(reader, entry)),
    ]


def _moment(reader: Reader, entry: AuditEntry) -> Cell:
    return {
        "text": _shortly(reader, entry.at),
        "title": exactly(reader, entry.at),
        "note": numbered(reader._, entry.id),
    }


def _changes(reader: Reader, entry: AuditEntry) -> Cell:
    _, lines = reader._, change_lines(reader, entry)
    return {"fold": _.plural("{n} value", "{n} values", len(lines)), "lines": lines} if lines else ""


def _shortly(reader: Reader, at: datetime) -> str:
    """To the second: an audit log has to be exact."""
    zone = ZoneInfo(reader.preferences.zone)
    return format_datetime(at, "dd.MM.yyyy HH:mm:ss", tzinfo=zone, locale=reader._.language)


def _person(_: Texts, names: Names, user_id: int | None) -> dict[str, Any] | None:
    if user_id is None:
        return None
    if user_id not in names.people:
        return {"text": numbered(_, user_id)}
    return {"text": names.people[user_id], "href": f"/admin/users/{user_id}", "note": numbered(_, user_id)}


def _target(_: Texts, names: Names, entry: AuditEntry) -> dict[str, Any] | str:
    kind, target_id = entry.target_kind, entry.target_id
    about = f"{target_words(_, kind)} {numbered(_, target_id)}" if target_id else target_words(_, kind)
    if kind == "user":
        return _person(_, names, target_id) or about
    if kind == "character" and target_id in names.characters:
        return {"text": names.characters[target_id], "href": f"/admin/characters/{target_id}", "note": about}
    if kind == "dialog":
        return {"text": about, "href": f"/admin/dialogs/{target_id}"}
    return about

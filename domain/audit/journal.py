"""Audit log (the journal): who did what, to what and whom, when and why, with the old and the new values.

An entry is written in the transaction of the action it records. The database itself refuses to change or delete one
(triggers of revision 0005; whoever recreates the table by a batch migration must recreate them too). Nothing refers to
other tables, so that a deleted account leaves only numbers; names, addresses and texts of conversations never appear
here.
"""

from __future__ import annotations

import io
import json
from collections.abc import AsyncGenerator
from csv import writer
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from domain.accounts.sessions import Caller, authorize_admin
from domain.model.audit_entry import AuditEntry, record_audit
from domain.paging import PAGE, newest_first
from storage.columns import clamp_id
from storage.database import Database

BATCH = 500
MOST = 100_000
"""Maximum rows of one export."""
BYTE_ORDER_MARK = "\ufeff"
"""The byte order mark, by which a spreadsheet recognises UTF-8."""
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
HEAD = ("id", "at", "actor_id", "action", "target_kind", "target_id", "person_id", "reason", "changes")


@dataclass(frozen=True)
class AuditFilter:
    """Filters of the audit log; an omitted one does not restrict. `since` is inclusive, `until` exclusive.

    `action` may be the first part of codes: "user." finds "user.blocked", and that does not find "user.blocked.lifted".
    """

    actor_id: int | None = None
    action: str = ""
    target_kind: str = ""
    target_id: int | None = None
    person_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None


class AuditLog:
    """Reads the audit log; entries are recorded by `record_audit`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def page(
        self, caller: Caller, sought: AuditFilter | None = None, before: int | None = None, limit: int = PAGE
    ) -> list[AuditEntry]:
        """Entries, newest first; keyset pagination: `before` is the last id of the previous page."""
        async with self._database.read() as db:
            await authorize_admin(db, caller)
            return list(await db.exec(_newest(sought or AuditFilter(), before, limit)))

    async def csv(self, caller: Caller, sought: AuditFilter | None = None) -> AsyncGenerator[str]:
        """Export for spreadsheets as a stream, newest entries first; the export itself is recorded in the audit log."""
        sought = sought or AuditFilter()
        async with self._database.write() as db:
            admin = await authorize_admin(db, caller)
            asked = {name: [None, str(value)] for name, value in asdict(sought).items() if value}
            record_audit(db, admin.id, "journal.exported", "journal", changes=asked)
        yield BYTE_ORDER_MARK + _lines([HEAD])
        before: int | None = None
        for _ in range(MOST // BATCH):
            async with self._database.read() as db:
                await authorize_admin(db, caller)
                found = list(await db.exec(_newest(sought, before, BATCH)))
            yield _lines([_row(entry) for entry in found])
            if len(found) < BATCH:
                return
            before = found[-1].id


def _newest(sought: AuditFilter, before: int | None, limit: int) -> SelectOfScalar[AuditEntry]:
    """Those of the entries that match the filters."""
    question = select(AuditEntry)
    for column, wanted in (
        (AuditEntry.actor_id, sought.actor_id),
        (AuditEntry.target_id, sought.target_id),
        (AuditEntry.person_id, sought.person_id),
    ):
        if wanted is not None:
            question = question.where(column == clamp_id(wanted))
    if sought.target_kind:
        question = question.where(AuditEntry.target_kind == sought.target_kind)
    if sought.action.endswith("."):
        question = question.where(col(AuditEntry.action).startswith(sought.action, autoescape=True))
    elif sought.action:
        question = question.where(AuditEntry.action == sought.action)
    if sought.since:
        question = question.where(col(AuditEntry.at) >= sought.since)
    if sought.until:
        question = question.where(col(AuditEntry.at) < sought.until)
    return newest_first(question, col(AuditEntry.id), before, limit)


def _row(entry: AuditEntry) -> tuple[object, ...]:
    return (
        entry.id,
        entry.at.isoformat(timespec="seconds"),
        entry.actor_id,
        entry.action,
        entry.target_kind,
        entry.target_id,
        entry.person_id,
        entry.reason,
        json.dumps(entry.changes, ensure_ascii=False) if entry.changes else "",
    )


def _lines(rows: list[tuple[object, ...]]) -> str:
    written = io.StringIO()
    writer(written).writerows([[escape_csv(cell) for cell in row] for row in rows])
    return written.getvalue()


def escape_csv(cell: object) -> str:
    """The cell as text, safe from CSV injection: a spreadsheet runs what looks like a formula."""
    text = "" if cell is None else str(cell)
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text

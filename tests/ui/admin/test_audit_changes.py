"""«Before → now» of the journal: in words, whatever was changed."""

from __future__ import annotations

import re
from typing import Any

import pytest

from domain.characters.fields import EDITABLE
from domain.language import Texts
from domain.model.audit_entry import AuditEntry
from ui.admin.moderation.audit_changes import change_lines
from ui.request.visitor import Preferences, Reader

RUSSIAN = Reader(Preferences("ru", "auto", "Europe/Moscow"), Texts("ru"))
RECORDED: list[tuple[str, dict[str, Any], list[str]]] = [
    (
        "user.blocked",
        {"measure": [None, 7], "reason": [None, "spam"], "until": [None, "2026-12-01T09:00:00+00:00"]},
        ["Мера: — → №\xa07", "Почему: — → Реклама или обман", "До: — → 1 декабря 2026, 12:00"],
    ),
    ("report.upheld", {"state": ["open", "upheld"], "measure": [None, None], "reports": [None, [2, 3]]}, []),
    ("appeal.refused", {"state": ["open", "refused"]}, []),
    ("report.taken", {"taken_by": [None, 1]}, []),
    ("user.came_back", {"account": [[4], 9], "measures": [None, ["blocked", "read_only"]]}, []),
    ("user.quota_set", {"daily_tokens": [None, 20000]}, []),
    ("user.made_admin", {"admin": [False, True]}, []),
    ("user.signed_out", {"sessions": [3, 0]}, []),
    ("dialog.opened", {"reason": [None, "safety"]}, []),
    ("announcement.changed", {"level": ["info", "maintenance"], "is_dismissible": [True, False]}, []),
    (
        "journal.exported",
        {"action": [None, "user.blocked"], "target_kind": [None, "user"], "actor_id": [None, "5"]},
        [],
    ),
    (
        "page.restored",
        {"page": [None, "rules"], "language": [None, "ru"], "version": [None, 3]},
        ["Страница: — → Правила", "Язык: — → Русский", "Версия: — → №\xa03"],
    ),
    ("character.changed", {"fields": [None, list(EDITABLE)]}, []),
    ("character.changed", {"fields": [None, ["book"]]}, []),
]


@pytest.mark.parametrize(("action", "changes", "expected"), RECORDED, ids=[each[0] for each in RECORDED])
def test_what_was_changed_is_told_without_codes_and_what_was_not_is_left_out(
    action: str, changes: dict[str, Any], expected: list[str]
) -> None:
    lines = change_lines(RUSSIAN, AuditEntry(action=action, changes=changes))
    assert len(lines) == sum(old != new for old, new in changes.values())
    assert not re.search("[a-z_]{3,}", " ".join(lines)), lines
    assert [line for line in expected if line not in lines] == []

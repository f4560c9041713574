"""Test data: a saved conversation with as many messages as a file may have."""

from __future__ import annotations

import json

from domain.chat.transcript.saved_dialog import MESSAGES_LIMIT


def largest_file() -> str:
    day = "2026-01-01T00:00:00+00:00"
    head = {"format": "beseda-dialog", "version": 1, "character": {"id": 1, "name": "Марина"}, "title": ""}
    messages = [
        {"id": n, "parent_id": n - 1 or None, "role": "user", "text": f"слово {n} " * 6, "state": "done"}
        | {"created_at": day}
        for n in range(1, MESSAGES_LIMIT + 1)
    ]
    return json.dumps(head | {"started_at": day, "messages": messages, "leaf_id": None}, ensure_ascii=False)

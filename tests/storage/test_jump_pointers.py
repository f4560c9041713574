"""Migration 0010 (jump pointers): older messages get them, on both databases, just as new ones do."""

from __future__ import annotations

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import text

from domain.chat.tree.message_tree import place_below
from storage.migrate import MIGRATIONS, _config, _transaction, differences, upgrade

pytestmark = pytest.mark.own_database
BEFORE = ScriptDirectory(str(MIGRATIONS)).get_revision("0010").down_revision
PARENTS = {11: None, 12: 11, 13: 12, 20: None, 21: 20, **{n: n - 1 for n in range(30, 60)}, 30: 13, 60: 12}
"""Of the messages of two dialogs; 20 and 21 are of the second."""
ROWS = (
    """INSERT INTO "user" (id, email, email_key, display_name, language, created_at)
    VALUES (1, 'a@x.test', 'a@x.test', 'А', 'ru', '2026-01-01')""",
    """INSERT INTO "character" (id, owner_id, name, name_key, gender, age_mark, teaser, bio, greeting, context,
        interests, is_public, created_at, updated_at, talks)
    VALUES (1, 1, 'М', 'м', 'female', '12+', '', '', '', '', '[]', '1', '2026-01-01', '2026-01-01', 0)""",
    """INSERT INTO dialog (id, user_id, character_id, started_at, spoken_at)
    VALUES (1, 1, 1, '2026-01-01', '2026-01-01'), (2, 1, 1, '2026-01-01', '2026-01-01')""",
)
MESSAGE = text(
    """INSERT INTO message (id, dialog_id, parent_id, role, text, state, fault, reference, model, created_at)
    VALUES (:id, :dialog_id, :parent_id, 'user', '…', 'done', '', '', '', '2026-01-01')"""
)


def test_messages_said_before_know_far_ones_above(database_url: str) -> None:
    with _transaction(database_url) as connection:
        command.downgrade(_config(connection), str(BEFORE))
        for statement in ROWS:
            connection.execute(text(statement))
        for message_id, parent_id in sorted(PARENTS.items()):
            dialog_id = 2 if message_id in {20, 21} else 1
            connection.execute(MESSAGE, {"id": message_id, "dialog_id": dialog_id, "parent_id": parent_id})
    upgrade(database_url)
    with _transaction(database_url) as connection:
        found = connection.execute(text("SELECT id, depth, jump_id FROM message ORDER BY id")).all()
    places: dict[int, tuple[int, int | None]] = {}
    for message_id, parent_id in sorted(PARENTS.items()):
        places[message_id] = place_below(parent_id, places)
    assert {message_id: (depth, jump_id) for message_id, depth, jump_id in found} == places
    assert max(depth for depth, _jump in places.values()) == 32
    assert differences(database_url) == []

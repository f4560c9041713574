"""jump pointers

Revision 0010, after 0009; 2026-11-28.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

CHUNK = 10_000
"""Messages in memory at once, beside the places of one dialog's."""
Place = tuple[int, int | None]
"""How deep a message stands, and where it may jump to."""
ROOT: Place = (0, None)
KEPT_IDS = {"sqlite_autoincrement": True}
"""For tables that SQLite makes anew: an id is not given twice there either."""


def upgrade() -> None:
    op.add_column("message", sa.Column("depth", sa.Integer(), server_default="0", nullable=False))
    op.add_column("message", sa.Column("jump_id", sa.Integer(), nullable=True))
    op.create_index("ix_message_dialog_id_id", "message", ["dialog_id", "id"])
    op.drop_index("ix_message_dialog_id", "message")
    # Without the roots, so that those of a dialog are looked for by their own index.
    op.drop_index("ix_message_parent_id", "message")
    is_below = sa.text("parent_id IS NOT NULL")
    op.create_index("ix_message_parent_id", "message", ["parent_id"], sqlite_where=is_below, postgresql_where=is_below)
    for name, condition in (("roots", "parent_id IS NULL"), ("deleted", "deleted_at IS NOT NULL")):
        where = sa.text(condition)
        op.create_index(
            f"ix_message_{name}", "message", ["dialog_id", "id"], sqlite_where=where, postgresql_where=where
        )
    op.add_column("dialog", sa.Column("loading_until", sa.DateTime(timezone=True), nullable=True))
    is_loading = sa.text("loading_until IS NOT NULL")
    op.create_index(
        "ix_dialog_loading", "dialog", ["loading_until"], sqlite_where=is_loading, postgresql_where=is_loading
    )
    _fill()


def downgrade() -> None:
    op.drop_index("ix_dialog_loading", "dialog")
    with op.batch_alter_table("dialog", table_kwargs=KEPT_IDS) as batch_op:
        batch_op.drop_column("loading_until")
    op.drop_index("ix_message_deleted", "message")
    op.drop_index("ix_message_roots", "message")
    op.drop_index("ix_message_parent_id", "message")
    op.create_index("ix_message_parent_id", "message", ["parent_id"])
    op.create_index("ix_message_dialog_id", "message", ["dialog_id"])
    op.drop_index("ix_message_dialog_id_id", "message")
    with op.batch_alter_table("message", table_kwargs=KEPT_IDS) as batch_op:
        batch_op.drop_column("jump_id")
        batch_op.drop_column("depth")


def _fill() -> None:
    """Dialog by dialog, parents before their children, since ids grow along a path."""
    connection = op.get_bind()
    question = sa.text(
        "SELECT dialog_id, id, parent_id FROM message WHERE (dialog_id, id) > (:dialog_id, :id)"
        " ORDER BY dialog_id, id LIMIT :chunk"
    )
    keep = sa.text("UPDATE message SET depth = :depth, jump_id = :jump_id WHERE id = :id")
    places: dict[int, Place] = {}
    dialog_id, last_id = 0, 0
    while rows := connection.execute(question, {"dialog_id": dialog_id, "id": last_id, "chunk": CHUNK}).all():
        found = []
        for row in rows:
            if row.dialog_id != dialog_id:
                places, dialog_id = {}, row.dialog_id
            places[row.id] = ROOT if row.parent_id is None else _below(row.parent_id, places)
            if row.parent_id is not None:
                found.append({"id": row.id, "depth": places[row.id][0], "jump_id": places[row.id][1]})
        last_id = rows[-1].id
        if found:
            connection.execute(keep, found)


def _below(parent_id: int, places: dict[int, Place]) -> Place:
    """As domain/chat/message_tree.py does it today."""
    depth, jump_id = places.get(parent_id, ROOT)
    if jump_id is None:
        return depth + 1, parent_id
    middle, far_id = places.get(jump_id, ROOT)
    if far_id is not None and far_id in places and depth - middle == middle - places[far_id][0]:
        return depth + 1, far_id
    return depth + 1, parent_id

"""how many keys an entry has, what files brought into a lorebook, which picture of a card stands behind the chats

Revision 0028, after 0027; 2026-11-29.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

KEYS_IN_SQLITE = "CASE json_type(entry, '$.{name}') WHEN 'array' THEN json_array_length(entry, '$.{name}') ELSE 0 END"
KEYS_IN_POSTGRESQL = (
    "CASE json_typeof(entry::json -> '{name}') WHEN 'array' THEN json_array_length(entry::json -> '{name}') ELSE 0 END"
)


def upgrade() -> None:
    op.add_column("book", sa.Column("size", sa.Integer(), server_default="0", nullable=False))
    op.add_column("character_card", sa.Column("background_number", sa.Integer(), nullable=True))
    op.add_column("book_entry", sa.Column("key_count", sa.Integer(), server_default="0", nullable=False))
    keys = KEYS_IN_SQLITE if op.get_bind().dialect.name == "sqlite" else KEYS_IN_POSTGRESQL
    counted = " + ".join(keys.format(name=name) for name in ("keys", "secondary_keys"))
    op.execute(sa.text(f"UPDATE book_entry SET key_count = {counted}"))  # noqa: S608 - nothing of it comes from outside
    # Of worlds all is counted: most of them came from files.
    op.execute(
        sa.text(
            "UPDATE book SET size = (SELECT coalesce(sum(length(entry)), 0) FROM book_entry "
            "WHERE book_entry.book_id = book.id) WHERE character_id IS NULL"
        )
    )


def downgrade() -> None:
    op.drop_column("character_card", "background_number")
    op.drop_column("book_entry", "key_count")
    op.drop_column("book", "size")

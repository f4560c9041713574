"""usage without a character

Revision 0011, after 0010; 2026-11-28.
"""

from __future__ import annotations

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

BY_THE_HOUR = {"sqlite_with_rowid": False}
"""For the table that SQLite makes anew: its rows lie in the order of the hours there, too."""


def upgrade() -> None:
    # What helps an author to write belongs to no character: it is counted under the number 0.
    with op.batch_alter_table("usage", table_kwargs=BY_THE_HOUR) as batch_op:
        batch_op.drop_constraint("fk_usage_character_id_character", type_="foreignkey")


def downgrade() -> None:
    op.execute("DELETE FROM usage WHERE character_id NOT IN (SELECT id FROM character)")
    with op.batch_alter_table("usage", table_kwargs=BY_THE_HOUR) as batch_op:
        batch_op.create_foreign_key(
            "fk_usage_character_id_character", "character", ["character_id"], ["id"], ondelete="CASCADE"
        )

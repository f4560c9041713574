"""names of actions and methods

Revision 0012, after 0011; 2026-11-28.
"""

from __future__ import annotations

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Not by making the tables anew: the journal refuses to lose a row. Both databases rename a column in CHECKs,
    # indexes and triggers too.
    op.execute("ALTER TABLE journal RENAME COLUMN deed TO action")
    op.execute("ALTER TABLE login_session RENAME COLUMN way TO method")
    op.drop_index("ix_journal_deed_id", "journal")
    op.create_index("ix_journal_action_id", "journal", ["action", "id"])


def downgrade() -> None:
    op.drop_index("ix_journal_action_id", "journal")
    op.execute("ALTER TABLE login_session RENAME COLUMN method TO way")
    op.execute("ALTER TABLE journal RENAME COLUMN action TO deed")
    op.create_index("ix_journal_deed_id", "journal", ["deed", "id"])

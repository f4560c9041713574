"""trials, what a person tells of themselves, preferences

Revision 0017, after 0016; 2026-11-28.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Not by a batch, for which SQLite would have to make a table anew that all others refer to.
    op.add_column("user", sa.Column("is_trial", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("user", sa.Column("birth_year", sa.Integer(), nullable=True))
    op.add_column("user", sa.Column("interests", sa.JSON(), server_default="[]", nullable=False))
    op.add_column("user", sa.Column("shows_adult", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("user", sa.Column("theme", sa.String(length=8), server_default="", nullable=False))
    op.add_column("user", sa.Column("text_size", sa.String(length=8), server_default="", nullable=False))
    trial = sa.text("is_trial")
    op.create_index("ix_user_trials", "user", ["created_at"], sqlite_where=trial, postgresql_where=trial)
    op.add_column("mailed_link", sa.Column("trial_id", sa.Integer(), nullable=True))
    op.add_column("mailed_link", sa.Column("next", sa.String(length=500), server_default="/", nullable=False))
    op.add_column("hour_total", sa.Column("trial_messages", sa.Integer(), server_default="0", nullable=False))
    op.add_column("login_session", sa.Column("trial_id", sa.Integer(), nullable=True))


def downgrade() -> None:
    op.execute('DELETE FROM "user" WHERE is_trial')
    op.drop_column("login_session", "trial_id")
    op.drop_column("hour_total", "trial_messages")
    for column in ("next", "trial_id"):
        op.drop_column("mailed_link", column)
    op.drop_index("ix_user_trials", "user")
    for column in ("text_size", "theme", "shows_adult", "interests", "birth_year", "is_trial"):
        op.drop_column("user", column)

"""branches, titles, bins, leases

Revision 0002, after 0001; 2026-11-23.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("character", schema=None) as batch_op:
        batch_op.add_column(sa.Column("other_greetings", sa.JSON(), server_default="[]", nullable=False))

    with op.batch_alter_table("dialog", schema=None) as batch_op:
        batch_op.add_column(sa.Column("title", sa.String(length=100), server_default="", nullable=False))
        batch_op.add_column(sa.Column("pinned_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("model", sa.String(length=128), server_default="", nullable=False))
        batch_op.add_column(sa.Column("temperature", sa.Float(), nullable=True))

    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.add_column(sa.Column("tokens_estimated", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column("next_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.drop_column("lease_until")
        batch_op.drop_column("deleted_at")
        batch_op.drop_column("next_id")
        batch_op.drop_column("tokens_estimated")

    with op.batch_alter_table("dialog", schema=None) as batch_op:
        batch_op.drop_column("temperature")
        batch_op.drop_column("model")
        batch_op.drop_column("deleted_at")
        batch_op.drop_column("pinned_at")
        batch_op.drop_column("title")

    with op.batch_alter_table("character", schema=None) as batch_op:
        batch_op.drop_column("other_greetings")

"""what of a long old talk is not read

Revision 0027, after 0026; 2026-11-29.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("dialog", sa.Column("unread_upto", sa.Integer(), server_default="0", nullable=False))


def downgrade() -> None:
    op.drop_column("dialog", "unread_upto")

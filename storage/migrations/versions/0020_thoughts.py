"""what a model thought before a reply

Revision 0020, after 0019; 2026-11-28.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("message", sa.Column("thoughts", sa.Text(), server_default="", nullable=False))


def downgrade() -> None:
    op.drop_column("message", "thoughts")

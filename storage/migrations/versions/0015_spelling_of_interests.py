"""the spelling of interests

Revision 0015, after 0014; 2026-11-28.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("known_interest", sa.Column("spelling", sa.String(length=32), server_default="", nullable=False))


def downgrade() -> None:
    op.drop_column("known_interest", "spelling")

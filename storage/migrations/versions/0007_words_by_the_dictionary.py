"""words by the dictionary

Revision 0007, after 0006; 2026-11-23.
"""

from __future__ import annotations

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # The words of all characters are kept anew at the next start (domain/characters/search_index.py).
    op.execute("UPDATE character SET name_key = ''")


def downgrade() -> None:
    op.execute("UPDATE character SET name_key = ''")

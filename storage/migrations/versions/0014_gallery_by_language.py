"""the language in the gallery's indexes

Revision 0014, after 0013; 2026-11-28.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

SORTED_BY = ("talkers", "score", "name_key", "id")
OPEN = "is_public AND NOT is_blocked AND NOT is_hidden AND deleted_at IS NULL"


def upgrade() -> None:
    _index_again("gender", "age_mark", "owner_id", "language")


def downgrade() -> None:
    _index_again("gender", "age_mark", "owner_id")


def _index_again(*filters: str) -> None:
    """What the filters look at is read from the index of each order."""
    where = sa.text(OPEN)
    for column in SORTED_BY:
        op.drop_index(f"ix_character_listed_by_{column}", "character")
        columns = list(dict.fromkeys((column, "id", *filters)))
        op.create_index(
            f"ix_character_listed_by_{column}", "character", columns, sqlite_where=where, postgresql_where=where
        )

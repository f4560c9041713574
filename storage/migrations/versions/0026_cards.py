"""cards that characters came from

Revision 0026, after 0025; 2026-11-28.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "character_card",
        sa.Column("character_id", sa.Integer(), nullable=False),
        sa.Column("card", sa.Text(), nullable=False),
        sa.Column("files_token", sa.String(length=64), nullable=True),
        sa.Column("portrait_token", sa.String(length=64), nullable=True),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["character_id"],
            ["character.id"],
            name=op.f("fk_character_card_character_id_character"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["files_token"], ["picture.token"], name=op.f("fk_character_card_files_token_picture"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("character_id", name=op.f("pk_character_card")),
    )
    op.create_index("ix_character_card_files_token", "character_card", ["files_token"])


def downgrade() -> None:
    op.drop_table("character_card")

"""page texts, first admin

Revision 0016, after 0015; 2026-11-28.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "page_text",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "rules", "privacy", "contact", name="pagekind", native_enum=False, create_constraint=True, length=16
            ),
            nullable=False,
        ),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["author_id"], ["user.id"], name=op.f("fk_page_text_author_id_user"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_page_text")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_page_text_author_id"), "page_text", ["author_id"])
    op.create_index("ix_page_text_kind_language_id", "page_text", ["kind", "language", "id"])
    op.create_table(
        "first_admin_link",
        sa.Column("instance", sa.String(length=100), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("instance", name=op.f("pk_first_admin_link")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_first_admin_link_token_hash")),
    )


def downgrade() -> None:
    op.drop_table("first_admin_link")
    op.drop_table("page_text")

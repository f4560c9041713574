"""a dialog's form of address, rewritten replies

Revision 0018, after 0017; 2026-11-28.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # With its CHECK in one statement, which both databases know, since SQLite adds none to a table that is there.
    op.execute(
        "ALTER TABLE dialog ADD COLUMN form_of_address VARCHAR(16) DEFAULT '' NOT NULL "
        "CONSTRAINT ck_dialog_formofaddress CHECK (form_of_address IN ('', 'ты', 'вы'))"
    )
    op.add_column("message", sa.Column("is_rewritten", sa.Boolean(), server_default=sa.false(), nullable=False))


def downgrade() -> None:
    op.drop_column("message", "is_rewritten")
    with op.batch_alter_table("dialog") as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_dialog_formofaddress"), type_="check")
        batch_op.drop_column("form_of_address")

"""feedback on replies, messages hidden from the model

Revision 0024, after 0023; 2026-11-28.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("message", sa.Column("is_hidden_from_model", sa.Boolean(), server_default=sa.false(), nullable=False))
    # With its CHECK in one statement, which both databases know, since SQLite adds none to a table that is there.
    op.execute(
        "ALTER TABLE message ADD COLUMN feedback VARCHAR(16) "
        "CONSTRAINT ck_message_feedback CHECK (feedback IN ('up', 'down'))"
    )
    op.create_table(
        "feedback_total",
        sa.Column("character_id", sa.Integer(), nullable=False),
        sa.Column("model", sa.String(length=128), nullable=False),
        sa.Column("up", sa.Integer(), nullable=False),
        sa.Column("down", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["character_id"],
            ["character.id"],
            name=op.f("fk_feedback_total_character_id_character"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("character_id", "model", name=op.f("pk_feedback_total")),
    )


def downgrade() -> None:
    op.drop_table("feedback_total")
    with op.batch_alter_table("message") as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_message_feedback"), type_="check")
        batch_op.drop_column("feedback")
    op.drop_column("message", "is_hidden_from_model")

"""usage hours standing announcements

Revision 0006, after 0005; 2026-11-23.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

KEPT_IDS = {"sqlite_autoincrement": True}
"""For tables that SQLite makes anew: an id is not given twice there either."""
HOUR = {
    "sqlite": "CAST(strftime('%s', m.created_at) AS INTEGER) / 3600",
    "postgresql": "CAST(floor(extract(epoch FROM m.created_at) / 3600) AS INTEGER)",
}
FAULT = "(CASE WHEN m.state IN ('failed', 'filtered') OR m.fault NOT IN ('', 'length') THEN 1 ELSE 0 END)"


def _key(length: int) -> sa.String:
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "announcement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "level",
            sa.Enum(
                "info", "warning", "maintenance", name="level", native_enum=False, create_constraint=True, length=16
            ),
            nullable=False,
        ),
        sa.Column("text_ru", sa.Text(), nullable=False),
        sa.Column("text_en", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("is_dismissible", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_announcement")),
        sqlite_autoincrement=True,
    )
    _make_days()
    op.create_table(
        "hour_model",
        sa.Column("hour", sa.Integer(), nullable=False),
        sa.Column("model", sa.String(length=128), nullable=False),
        sa.Column("replies", sa.Integer(), nullable=False),
        sa.Column("tokens_in", sa.BigInteger(), nullable=False),
        sa.Column("tokens_out", sa.BigInteger(), nullable=False),
        sa.Column("cost", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("hour", "model", name=op.f("pk_hour_model")),
    )
    op.create_table(
        "hour_total",
        sa.Column("hour", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("messages", sa.Integer(), nullable=False),
        sa.Column("replies", sa.Integer(), nullable=False),
        sa.Column("tokens_in", sa.BigInteger(), nullable=False),
        sa.Column("tokens_out", sa.BigInteger(), nullable=False),
        sa.Column("cost", sa.BigInteger(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("filtered", sa.Integer(), nullable=False),
        sa.Column("new_people", sa.Integer(), nullable=False),
        sa.Column("new_dialogs", sa.Integer(), nullable=False),
        sa.Column("people", sa.LargeBinary(), nullable=False),
        sa.Column("first_texts", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("hour", name=op.f("pk_hour_total")),
    )
    op.create_table(
        "standing",
        sa.Column("user_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name_key", _key(64), nullable=False),
        sa.Column("username_key", _key(32), nullable=False),
        sa.Column("email_key", _key(254), nullable=False),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("dialogs", sa.Integer(), nullable=False),
        sa.Column("messages", sa.Integer(), nullable=False),
        sa.Column("tokens", sa.BigInteger(), nullable=False),
        sa.Column("cost", sa.BigInteger(), nullable=False),
        sa.Column("reports", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_standing_user_id_user"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_standing")),
    )
    with op.batch_alter_table("standing", schema=None) as batch_op:
        batch_op.create_index("ix_standing_cost_user_id", ["cost", "user_id"], unique=False)
        batch_op.create_index("ix_standing_dialogs_user_id", ["dialogs", "user_id"], unique=False)
        batch_op.create_index("ix_standing_email_key", ["email_key"], unique=False)
        batch_op.create_index("ix_standing_messages_user_id", ["messages", "user_id"], unique=False)
        batch_op.create_index("ix_standing_name_key_user_id", ["name_key", "user_id"], unique=False)
        batch_op.create_index("ix_standing_registered_at_user_id", ["registered_at", "user_id"], unique=False)
        batch_op.create_index(
            "ix_standing_reported",
            ["user_id"],
            unique=False,
            sqlite_where=sa.text("reports > 0"),
            postgresql_where=sa.text("reports > 0"),
        )
        batch_op.create_index("ix_standing_reports_user_id", ["reports", "user_id"], unique=False)
        batch_op.create_index("ix_standing_seen_at_user_id", ["seen_at", "user_id"], unique=False)
        batch_op.create_index("ix_standing_username_key", ["username_key"], unique=False)

    op.create_table(
        "usage",
        sa.Column("hour", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("character_id", sa.Integer(), nullable=False),
        sa.Column("model", sa.String(length=128), nullable=False),
        sa.Column("replies", sa.Integer(), nullable=False),
        sa.Column("tokens_in", sa.Integer(), nullable=False),
        sa.Column("tokens_out", sa.Integer(), nullable=False),
        sa.Column("cost", sa.BigInteger(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("filtered", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["character_id"], ["character.id"], name=op.f("fk_usage_character_id_character"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_usage_user_id_user"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("hour", "user_id", "character_id", "model", name=op.f("pk_usage")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("usage", schema=None) as batch_op:
        batch_op.create_index("ix_usage_character_id_hour", ["character_id", "hour"], unique=False)
        batch_op.create_index("ix_usage_user_id_hour", ["user_id", "hour"], unique=False)

    with op.batch_alter_table("character", schema=None) as batch_op:
        batch_op.create_index("ix_character_name_key_id", ["name_key", "id"], unique=False)
        batch_op.create_index("ix_character_talks_id", ["talks", "id"], unique=False)
        batch_op.create_index("ix_character_updated_at_id", ["updated_at", "id"], unique=False)

    with op.batch_alter_table("dialog", schema=None) as batch_op:
        batch_op.add_column(sa.Column("messages", sa.Integer(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("tokens", sa.Integer(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("cost", sa.BigInteger(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("faults", sa.Integer(), server_default="0", nullable=False))
        batch_op.drop_index(batch_op.f("ix_dialog_character_id"))
        batch_op.create_index("ix_dialog_character_id_spoken_at", ["character_id", "spoken_at"], unique=False)
        batch_op.create_index("ix_dialog_cost_id", ["cost", "id"], unique=False)
        batch_op.create_index("ix_dialog_messages_id", ["messages", "id"], unique=False)
        batch_op.create_index("ix_dialog_spoken_at_id", ["spoken_at", "id"], unique=False)
        batch_op.create_index("ix_dialog_started_at_id", ["started_at", "id"], unique=False)
        batch_op.create_index("ix_dialog_tokens_id", ["tokens", "id"], unique=False)
        batch_op.create_index(
            "ix_dialog_with_faults",
            ["spoken_at"],
            unique=False,
            sqlite_where=sa.text("faults > 0"),
            postgresql_where=sa.text("faults > 0"),
        )

    with op.batch_alter_table("login_session", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_login_session_seen_at"), ["seen_at"], unique=False)

    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.add_column(sa.Column("cost", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("first_text_ms", sa.Integer(), nullable=True))
        batch_op.create_index(batch_op.f("ix_message_created_at"), ["created_at"], unique=False)

    with op.batch_alter_table("user", schema=None) as batch_op:
        batch_op.add_column(sa.Column("daily_tokens", sa.Integer(), nullable=True))
        batch_op.drop_index("ix_user_blocked")
        batch_op.create_index(
            "ix_user_admins",
            ["id"],
            unique=False,
            sqlite_where=sa.text("is_admin"),
            postgresql_where=sa.text("is_admin"),
        )
        batch_op.create_index(batch_op.f("ix_user_created_at"), ["created_at"], unique=False)
        batch_op.create_index(
            "ix_user_under_measure",
            ["id"],
            unique=False,
            sqlite_where=sa.text("is_blocked OR is_hidden OR is_read_only"),
            postgresql_where=sa.text("is_blocked OR is_hidden OR is_read_only"),
        )

    _tell_of_before()


def _make_days() -> None:
    op.create_table(
        "character_day",
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("character_id", sa.Integer(), nullable=False),
        sa.Column("replies", sa.Integer(), nullable=False),
        sa.Column("tokens", sa.BigInteger(), nullable=False),
        sa.Column("cost", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["character_id"], ["character.id"], name=op.f("fk_character_day_character_id_character"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("day", "character_id", name=op.f("pk_character_day")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_character_day_character_id", "character_day", ["character_id"])
    op.create_table(
        "person_day",
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("replies", sa.Integer(), nullable=False),
        sa.Column("tokens", sa.BigInteger(), nullable=False),
        sa.Column("cost", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_person_day_user_id_user"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("day", "user_id", name=op.f("pk_person_day")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_person_day_user_id", "person_day", ["user_id"])


def _tell_of_before() -> None:
    """What the rows that are there say. The hours are summed from it by the product when it starts."""
    op.execute(
        "UPDATE dialog SET"  # noqa: S608 - only words of our own are filled in, here and below
        " messages = (SELECT count(*) FROM message m WHERE m.dialog_id = dialog.id AND m.role = 'user'),"
        " tokens = (SELECT coalesce(sum(coalesce(m.tokens_in, 0) + coalesce(m.tokens_out, 0)), 0)"
        " FROM message m WHERE m.dialog_id = dialog.id),"
        f" faults = (SELECT coalesce(sum{FAULT}, 0) FROM message m WHERE m.dialog_id = dialog.id)"
    )
    op.execute(
        "INSERT INTO usage"  # noqa: S608
        " (hour, user_id, character_id, model, replies, tokens_in, tokens_out, cost, failed, filtered)"
        f" SELECT {HOUR[op.get_bind().dialect.name]}, d.user_id, d.character_id, m.model, count(*),"
        " sum(coalesce(m.tokens_in, 0)), sum(coalesce(m.tokens_out, 0)), 0,"
        f" sum{FAULT} - sum(CASE WHEN m.state = 'filtered' THEN 1 ELSE 0 END),"
        " sum(CASE WHEN m.state = 'filtered' THEN 1 ELSE 0 END)"
        " FROM message m JOIN dialog d ON d.id = m.dialog_id"
        " WHERE m.role = 'assistant' AND m.parent_id IS NOT NULL AND m.state <> 'running' GROUP BY 1, 2, 3, 4"
    )


def downgrade() -> None:  # noqa: PLR0915 - a line for each thing undone, no decisions
    with op.batch_alter_table("user", table_kwargs=KEPT_IDS) as batch_op:
        batch_op.drop_index(
            "ix_user_under_measure",
            sqlite_where=sa.text("is_blocked OR is_hidden OR is_read_only"),
            postgresql_where=sa.text("is_blocked OR is_hidden OR is_read_only"),
        )
        batch_op.drop_index(batch_op.f("ix_user_created_at"))
        batch_op.drop_index("ix_user_admins", sqlite_where=sa.text("is_admin"), postgresql_where=sa.text("is_admin"))
        batch_op.drop_column("daily_tokens")
    blocked = sa.text("is_blocked")
    op.create_index("ix_user_blocked", "user", ["id"], sqlite_where=blocked, postgresql_where=blocked)

    with op.batch_alter_table("message", table_kwargs=KEPT_IDS) as batch_op:
        batch_op.drop_index(batch_op.f("ix_message_created_at"))
        batch_op.drop_column("first_text_ms")
        batch_op.drop_column("cost")

    with op.batch_alter_table("login_session", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_login_session_seen_at"))

    with op.batch_alter_table("dialog", table_kwargs=KEPT_IDS) as batch_op:
        batch_op.drop_index(
            "ix_dialog_with_faults", sqlite_where=sa.text("faults > 0"), postgresql_where=sa.text("faults > 0")
        )
        batch_op.drop_index("ix_dialog_tokens_id")
        batch_op.drop_index("ix_dialog_started_at_id")
        batch_op.drop_index("ix_dialog_spoken_at_id")
        batch_op.drop_index("ix_dialog_messages_id")
        batch_op.drop_index("ix_dialog_cost_id")
        batch_op.drop_index("ix_dialog_character_id_spoken_at")
        batch_op.create_index(batch_op.f("ix_dialog_character_id"), ["character_id"], unique=False)
        batch_op.drop_column("faults")
        batch_op.drop_column("cost")
        batch_op.drop_column("tokens")
        batch_op.drop_column("messages")

    with op.batch_alter_table("character", schema=None) as batch_op:
        batch_op.drop_index("ix_character_updated_at_id")
        batch_op.drop_index("ix_character_talks_id")
        batch_op.drop_index("ix_character_name_key_id")

    with op.batch_alter_table("usage", schema=None) as batch_op:
        batch_op.drop_index("ix_usage_user_id_hour")
        batch_op.drop_index("ix_usage_character_id_hour")

    op.drop_table("usage")
    with op.batch_alter_table("standing", schema=None) as batch_op:
        batch_op.drop_index("ix_standing_username_key")
        batch_op.drop_index("ix_standing_seen_at_user_id")
        batch_op.drop_index("ix_standing_reports_user_id")
        batch_op.drop_index(
            "ix_standing_reported", sqlite_where=sa.text("reports > 0"), postgresql_where=sa.text("reports > 0")
        )
        batch_op.drop_index("ix_standing_registered_at_user_id")
        batch_op.drop_index("ix_standing_name_key_user_id")
        batch_op.drop_index("ix_standing_messages_user_id")
        batch_op.drop_index("ix_standing_email_key")
        batch_op.drop_index("ix_standing_dialogs_user_id")
        batch_op.drop_index("ix_standing_cost_user_id")

    op.drop_table("standing")
    op.drop_table("hour_total")
    op.drop_table("person_day")
    op.drop_table("character_day")
    op.drop_table("hour_model")
    op.drop_table("announcement")

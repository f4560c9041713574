"""measures appeals journal notices

Revision 0005, after 0004; 2026-11-23.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

KEPT_IDS = {"sqlite_autoincrement": True}
"""For tables that SQLite makes anew: an id is not given twice there either."""

ONLY_ADDED_TO = {
    "sqlite": (
        """
        CREATE TRIGGER journal_no_update BEFORE UPDATE ON journal
        BEGIN SELECT RAISE(ABORT, 'the journal is only added to'); END
        """,
        """
        CREATE TRIGGER journal_no_delete BEFORE DELETE ON journal
        BEGIN SELECT RAISE(ABORT, 'the journal is only added to'); END
        """,
        # INSERT OR REPLACE deletes without asking the trigger above.
        """
        CREATE TRIGGER journal_no_replace BEFORE INSERT ON journal
        WHEN EXISTS (SELECT 1 FROM journal WHERE id = NEW.id)
        BEGIN SELECT RAISE(ABORT, 'the journal is only added to'); END
        """,
    ),
    "postgresql": (
        """
        CREATE FUNCTION journal_refusal() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'the journal is only added to' USING ERRCODE = 'integrity_constraint_violation'; END $$
        """,
        """
        CREATE TRIGGER journal_no_change BEFORE UPDATE OR DELETE ON journal
        FOR EACH ROW EXECUTE FUNCTION journal_refusal()
        """,
        """
        CREATE TRIGGER journal_no_truncate BEFORE TRUNCATE ON journal
        FOR EACH STATEMENT EXECUTE FUNCTION journal_refusal()
        """,
    ),
}


def upgrade() -> None:
    op.create_table(
        "journal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("deed", sa.String(length=48), nullable=False),
        sa.Column("target_kind", sa.String(length=16), nullable=False),
        sa.Column("target_id", sa.Integer(), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journal")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("journal", schema=None) as batch_op:
        batch_op.create_index("ix_journal_actor_id_id", ["actor_id", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_journal_at"), ["at"], unique=False)
        batch_op.create_index("ix_journal_deed_id", ["deed", "id"], unique=False)
        batch_op.create_index("ix_journal_person_id_id", ["person_id", "id"], unique=False)
        batch_op.create_index("ix_journal_target_kind_target_id_id", ["target_kind", "target_id", "id"], unique=False)

    op.create_table(
        "notice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "measure",
                "measure_lifted",
                "appeal_answered",
                "report_answered",
                "dialog_read",
                name="noticekind",
                native_enum=False,
                create_constraint=True,
                length=16,
            ),
            nullable=False,
        ),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_notice_user_id_user"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.create_index("ix_notice_user_id_id", ["user_id", "id"], unique=False)

    op.create_table(
        "staff_note",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["author_id"], ["user.id"], name=op.f("fk_staff_note_author_id_user"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_staff_note_user_id_user"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_note")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("staff_note", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_staff_note_author_id"), ["author_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_staff_note_user_id"), ["user_id"], unique=False)

    op.create_table(
        "opening",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("admin_id", sa.Integer(), nullable=False),
        sa.Column("dialog_id", sa.Integer(), nullable=False),
        sa.Column(
            "reason",
            sa.Enum(
                "report",
                "request",
                "safety",
                "law",
                "fault",
                "program",
                name="readingreason",
                native_enum=False,
                create_constraint=True,
                length=16,
            ),
            nullable=False,
        ),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["admin_id"], ["user.id"], name=op.f("fk_opening_admin_id_user"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["dialog_id"], ["dialog.id"], name=op.f("fk_opening_dialog_id_dialog"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opening")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("opening", schema=None) as batch_op:
        batch_op.create_index("ix_opening_admin_id_dialog_id", ["admin_id", "dialog_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_opening_dialog_id"), ["dialog_id"], unique=False)

    op.create_table(
        "measure",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "warning",
                "hidden",
                "to_mend",
                "read_only",
                "blocked",
                name="measurekind",
                native_enum=False,
                create_constraint=True,
                length=16,
            ),
            nullable=False,
        ),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("character_id", sa.Integer(), nullable=True),
        sa.Column(
            "reason",
            sa.Enum(
                "children",
                "violence",
                "hate",
                "adult",
                "real_person",
                "spam",
                "other",
                name="complaint",
                native_enum=False,
                create_constraint=True,
                length=16,
            ),
            nullable=False,
        ),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("field", sa.String(length=32), nullable=False),
        sa.Column("field_words", sa.Text(), nullable=False),
        sa.Column("report_id", sa.Integer(), nullable=True),
        sa.Column("taken_by_id", sa.Integer(), nullable=True),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lifted_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["character_id"], ["character.id"], name=op.f("fk_measure_character_id_character"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["lifted_by_id"], ["user.id"], name=op.f("fk_measure_lifted_by_id_user"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["report_id"], ["report.id"], name=op.f("fk_measure_report_id_report"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["taken_by_id"], ["user.id"], name=op.f("fk_measure_taken_by_id_user"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_measure_user_id_user"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_measure")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("measure", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_measure_character_id"), ["character_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_measure_lifted_by_id"), ["lifted_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_measure_report_id"), ["report_id"], unique=False)
        batch_op.create_index(
            "ix_measure_running_out",
            ["until"],
            unique=False,
            sqlite_where=sa.text("lifted_at IS NULL AND until IS NOT NULL"),
            postgresql_where=sa.text("lifted_at IS NULL AND until IS NOT NULL"),
        )
        batch_op.create_index(batch_op.f("ix_measure_taken_by_id"), ["taken_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_measure_user_id"), ["user_id"], unique=False)
        batch_op.create_index(
            "uq_measure_of_character",
            ["character_id", "kind"],
            unique=True,
            sqlite_where=sa.text("character_id IS NOT NULL AND lifted_at IS NULL"),
            postgresql_where=sa.text("character_id IS NOT NULL AND lifted_at IS NULL"),
        )
        batch_op.create_index(
            "uq_measure_of_person",
            ["user_id", "kind"],
            unique=True,
            sqlite_where=sa.text("character_id IS NULL AND lifted_at IS NULL AND kind <> 'warning'"),
            postgresql_where=sa.text("character_id IS NULL AND lifted_at IS NULL AND kind <> 'warning'"),
        )

    op.create_table(
        "appeal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("measure_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "open",
                "granted",
                "refused",
                "overtaken",
                name="appealstate",
                native_enum=False,
                create_constraint=True,
                length=16,
            ),
            nullable=False,
        ),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("answered_by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["answered_by_id"], ["user.id"], name=op.f("fk_appeal_answered_by_id_user"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["measure_id"], ["measure.id"], name=op.f("fk_appeal_measure_id_measure"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_appeal_user_id_user"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appeal")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("appeal", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_appeal_answered_by_id"), ["answered_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_appeal_measure_id"), ["measure_id"], unique=False)
        batch_op.create_index("ix_appeal_state_id", ["state", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_appeal_user_id"), ["user_id"], unique=False)
        batch_op.create_index(
            "uq_appeal_open",
            ["measure_id"],
            unique=True,
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        )

    with op.batch_alter_table("character", table_kwargs=KEPT_IDS) as batch_op:
        batch_op.add_column(sa.Column("is_to_mend", sa.Boolean(), server_default=sa.false(), nullable=False))

    with op.batch_alter_table("user", table_kwargs=KEPT_IDS) as batch_op:
        batch_op.add_column(sa.Column("is_hidden", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column("is_read_only", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column("read_only_until", sa.DateTime(timezone=True), nullable=True))

    for statement in ONLY_ADDED_TO[op.get_bind().dialect.name]:
        op.execute(statement)
    # What was blocked before there were measures.
    op.execute(
        "INSERT INTO measure (kind, user_id, character_id, reason, words, note, field, field_words, taken_at)"
        " SELECT 'blocked', id, NULL, 'other', '', '', '', '', CURRENT_TIMESTAMP FROM \"user\" WHERE is_blocked"
    )
    op.execute(
        "INSERT INTO measure (kind, user_id, character_id, reason, words, note, field, field_words, taken_at)"
        " SELECT 'blocked', owner_id, id, 'other', '', '', '', '', CURRENT_TIMESTAMP FROM character"
        " WHERE is_blocked AND deleted_at IS NULL"
    )


def downgrade() -> None:
    with op.batch_alter_table("user", table_kwargs=KEPT_IDS) as batch_op:
        batch_op.drop_column("read_only_until")
        batch_op.drop_column("is_read_only")
        batch_op.drop_column("is_hidden")

    with op.batch_alter_table("character", table_kwargs=KEPT_IDS) as batch_op:
        batch_op.drop_column("is_to_mend")

    with op.batch_alter_table("appeal", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_appeal_open", sqlite_where=sa.text("state = 'open'"), postgresql_where=sa.text("state = 'open'")
        )
        batch_op.drop_index(batch_op.f("ix_appeal_user_id"))
        batch_op.drop_index("ix_appeal_state_id")
        batch_op.drop_index(batch_op.f("ix_appeal_measure_id"))
        batch_op.drop_index(batch_op.f("ix_appeal_answered_by_id"))

    op.drop_table("appeal")
    with op.batch_alter_table("measure", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_measure_of_person",
            sqlite_where=sa.text("character_id IS NULL AND lifted_at IS NULL AND kind <> 'warning'"),
            postgresql_where=sa.text("character_id IS NULL AND lifted_at IS NULL AND kind <> 'warning'"),
        )
        batch_op.drop_index(
            "uq_measure_of_character",
            sqlite_where=sa.text("character_id IS NOT NULL AND lifted_at IS NULL"),
            postgresql_where=sa.text("character_id IS NOT NULL AND lifted_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_measure_user_id"))
        batch_op.drop_index(batch_op.f("ix_measure_taken_by_id"))
        batch_op.drop_index(
            "ix_measure_running_out",
            sqlite_where=sa.text("lifted_at IS NULL AND until IS NOT NULL"),
            postgresql_where=sa.text("lifted_at IS NULL AND until IS NOT NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_measure_report_id"))
        batch_op.drop_index(batch_op.f("ix_measure_lifted_by_id"))
        batch_op.drop_index(batch_op.f("ix_measure_character_id"))

    op.drop_table("measure")
    with op.batch_alter_table("opening", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_opening_dialog_id"))
        batch_op.drop_index("ix_opening_admin_id_dialog_id")

    op.drop_table("opening")
    with op.batch_alter_table("staff_note", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_staff_note_user_id"))
        batch_op.drop_index(batch_op.f("ix_staff_note_author_id"))

    op.drop_table("staff_note")
    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.drop_index("ix_notice_user_id_id")

    op.drop_table("notice")
    with op.batch_alter_table("journal", schema=None) as batch_op:
        batch_op.drop_index("ix_journal_target_kind_target_id_id")
        batch_op.drop_index("ix_journal_person_id_id")
        batch_op.drop_index("ix_journal_deed_id")
        batch_op.drop_index(batch_op.f("ix_journal_at"))
        batch_op.drop_index("ix_journal_actor_id_id")

    op.drop_table("journal")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION journal_refusal")

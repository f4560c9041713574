"""gallery interests favourites drafts reports

Revision 0004, after 0003; 2026-11-23.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

KEPT_IDS = {"sqlite_autoincrement": True}
"""For tables that SQLite makes anew: an id is not given twice there either."""

NAME_KEY = sa.String(64).with_variant(sa.String(64, collation="C"), "postgresql")
OPEN = sa.text("is_public AND NOT is_blocked AND NOT is_hidden AND deleted_at IS NULL")
NOT_FINDABLE = sa.text("name_key = ''")
ORDERS = ("talkers", "score", "name_key", "id")


def upgrade() -> None:
    op.create_table(
        "draft",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("character_id", sa.Integer(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_draft_user_id_user"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draft")),
        sa.UniqueConstraint("user_id", "character_id", name=op.f("uq_draft_user_id_character_id")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "favourite",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("character_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["character_id"], ["character.id"], name=op.f("fk_favourite_character_id_character"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_favourite_user_id_user"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("user_id", "character_id", name=op.f("pk_favourite")),
    )
    with op.batch_alter_table("favourite", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_favourite_character_id"), ["character_id"], unique=False)

    op.create_table(
        "interest",
        sa.Column("word", sa.String(length=32), nullable=False),
        sa.Column("character_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["character_id"], ["character.id"], name=op.f("fk_interest_character_id_character"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("word", "character_id", name=op.f("pk_interest")),
    )
    with op.batch_alter_table("interest", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_interest_character_id"), ["character_id"], unique=False)

    op.create_table(
        "known_interest",
        sa.Column("word", sa.String(length=32), nullable=False),
        sa.Column("characters", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("word", name=op.f("pk_known_interest")),
    )
    with op.batch_alter_table("known_interest", schema=None) as batch_op:
        batch_op.create_index("ix_known_interest_characters", ["characters"], unique=False)

    op.create_table(
        "report",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reporter_id", sa.Integer(), nullable=False),
        sa.Column("character_id", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=True),
        sa.Column(
            "complaint",
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
        sa.Column(
            "state",
            sa.Enum(
                "open",
                "postponed",
                "upheld",
                "rejected",
                name="reportstate",
                native_enum=False,
                create_constraint=True,
                length=16,
            ),
            nullable=False,
        ),
        sa.Column("taken_by_id", sa.Integer(), nullable=True),
        sa.Column("postponed_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["character_id"], ["character.id"], name=op.f("fk_report_character_id_character"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["message_id"], ["message.id"], name=op.f("fk_report_message_id_message"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["reporter_id"], ["user.id"], name=op.f("fk_report_reporter_id_user"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["taken_by_id"], ["user.id"], name=op.f("fk_report_taken_by_id_user"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("report", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_report_character_id"), ["character_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_report_message_id"), ["message_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_report_reporter_id"), ["reporter_id"], unique=False)
        batch_op.create_index("ix_report_state_created_at", ["state", "created_at"], unique=False)

    with op.batch_alter_table("character", table_kwargs=KEPT_IDS) as batch_op:
        batch_op.add_column(sa.Column("personality", sa.Text(), server_default="", nullable=False))
        batch_op.add_column(sa.Column("scenario", sa.Text(), server_default="", nullable=False))
        batch_op.add_column(sa.Column("examples", sa.JSON(), server_default="[]", nullable=False))
        batch_op.add_column(sa.Column("after_history", sa.Text(), server_default="", nullable=False))
        batch_op.add_column(sa.Column("temperature", sa.Float(), nullable=True))
        batch_op.add_column(sa.Column("reply_tokens", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("notes", sa.Text(), server_default="", nullable=False))
        batch_op.add_column(sa.Column("portrait", sa.Integer(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("is_hidden", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column("name_key", NAME_KEY, server_default="", nullable=False))
        batch_op.add_column(sa.Column("talks", sa.Integer(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("talkers", sa.Integer(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("votes_sum", sa.Integer(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("votes_count", sa.Integer(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("score", sa.Float(), server_default="6.0", nullable=False))

    # What had been counted by looking at all rows. Words and interests are written by the domain when it starts.
    op.execute("UPDATE character SET talks = (SELECT count(*) FROM dialog WHERE character_id = character.id)")
    op.execute(
        "UPDATE character SET votes_sum = (SELECT coalesce(sum(value), 0) FROM vote WHERE character_id = character.id),"
        " votes_count = (SELECT count(*) FROM vote WHERE character_id = character.id)"
    )
    op.execute("UPDATE character SET score = (votes_sum + 48.0) / (votes_count + 8) WHERE votes_count > 0")

    for order in ORDERS:
        looked_at = list(dict.fromkeys((order, "id", "gender", "age_mark", "owner_id")))
        name = f"ix_character_listed_by_{order}"
        op.create_index(name, "character", looked_at, sqlite_where=OPEN, postgresql_where=OPEN)
    op.create_index(
        "ix_character_not_findable", "character", ["id"], sqlite_where=NOT_FINDABLE, postgresql_where=NOT_FINDABLE
    )
    op.create_index("ix_dialog_user_id_character_id", "dialog", ["user_id", "character_id"])
    blocked = sa.text("is_blocked")
    op.create_index("ix_user_blocked", "user", ["id"], sqlite_where=blocked, postgresql_where=blocked)

    if op.get_bind().dialect.name == "sqlite":
        # The tokens are the domain's own, cut and folded; this tokenizer leaves them alone.
        op.execute(
            "CREATE VIRTUAL TABLE character_words USING fts5(name, teaser, interests, bio,"
            " prefix='1 2 3', detail=column, tokenize='ascii')"
        )
    else:
        op.execute(
            "CREATE TABLE character_words (id INTEGER PRIMARY KEY"
            " REFERENCES character (id) ON DELETE CASCADE, tokens TSVECTOR NOT NULL)"
        )
        op.execute(
            "CREATE INDEX ix_character_words_tokens ON character_words USING gin (tokens) WITH (fastupdate = off)"
        )


def downgrade() -> None:
    op.execute("DROP TABLE character_words")
    op.drop_index("ix_user_blocked", "user")
    op.drop_index("ix_dialog_user_id_character_id", "dialog")
    op.drop_index("ix_character_not_findable", "character")
    for order in ORDERS:
        op.drop_index(f"ix_character_listed_by_{order}", "character")
    with op.batch_alter_table("character", table_kwargs=KEPT_IDS) as batch_op:
        batch_op.drop_column("score")
        batch_op.drop_column("votes_count")
        batch_op.drop_column("votes_sum")
        batch_op.drop_column("talkers")
        batch_op.drop_column("talks")
        batch_op.drop_column("name_key")
        batch_op.drop_column("is_hidden")
        batch_op.drop_column("portrait")
        batch_op.drop_column("notes")
        batch_op.drop_column("reply_tokens")
        batch_op.drop_column("temperature")
        batch_op.drop_column("after_history")
        batch_op.drop_column("examples")
        batch_op.drop_column("scenario")
        batch_op.drop_column("personality")

    with op.batch_alter_table("report", schema=None) as batch_op:
        batch_op.drop_index("ix_report_state_created_at")
        batch_op.drop_index(batch_op.f("ix_report_reporter_id"))
        batch_op.drop_index(batch_op.f("ix_report_message_id"))
        batch_op.drop_index(batch_op.f("ix_report_character_id"))

    op.drop_table("report")
    with op.batch_alter_table("known_interest", schema=None) as batch_op:
        batch_op.drop_index("ix_known_interest_characters")

    op.drop_table("known_interest")
    with op.batch_alter_table("interest", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_interest_character_id"))

    op.drop_table("interest")
    with op.batch_alter_table("favourite", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_favourite_character_id"))

    op.drop_table("favourite")
    op.drop_table("draft")

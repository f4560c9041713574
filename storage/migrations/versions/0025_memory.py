"""memory of dialogs

Revision 0025, after 0024; 2026-11-28.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

UNFINISHED = sa.text("state <> 'done'")
WORDS_BEHIND = sa.text("words_upto < leaf_id AND deleted_at IS NULL")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("dialog", sa.Column("prompt_tokens", sa.Integer(), nullable=True))
    op.add_column("dialog", sa.Column("memory_off", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("dialog", sa.Column("memory_version", sa.Integer(), server_default="0", nullable=False))
    op.add_column("dialog", sa.Column("words_upto", sa.Integer(), server_default="0", nullable=False))
    op.add_column("dialog", sa.Column("reads_backlog", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("dialog", sa.Column("memory_tokens", sa.Integer(), server_default="0", nullable=False))
    op.add_column("dialog", sa.Column("memory_cost", sa.BigInteger(), server_default="0", nullable=False))
    op.add_column("message", sa.Column("recalled", sa.JSON(), nullable=True))
    op.add_column("usage", sa.Column("memory_tokens", sa.Integer(), server_default="0", nullable=False))
    op.add_column("usage", sa.Column("memory_cost", sa.BigInteger(), server_default="0", nullable=False))
    op.create_index(
        "ix_dialog_reads_backlog",
        "dialog",
        ["id"],
        sqlite_where=sa.text("reads_backlog = 1"),
        postgresql_where=sa.text("reads_backlog"),
    )
    op.create_table(
        "memory_pin",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("dialog_id", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=True),
        sa.Column("anchor_id", sa.Integer(), nullable=True),
        sa.Column("text", sa.String(length=500), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        _of("memory_pin", "dialog_id", "dialog"),
        _of("memory_pin", "message_id", "message"),
        _of("memory_pin", "anchor_id", "message"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_memory_pin")),
        sa.UniqueConstraint("dialog_id", "message_id", name=op.f("uq_memory_pin_dialog_id_message_id")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_memory_pin_message_id", "memory_pin", ["message_id"])
    op.create_index("ix_memory_pin_anchor_id", "memory_pin", ["anchor_id"])
    _create_chapters()
    _create_facts()
    op.create_table(
        "memory_vector",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("dialog_id", sa.Integer(), nullable=False),
        sa.Column("fact_id", sa.Integer(), nullable=True),
        sa.Column("chapter_id", sa.Integer(), nullable=True),
        sa.Column("model", sa.String(length=128), nullable=False),
        sa.Column("vector", sa.LargeBinary(), nullable=False),
        _of("memory_vector", "dialog_id", "dialog"),
        _of("memory_vector", "fact_id", "memory_fact"),
        _of("memory_vector", "chapter_id", "memory_chapter"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_memory_vector")),
        sa.UniqueConstraint("fact_id", "model", name=op.f("uq_memory_vector_fact_id_model")),
        sa.UniqueConstraint("chapter_id", "model", name=op.f("uq_memory_vector_chapter_id_model")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_memory_vector_dialog_id", "memory_vector", ["dialog_id"])
    _create_words()
    op.create_index(
        "ix_dialog_words_behind", "dialog", ["id"], sqlite_where=WORDS_BEHIND, postgresql_where=WORDS_BEHIND
    )


def _of(table: str, column: str, referred: str, ondelete: str = "CASCADE") -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}_{referred}")
    return sa.ForeignKeyConstraint([column], [f"{referred}.id"], name=name, ondelete=ondelete)


def _create_chapters() -> None:
    op.create_table(
        "memory_chapter",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("dialog_id", sa.Integer(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("first_id", sa.Integer(), nullable=False),
        sa.Column("last_id", sa.Integer(), nullable=False),
        sa.Column("covered", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("made_by", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("lease_until", MOMENT, nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("try_after", MOMENT, nullable=True),
        sa.Column("is_retold", sa.Boolean(), nullable=False),
        sa.Column("fault", sa.String(length=32), nullable=False),
        sa.Column("reference", sa.String(length=16), nullable=False),
        sa.Column("model", sa.String(length=128), nullable=False),
        sa.Column("tokens_in", sa.Integer(), nullable=False),
        sa.Column("tokens_out", sa.Integer(), nullable=False),
        sa.Column("cost", sa.BigInteger(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("edited_at", MOMENT, nullable=True),
        sa.CheckConstraint(
            "made_by IN ('model', 'excerpts', 'person', 'loaded')", name=op.f("ck_memory_chapter_madeby")
        ),
        sa.CheckConstraint("state IN ('running', 'done', 'failed')", name=op.f("ck_memory_chapter_chapterstate")),
        _of("memory_chapter", "dialog_id", "dialog"),
        _of("memory_chapter", "first_id", "message"),
        _of("memory_chapter", "last_id", "message"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_memory_chapter")),
        sa.UniqueConstraint("level", "first_id", "last_id", name=op.f("uq_memory_chapter_level_first_id_last_id")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_memory_chapter_dialog_id_level_last_id", "memory_chapter", ["dialog_id", "level", "last_id"])
    op.create_index("ix_memory_chapter_first_id", "memory_chapter", ["first_id"])
    op.create_index("ix_memory_chapter_last_id", "memory_chapter", ["last_id"])
    op.create_index(
        "ix_memory_chapter_unfinished",
        "memory_chapter",
        ["lease_until"],
        sqlite_where=UNFINISHED,
        postgresql_where=UNFINISHED,
    )


def _create_facts() -> None:
    op.create_table(
        "memory_fact",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("dialog_id", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=True),
        sa.Column("chapter_id", sa.Integer(), nullable=True),
        sa.Column("text", sa.String(length=200), nullable=False),
        sa.Column("keys", sa.String(length=100), nullable=False),
        sa.Column("roots", sa.Text(), nullable=False),
        sa.Column("key_hash", sa.String(length=64), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("replaces_id", sa.Integer(), nullable=True),
        sa.Column("pinned_at", MOMENT, nullable=True),
        sa.Column("forgotten_at", MOMENT, nullable=True),
        sa.Column("forgotten_upto", sa.Integer(), nullable=True),
        sa.Column("made_by", sa.String(length=16), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("edited_at", MOMENT, nullable=True),
        sa.CheckConstraint("made_by IN ('model', 'excerpts', 'person', 'loaded')", name=op.f("ck_memory_fact_madeby")),
        _of("memory_fact", "dialog_id", "dialog"),
        _of("memory_fact", "message_id", "message"),
        _of("memory_fact", "chapter_id", "memory_chapter", "SET NULL"),
        _of("memory_fact", "replaces_id", "memory_fact", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_memory_fact")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_memory_fact_dialog_id_key_hash", "memory_fact", ["dialog_id", "key_hash"])
    op.create_index("ix_memory_fact_message_id", "memory_fact", ["message_id"])
    op.create_index("ix_memory_fact_chapter_id", "memory_fact", ["chapter_id"])
    op.create_index("ix_memory_fact_replaces_id", "memory_fact", ["replaces_id"])


def _create_words() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("CREATE VIRTUAL TABLE message_words USING fts5(said, replied, detail=column, tokenize='ascii')")
        # Foreign keys do not reach a virtual table.
        op.execute(
            "CREATE TRIGGER message_words_leave AFTER DELETE ON message BEGIN"
            " DELETE FROM message_words WHERE rowid = old.id; END"
        )
    else:
        op.execute(
            "CREATE TABLE message_words (id INTEGER PRIMARY KEY"
            " REFERENCES message (id) ON DELETE CASCADE, tokens TSVECTOR NOT NULL)"
        )
        op.execute("CREATE INDEX ix_message_words_tokens ON message_words USING gin (tokens) WITH (fastupdate = off)")


def downgrade() -> None:
    op.drop_index("ix_dialog_words_behind", "dialog")
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER message_words_leave")
    op.execute("DROP TABLE message_words")
    for table in ("memory_vector", "memory_fact", "memory_chapter", "memory_pin"):
        op.drop_table(table)
    op.drop_index("ix_dialog_reads_backlog", "dialog")
    op.drop_column("usage", "memory_cost")
    op.drop_column("usage", "memory_tokens")
    op.drop_column("message", "recalled")
    for column in ("memory_cost", "memory_tokens", "reads_backlog", "words_upto", "memory_version", "memory_off"):
        op.drop_column("dialog", column)
    op.drop_column("dialog", "prompt_tokens")

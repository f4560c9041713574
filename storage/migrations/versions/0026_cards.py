"""cards that characters came from, lorebooks, versions of characters

Revision 0026, after 0025; 2026-11-29.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("message", sa.Column("lore", sa.JSON(), nullable=True))
    op.add_column("character", sa.Column("nickname", sa.String(length=64), server_default="", nullable=False))
    op.add_column("user", sa.Column("shows_backgrounds", sa.Boolean(), server_default=sa.true(), nullable=False))
    op.add_column("user", sa.Column("zone", sa.String(length=64), server_default="", nullable=False))
    op.create_table(
        "character_card",
        sa.Column("character_id", sa.Integer(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("card", sa.Text(), nullable=False),
        sa.Column("files_token", sa.String(length=64), nullable=True),
        sa.Column("background_token", sa.String(length=64), nullable=True),
        sa.Column("portrait_token", sa.String(length=64), nullable=True),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        _of("character_card", "character_id", "character"),
        _picture("files_token"),
        _picture("background_token"),
        sa.PrimaryKeyConstraint("character_id", name=op.f("pk_character_card")),
    )
    op.create_index("ix_character_card_files_token", "character_card", ["files_token"])
    op.create_index("ix_character_card_background_token", "character_card", ["background_token"])
    _create_books()
    for whose in ("character", "dialog"):
        op.create_table(
            f"{whose}_world",
            sa.Column(f"{whose}_id", sa.Integer(), nullable=False),
            sa.Column("book_id", sa.Integer(), nullable=False),
            _of(f"{whose}_world", f"{whose}_id", whose),
            _of(f"{whose}_world", "book_id", "book"),
            sa.PrimaryKeyConstraint(f"{whose}_id", "book_id", name=op.f(f"pk_{whose}_world")),
        )
        op.create_index(f"ix_{whose}_world_book_id", f"{whose}_world", ["book_id"])
    op.create_table(
        "character_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("character_id", sa.Integer(), nullable=False),
        sa.Column("fields", sa.Text(), nullable=False),
        sa.Column("replaced_by_id", sa.Integer(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        _of("character_version", "character_id", "character"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_character_version")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_character_version_character_id_id", "character_version", ["character_id", "id"])


def _create_books() -> None:
    op.create_table(
        "book",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("character_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("scan_depth", sa.Integer(), nullable=True),
        sa.Column("token_budget", sa.Integer(), nullable=True),
        sa.Column("is_recursive", sa.Boolean(), nullable=True),
        sa.Column("shows_titles", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("rest", sa.Text(), nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("deleted_at", MOMENT, nullable=True),
        _of("book", "owner_id", "user"),
        _of("book", "character_id", "character"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_book")),
        sa.UniqueConstraint("character_id", name=op.f("uq_book_character_id")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_book_owner_id", "book", ["owner_id"])
    op.create_table(
        "book_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("book_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.Column("is_constant", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("insertion_order", sa.Float(), server_default="0", nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("keys", sa.String(length=1000), nullable=False),
        sa.Column("tokens", sa.Integer(), nullable=False),
        sa.Column("entry", sa.Text(), nullable=False),
        sa.Column("deleted_at", MOMENT, nullable=True),
        _of("book_entry", "book_id", "book"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_book_entry")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_book_entry_book_id_position", "book_entry", ["book_id", "position"])


def _of(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}_{other}")
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=name, ondelete="CASCADE")


def _picture(column: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_character_card_{column}_picture")
    return sa.ForeignKeyConstraint([column], ["picture.token"], name=name, ondelete="SET NULL")


def downgrade() -> None:
    tables = ("character_version", "dialog_world", "character_world", "book_entry", "book", "character_card")
    for table in tables:
        op.drop_table(table)
    op.drop_column("user", "zone")
    op.drop_column("user", "shows_backgrounds")
    op.drop_column("character", "nickname")
    op.drop_column("message", "lore")

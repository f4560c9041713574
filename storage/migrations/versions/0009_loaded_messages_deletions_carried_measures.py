"""loaded messages, who deleted a character, measures carried over

Revision 0009, after 0008; 2026-11-28.
"""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
SAME_DEED = timedelta(seconds=10)
"""Two moments of one transaction are not further apart."""

KINDS = ("warning", "hidden", "to_mend", "read_only", "blocked")
REASONS = ("children", "violence", "hate", "adult", "real_person", "spam", "other")


def upgrade() -> None:
    # Not by a batch, which would have SQLite copy every message.
    op.add_column("dialog", sa.Column("is_loaded", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("message", sa.Column("is_loaded", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("character", sa.Column("deleted_by_id", sa.Integer(), nullable=True))
    op.add_column("measure", sa.Column("carried_id", sa.Integer(), nullable=True))
    op.add_column("measure", sa.Column("former_id", sa.Integer(), nullable=True))
    op.add_column("user", sa.Column("used_before", sa.Integer(), server_default="0", nullable=False))
    op.add_column("user", sa.Column("used_before_until", MOMENT, nullable=True))
    _make_what_outlives_an_account()
    _mark_what_was_loaded()
    _say_who_deleted()
    _take_back_votes_for_oneself()


def _make_what_outlives_an_account() -> None:
    op.create_table(
        "carried_measure",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", _choice("measurekind", KINDS), nullable=False),
        sa.Column("reason", _choice("complaint", REASONS), nullable=False),
        sa.Column("taken_at", MOMENT, nullable=False),
        sa.Column("taken_by_id", sa.Integer(), nullable=True),
        sa.Column("until", MOMENT, nullable=True),
        sa.Column("former_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_carried_measure")),
        sqlite_autoincrement=True,
    )
    running_out = sa.text("until IS NOT NULL")
    op.create_index(
        "ix_carried_measure_until",
        "carried_measure",
        ["until"],
        sqlite_where=running_out,
        postgresql_where=running_out,
    )
    op.create_table(
        "carried_key",
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("measure_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["measure_id"],
            ["carried_measure.id"],
            name=op.f("fk_carried_key_measure_id_carried_measure"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("fingerprint", "measure_id", name=op.f("pk_carried_key")),
    )
    op.create_index(op.f("ix_carried_key_measure_id"), "carried_key", ["measure_id"])
    op.create_table(
        "carried_usage",
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("former_id", sa.Integer(), nullable=False),
        sa.Column("tokens", sa.Integer(), nullable=False),
        sa.Column("tokens_until", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("fingerprint", name=op.f("pk_carried_usage")),
    )
    op.create_index(op.f("ix_carried_usage_expires_at"), "carried_usage", ["expires_at"])


def _choice(name: str, values: tuple[str, ...]) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=16)


def _mark_what_was_loaded() -> None:
    """Replies that ended by themselves have always named their model, and what a person sent its page's mark. Whatever
    lacks these was loaded from a file, and so was all that stands before it in its dialog, which was empty until then.
    """
    op.execute(
        """
        CREATE TEMPORARY TABLE loaded_until AS
        SELECT m.dialog_id AS dialog_id, max(m.id) AS last_id
        FROM message m
        WHERE (m.role = 'assistant' AND m.parent_id IS NOT NULL AND m.state = 'done' AND m.model = '')
        OR (
            m.role = 'user' AND m.client_id IS NULL
            AND NOT EXISTS (SELECT 1 FROM message r WHERE r.parent_id = m.id AND r.model <> '')
        )
        GROUP BY m.dialog_id
        """
    )
    op.execute("UPDATE dialog SET is_loaded = true WHERE id IN (SELECT dialog_id FROM loaded_until)")
    op.execute(
        """
        UPDATE message SET is_loaded = true
        WHERE dialog_id IN (SELECT dialog_id FROM loaded_until)
        AND id <= (SELECT last_id FROM loaded_until WHERE loaded_until.dialog_id = message.dialog_id)
        """
    )
    op.execute(
        """
        UPDATE dialog SET messages = (
            SELECT count(*) FROM message m WHERE m.dialog_id = dialog.id AND m.role = 'user' AND NOT m.is_loaded
        )
        WHERE is_loaded
        """
    )
    op.execute("DROP TABLE loaded_until")


def _say_who_deleted() -> None:
    """What admins deleted stands in the journal, written with the deed; all others were deleted by their authors."""
    connection = op.get_bind()
    op.execute("UPDATE character SET deleted_by_id = owner_id WHERE deleted_at IS NOT NULL")
    character = sa.table("character", *map(sa.column, ("id", "deleted_by_id")), sa.column("deleted_at", MOMENT))
    journal = sa.table("journal", *map(sa.column, ("actor_id", "deed", "target_id")), sa.column("at", MOMENT))
    deletions = sa.select(character.c.id, character.c.deleted_at, journal.c.at, journal.c.actor_id).where(
        journal.c.deed == "character.deleted",
        journal.c.target_id == character.c.id,
        character.c.deleted_at.is_not(None),
    )
    for deletion in connection.execute(deletions).all():
        if abs(deletion.at - deletion.deleted_at) < SAME_DEED:
            of_it = sa.update(character).where(character.c.id == deletion.id)
            connection.execute(of_it.values(deleted_by_id=deletion.actor_id))


def _take_back_votes_for_oneself() -> None:
    """The sums and the score are those of domain/characters/votes.py: eight votes of 6 are counted along."""
    op.execute(
        """
        DELETE FROM vote
        WHERE EXISTS (SELECT 1 FROM character c WHERE c.id = vote.character_id AND c.owner_id = vote.user_id)
        """
    )
    op.execute(
        """
        UPDATE character SET
            votes_sum = (SELECT coalesce(sum(value), 0) FROM vote WHERE vote.character_id = character.id),
            votes_count = (SELECT count(*) FROM vote WHERE vote.character_id = character.id)
        WHERE votes_count <> (SELECT count(*) FROM vote WHERE vote.character_id = character.id)
        """
    )
    op.execute(
        """
        UPDATE character SET score = (votes_sum + 48.0) / (votes_count + 8)
        WHERE abs(score - (votes_sum + 48.0) / (votes_count + 8)) > 0.000001
        """
    )


def downgrade() -> None:
    for table in ("carried_usage", "carried_key", "carried_measure"):
        op.drop_table(table)
    for column in ("used_before_until", "used_before"):
        op.drop_column("user", column)
    op.drop_column("measure", "former_id")
    op.drop_column("measure", "carried_id")
    op.drop_column("character", "deleted_by_id")
    op.drop_column("message", "is_loaded")
    op.drop_column("dialog", "is_loaded")

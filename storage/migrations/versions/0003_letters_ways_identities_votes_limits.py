"""letters ways identities votes limits

Revision 0003, after 0002; 2026-11-23.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

KEPT_IDS = {"sqlite_autoincrement": True}
"""For tables that SQLite makes anew: an id is not given twice there either."""


def upgrade() -> None:
    op.create_table(
        "limit_count",
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_limit_count")),
    )
    op.create_table(
        "outgoing_letter",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("recipient", sa.String(length=254), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("try_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("good_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outgoing_letter")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("outgoing_letter", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_outgoing_letter_try_at"), ["try_at"], unique=False)

    op.create_table(
        "external_identity",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("provider", sa.String(length=32), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_external_identity_user_id_user"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_external_identity")),
        sa.UniqueConstraint("provider", "subject", name=op.f("uq_external_identity_provider_subject")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("external_identity", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_external_identity_user_id"), ["user_id"], unique=False)

    op.create_table(
        "mailed_link",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "purpose",
            sa.Enum(
                "sign_up",
                "log_in",
                "email",
                "leave",
                name="purpose",
                native_enum=False,
                create_constraint=True,
                length=16,
            ),
            nullable=False,
        ),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("email_key", sa.String(length=254), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("wrong_codes", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("used_by", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_mailed_link_user_id_user"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mailed_link")),
        sa.UniqueConstraint("email_key", "purpose", name=op.f("uq_mailed_link_email_key_purpose")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_mailed_link_token_hash")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("mailed_link", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_mailed_link_user_id"), ["user_id"], unique=False)

    op.create_table(
        "vote",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("character_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("value BETWEEN 1 AND 10", name=op.f("ck_vote_value")),
        sa.ForeignKeyConstraint(
            ["character_id"], ["character.id"], name=op.f("fk_vote_character_id_character"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_vote_user_id_user"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vote")),
        sa.UniqueConstraint("character_id", "user_id", name=op.f("uq_vote_character_id_user_id")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("vote", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_vote_user_id"), ["user_id"], unique=False)

    # Letters sent before the upgrade stay good.
    op.execute(
        "INSERT INTO mailed_link (purpose, email, email_key, token_hash, code_hash, wrong_codes, language, created_at,"
        " expires_at, used_by) SELECT 'sign_up', email, email_key, token_hash, code_hash, wrong_codes, language,"
        " created_at, expires_at, '' FROM sign_up_link"
    )
    op.drop_table("sign_up_link")
    if op.get_bind().dialect.name == "sqlite":  # revision 0002 made it anew and lost that ids are kept
        with op.batch_alter_table("message", recreate="always", table_kwargs=KEPT_IDS):
            pass

    with op.batch_alter_table("character", table_kwargs=KEPT_IDS) as batch_op:
        batch_op.add_column(sa.Column("is_blocked", sa.Boolean(), server_default=sa.false(), nullable=False))

    with op.batch_alter_table("login_session", table_kwargs=KEPT_IDS) as batch_op:
        batch_op.add_column(
            sa.Column(
                "way",
                sa.Enum(
                    "password",
                    "letter",
                    "provider",
                    "program",
                    name="way",
                    native_enum=False,
                    create_constraint=True,
                    length=16,
                ),
                server_default="password",
                nullable=False,
            )
        )
        batch_op.add_column(sa.Column("device", sa.String(length=80), server_default="", nullable=False))
        batch_op.add_column(
            sa.Column("seen_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False)
        )

    with op.batch_alter_table("user", table_kwargs=KEPT_IDS) as batch_op:
        batch_op.alter_column("email", existing_type=sa.String(length=254), nullable=True)
        batch_op.alter_column("email_key", existing_type=sa.String(length=254), nullable=True)
        batch_op.add_column(sa.Column("about", sa.Text(), server_default="", nullable=False))
        batch_op.add_column(
            sa.Column(
                "gender",
                sa.Enum(
                    "", "female", "male", name="persongender", native_enum=False, create_constraint=True, length=16
                ),
                server_default="",
                nullable=False,
            )
        )
        batch_op.add_column(
            sa.Column(
                "form_of_address",
                sa.Enum("", "ты", "вы", name="formofaddress", native_enum=False, create_constraint=True, length=16),
                server_default="",
                nullable=False,
            )
        )
        batch_op.add_column(sa.Column("picture_token", sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    # Accounts without an address get one that leads nowhere.
    op.execute("UPDATE \"user\" SET email = 'nobody-' || id || '@beseda.invalid' WHERE email IS NULL")
    op.execute('UPDATE "user" SET email_key = email WHERE email_key IS NULL')
    with op.batch_alter_table("user", table_kwargs=KEPT_IDS) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_user_persongender"), type_="check")
        batch_op.drop_constraint(batch_op.f("ck_user_formofaddress"), type_="check")
        batch_op.alter_column("email_key", existing_type=sa.String(length=254), nullable=False)
        batch_op.alter_column("email", existing_type=sa.String(length=254), nullable=False)
        batch_op.drop_column("deleted_at")
        batch_op.drop_column("picture_token")
        batch_op.drop_column("form_of_address")
        batch_op.drop_column("gender")
        batch_op.drop_column("about")

    with op.batch_alter_table("login_session", table_kwargs=KEPT_IDS) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_login_session_way"), type_="check")
        batch_op.drop_column("seen_at")
        batch_op.drop_column("device")
        batch_op.drop_column("way")

    with op.batch_alter_table("character", table_kwargs=KEPT_IDS) as batch_op:
        batch_op.drop_column("is_blocked")

    op.create_table(
        "sign_up_link",
        sa.Column("id", sa.INTEGER(), nullable=False),
        sa.Column("email", sa.VARCHAR(length=254), nullable=False),
        sa.Column("email_key", sa.VARCHAR(length=254), nullable=False),
        sa.Column("token_hash", sa.VARCHAR(length=64), nullable=False),
        sa.Column("code_hash", sa.VARCHAR(length=64), nullable=False),
        sa.Column("wrong_codes", sa.INTEGER(), nullable=False),
        sa.Column("language", sa.VARCHAR(length=8), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_up_link")),
        sa.UniqueConstraint("email_key", name=op.f("uq_sign_up_link_email_key")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_sign_up_link_token_hash")),
    )
    with op.batch_alter_table("vote", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_vote_user_id"))

    op.drop_table("vote")
    with op.batch_alter_table("mailed_link", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_mailed_link_user_id"))

    op.drop_table("mailed_link")
    with op.batch_alter_table("external_identity", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_external_identity_user_id"))

    op.drop_table("external_identity")
    with op.batch_alter_table("outgoing_letter", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_outgoing_letter_try_at"))

    op.drop_table("outgoing_letter")
    op.drop_table("limit_count")

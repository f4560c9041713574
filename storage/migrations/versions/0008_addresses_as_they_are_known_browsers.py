"""addresses as they are, known browsers

Revision 0008, after 0007; 2026-11-28.

Addresses were compared as NFKC, case folded, which made `anna@straße.de` the account of `anna@strasse.de`. Now the
local part is compared as NFC in lower case, the domain by its IDNA 2008 ASCII form.
"""

from __future__ import annotations

from unicodedata import normalize

import sqlalchemy as sa
from alembic import op
from email_validator import EmailNotValidError, validate_email

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

PEOPLE = sa.table("user", sa.column("id"), sa.column("email"), sa.column("email_key"))


def upgrade() -> None:
    op.create_table(
        "known_browser",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("mark_hash", sa.String(length=64), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_known_browser_user_id_user"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", "mark_hash", name=op.f("pk_known_browser")),
    )
    with op.batch_alter_table("login_session", schema=None) as batch_op:
        batch_op.add_column(sa.Column("browser_hash", sa.String(length=64), server_default="", nullable=False))
    _compare_anew()
    # Their codes are hashed with the key, and links to log in may have gone to whoever looks like the owner.
    op.execute("DELETE FROM mailed_link")


def _compare_anew() -> None:
    """Where two accounts come to one key, the older keeps it: a letter to the address opens that one. The other is
    found by its username or provider, and its address stays to be read by admins.
    """
    db = op.get_bind()
    taken: set[str] = set()
    changed: dict[int, str | None] = {}
    named = sa.select(PEOPLE).where(PEOPLE.c.email.is_not(None)).order_by(PEOPLE.c.id)
    for user_id, email, before in db.execute(named):
        key = _key(email)
        is_free = key not in taken
        taken.add(key)
        if key != before or not is_free:
            changed[user_id] = key if is_free else None
    one = sa.update(PEOPLE).where(PEOPLE.c.id == sa.bindparam("which"))
    copy = sa.text("UPDATE standing SET email_key = :key WHERE user_id = :which")
    for user_id in changed:  # all of them first: a new key may be the old one of somebody else
        db.execute(one.values(email_key=None), {"which": user_id})
    for user_id, anew in changed.items():
        db.execute(one.values(email_key=sa.bindparam("key")), {"which": user_id, "key": anew})
        db.execute(copy, {"which": user_id, "key": anew or ""})


def _key(email: str) -> str:
    """As domain/accounts/validation.py makes it at this revision."""
    local, _, domain = email.rpartition("@")
    if _stands_for_nothing_else(local):
        local = normalize("NFC", normalize("NFC", local).lower())
    return f"{local}@{domain.lower() if domain.isascii() else _ascii(domain)}"


def _stands_for_nothing_else(text: str) -> bool:
    return all(normalize("NFKC", sign) == sign for sign in text)


def _ascii(domain: str) -> str:
    if not _stands_for_nothing_else(domain):
        return domain
    try:
        return validate_email(f"anybody@{domain}", check_deliverability=False, test_environment=True).ascii_domain
    except EmailNotValidError:
        return domain


def downgrade() -> None:
    """The keys stay as they are: some people could not be told apart by the old ones."""
    with op.batch_alter_table("login_session", table_kwargs={"sqlite_autoincrement": True}) as batch_op:
        batch_op.drop_column("browser_hash")
    op.drop_table("known_browser")

"""starter characters and the language of cards

Revision 0013, after 0012; 2026-11-28.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

SYSTEM_EMAIL = "beseda@system.invalid"
STARTERS = {
    "aglaya": "Аглая Ветрова",
    "tikhon": "Тихон Рогозин",
    "varka": "Варька Латунь",
    "zhuk": "ЖУК-4",
    "lukian": "Инок Лукиан",
    "vera": "Вера Кречет",
    "shorokh": "Шорох",
    "timur": "Тимур Байдаев",
}
CARD = "name || teaser || bio || greeting || context"


def upgrade() -> None:
    op.create_table(
        "starter_set",
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.PrimaryKeyConstraint("language", name="pk_starter_set"),
    )
    op.add_column("character", sa.Column("starter", sa.String(length=32), server_default="", nullable=False))
    op.add_column("character", sa.Column("language", sa.String(length=8), server_default="", nullable=False))
    op.create_index("ix_character_language", "character", ["language"])
    _fill_languages()
    _fill_starters()


def downgrade() -> None:
    op.drop_index("ix_character_language", "character")
    op.drop_column("character", "language")
    op.drop_column("character", "starter")
    op.drop_table("starter_set")


def _fill_languages() -> None:
    """As domain/characters/card_language.py tells it."""
    has = "GLOB '*[{}]*'" if op.get_bind().dialect.name == "sqlite" else "~ '[{}]'"
    for language, letters in (("ru", "а-яА-ЯёЁ"), ("en", "a-zA-Z")):
        op.execute(f"UPDATE character SET language = '{language}' WHERE language = '' AND {CARD} {has.format(letters)}")  # noqa: S608 - of constants


def _fill_starters() -> None:
    system = op.get_bind().execute(sa.text('SELECT id FROM "user" WHERE email_key = :key'), {"key": SYSTEM_EMAIL})
    owner_id = system.scalar()
    if owner_id is None:
        return
    for slug, name in STARTERS.items():
        op.get_bind().execute(
            sa.text("UPDATE character SET starter = :slug WHERE owner_id = :owner AND name = :name"),
            {"slug": slug, "owner": owner_id, "name": name},
        )
    op.execute("INSERT INTO starter_set (language) VALUES ('ru')")

"""Migration 0013: which characters are the starters, and in which language cards are written."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from storage.migrate import upgrade
from tests.storage.test_rows_of_before import WHEN, connected, downgraded, marina, put

pytestmark = pytest.mark.own_database
SYSTEM_EMAIL = "beseda@system.invalid"
CARDS = {
    1: {"owner_id": 1, "name": "Аглая Ветрова"},
    2: {"owner_id": 2, "name": "Аглая Ветрова"},
    3: {
        "owner_id": 2,
        "name": "Maggie",
        "teaser": "A lock-keeper",
        "bio": "",
        "greeting": "",
        "context": "You are Maggie",
    },
    4: {"owner_id": 2, "name": "Max", "teaser": "", "bio": "", "greeting": "", "context": "Ты — Макс"},
    5: {"owner_id": 2, "name": "7", "teaser": "", "bio": "", "greeting": "", "context": "…"},
    6: {"owner_id": 2, "name": "ЁЖ", "teaser": "", "bio": "", "greeting": "", "context": "…"},
}


@pytest.mark.parametrize("is_settled", [True, False])
def test_cards_from_before_are_known_by_their_owner_name_and_letters(database_url: str, *, is_settled: bool) -> None:
    with connected(downgraded(database_url, "0011")) as connection:
        for user_id, email in ((1, SYSTEM_EMAIL if is_settled else "ira@example.org"), (2, "olga@example.org")):
            person = {"id": user_id, "display_name": "…", "email": email, "email_key": email, "language": "ru"}
            put(connection, "user", person | {"created_at": WHEN})
        for character_id, card in CARDS.items():
            put(connection, "character", marina(character_id) | card)
    upgrade(database_url)
    with connected(database_url) as connection:
        found = connection.execute(text("SELECT id, starter, language FROM character ORDER BY id")).all()
        settled = connection.scalars(text("SELECT language FROM starter_set")).all()
    assert [each.language for each in found] == ["ru", "ru", "en", "ru", "", "ru"]
    assert [each.starter for each in found] == ["aglaya" if is_settled else "", "", "", "", "", ""]
    assert list(settled) == (["ru"] if is_settled else [])

"""Versions API: a program lists what a character was, looks at it and goes back."""

from __future__ import annotations

from tests.ui.api.conftest import Town


def test_a_program_lists_versions_and_goes_back(town: Town) -> None:
    ira = town.come("ira")
    character = ira.character(context="Ты — Марина, смотрительница.", bio="На маяке.")
    card = f"/api/characters/{character}"
    ira.ask("PATCH", card, json={"context": "Ты — Марина, капитан.", "bio": "На корабле."})
    [kept] = ira.get(f"{card}/versions").json()
    assert (kept["changed"], kept["by_author"]) == (["context", "bio"], True)

    version = ira.get(f"{card}/versions/{kept['id']}").json()
    assert version["character"]["context"] == "Ты — Марина, смотрительница."
    assert version["character"]["name"] == ira.get(card).json()["name"]
    assert version["differs"] == ["context", "bio"]

    back = ira.post(f"{card}/versions/{kept['id']}/restore").json()
    assert back["character"]["bio"] == ira.get(card).json()["bio"] == "На маяке."
    ira.post(f"{card}/versions/{back['undo']}/restore")
    assert ira.get(card).json()["bio"] == "На корабле."
    assert [each["changed"] for each in ira.get(f"{card}/versions").json()] == [["context", "bio"]] * 3

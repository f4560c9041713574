"""Memory API: a program reads what is remembered of a dialog, and corrects it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from domain.memory.rows import ChapterState, MemoryChapter, MemoryFact
from domain.model.dialog import Message
from storage.database import Database
from tests.ui.api.conftest import Program, Town


@pytest.fixture
def ira(town: Town) -> Program:
    return town.come("ira")


def remember(town: Town, dialog_id: int, said: int, replied: int) -> None:
    """Add the fact and chapter that a model would have made of the dialog's first words, and what its last reply
    recalled.
    """

    async def add() -> None:
        database = Database(town.database_url)
        async with database.write() as db:
            db.add(MemoryFact(dialog_id=dialog_id, message_id=said, text="Ира не ест рыбу."))
            told = MemoryChapter(dialog_id=dialog_id, first_id=said, last_id=replied, state=ChapterState.DONE)
            told.text = "Ира пришла на маяк."
            db.add(told)
            (await db.get_one(Message, replied)).recalled = [said]
        await database.close()

    asyncio.run(add())


def test_a_program_sees_pins_corrects_and_forgets(town: Town, ira: Program) -> None:
    dialog_id = ira.say(ira.character(), "Я не ем рыбу.")["dialog_id"]
    said, replied = (each["id"] for each in ira.get(f"/api/dialogs/{dialog_id}/messages").json()[-2:])
    remember(town, dialog_id, said, replied)
    memory = f"/api/dialogs/{dialog_id}/memory"

    def shown() -> dict[str, Any]:
        return dict(ira.get(memory).json())

    first = shown()
    [fact], [chapter], [recalled] = first["facts"], first["chapters"], first["recalled"]
    assert (fact["text"], fact["message_id"], chapter["text"]) == ("Ира не ест рыбу.", said, "Ира пришла на маяк.")
    assert (recalled["message_id"], recalled["excerpt"]) == (said, "Я не ем рыбу.")
    assert ira.get(f"/api/dialogs/{dialog_id}/messages").json()[-1]["recalled"] == [said]

    pin = ira.post(f"{memory}/pins", {"message_id": said}).json()["id"]
    ira.post(f"{memory}/pins", {"text": "Мы в ссоре.", "here_only": True})
    ira.ask("PATCH", f"{memory}/facts/{fact['id']}", json={"text": "Ира не ест рыбу и грибы.", "pinned": True})
    ira.ask("PATCH", f"{memory}/chapters/{chapter['id']}", json={"text": "Ира пришла и осталась."})
    then = shown()
    assert [(each["text"], each["here_only"]) for each in then["pinned"]] == [
        ("Я не ем рыбу.", False),
        ("Мы в ссоре.", True),
    ]
    assert then["bar"]["pinned"] == 3, "the pinned fact is one"
    assert [(each["text"], each["made_by"]) for each in (*then["facts"], *then["chapters"])] == [
        ("Ира не ест рыбу и грибы.", "person"),
        ("Ира пришла и осталась.", "person"),
    ]

    assert ira.ask("DELETE", f"{memory}/pins/{pin}").status_code == 204
    assert ira.ask("DELETE", f"{memory}/facts/{fact['id']}").status_code == 204
    assert (len(shown()["pinned"]), shown()["facts"]) == (1, [])
    assert ira.post(f"{memory}/facts/{fact['id']}/undo").status_code == 204
    assert [each["pinned"] for each in shown()["facts"]] == [True]

    assert ira.ask("PUT", memory, json={"on": False}).status_code == 204
    assert shown()["bar"]["state"] == "off"
    assert ira.ask("PUT", memory, json={"on": True}).status_code == 204
    assert ira.ask("DELETE", memory).status_code == 204
    last = shown()
    assert (last["pinned"], last["facts"], last["chapters"], last["bar"]["state"]) == ([], [], [], "off")


def test_what_does_not_fit_is_refused_in_words_beside_its_field(ira: Program) -> None:
    dialog_id = ira.say(ira.character(), "ж" * 1600)["dialog_id"]
    said = ira.get(f"/api/dialogs/{dialog_id}/messages").json()[-2]["id"]
    refused = ira.post(f"/api/dialogs/{dialog_id}/memory/pins", {"message_id": said})
    [mistake] = refused.json()["detail"]
    assert (refused.status_code, mistake["loc"]) == (422, ["body", "text"])
    assert "1500" in mistake["msg"]
    assert "1600" in mistake["msg"]


def test_a_change_of_a_fact_that_is_refused_changes_nothing_of_it(town: Town, ira: Program) -> None:
    dialog_id = ira.say(ira.character(), "Я не ем рыбу.")["dialog_id"]
    said, replied = (each["id"] for each in ira.get(f"/api/dialogs/{dialog_id}/messages").json()[-2:])
    remember(town, dialog_id, said, replied)
    memory = f"/api/dialogs/{dialog_id}/memory"
    for _ in range(3):
        ira.post(f"{memory}/pins", {"text": "ж" * 498})
    [fact] = ira.get(memory).json()["facts"]
    change = {"text": "Ира не ест рыбу и грибы.", "pinned": True}
    assert ira.ask("PATCH", f"{memory}/facts/{fact['id']}", json=change).status_code == 422
    assert ira.get(memory).json()["facts"] == [fact]


def test_either_a_message_or_words_are_pinned(ira: Program) -> None:
    dialog_id = ira.say(ira.character(), "Я не ем рыбу.")["dialog_id"]
    said = ira.get(f"/api/dialogs/{dialog_id}/messages").json()[-2]["id"]
    memory = f"/api/dialogs/{dialog_id}/memory"
    for neither in ({"message_id": said, "text": "Слова."}, {"message_id": said, "here_only": True}, {}):
        assert ira.post(f"{memory}/pins", neither).status_code == 422
    assert ira.get(memory).json()["pinned"] == []

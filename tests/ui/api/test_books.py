"""Books API: a program gives a character a book, fills it, tries it out; worlds go from one character to the next."""

from __future__ import annotations

import json

import pytest

from tests.ui.api.conftest import Program, Town


@pytest.fixture
def ira(town: Town) -> Program:
    return town.come("ira")


def test_a_program_fills_a_book_and_sees_what_fires(ira: Program) -> None:
    marina = ira.character()
    assert ira.get(f"/api/characters/{marina}/book").status_code == 404
    book = ira.post(f"/api/characters/{marina}/book").json()
    entries = f"/api/books/{book['id']}/entries"
    lighthouse = ira.post(entries, {"title": "Маяк", "keys": ["маяк"], "content": "Маяк стоит на скале."}).json()
    sea = ira.post(entries, {"keys": ["море"], "content": "Море холодное.", "before": lighthouse["id"]}).json()
    assert [line["keys"] for line in ira.get(entries).json()] == ["море", "маяк"]
    assert [line["id"] for line in ira.get(entries, q="скале").json()] == [lighthouse["id"]]
    ira.post(f"{entries}/order", {"ids": [lighthouse["id"]], "before": sea["id"]})
    first = ira.get(entries, limit=1)
    rest = ira.get(entries, cursor=first.headers["x-next-cursor"])
    assert [line["keys"] for page in (first, rest) for line in page.json()] == ["маяк", "море"]
    assert "x-next-cursor" not in rest.headers

    tried = ira.post(f"/api/books/{book['id']}/try", {"text": "Пойдём к маяку?"}).json()
    assert [(each["title"], each["because"]) for each in tried["fired"]] == [("Маяк", "маяк")]

    changed = ira.ask("PATCH", f"/api/books/{book['id']}", json={"scan_depth": 8, "shows_titles": True}).json()
    assert (changed["scan_depth"], changed["shows_titles"], changed["entries"]) == (8, True, 2)
    assert changed["revision"] > book["revision"]


def test_of_two_programs_the_second_is_told_that_an_entry_was_changed(ira: Program) -> None:
    world = ira.post("/api/books", {"name": "Острова"}).json()["id"]
    entry = ira.post(f"/api/books/{world}/entries", {"keys": ["кот"], "content": "Кот."}).json()
    address = f"/api/books/{world}/entries/{entry['id']}"
    seen = {"version": entry["version"]}
    assert ira.ask("PATCH", address, json=seen | {"content": "Кот рыжий."}).json()["content"] == "Кот рыжий."
    late = ira.ask("PATCH", address, json=seen | {"content": "Кот серый."})
    assert late.status_code == 422
    assert late.json()["detail"][0]["msg"].startswith("Эту запись тем временем изменили")
    assert ira.ask("PATCH", address, json={"order": 5}).json()["content"] == "Кот рыжий."


def test_what_is_wrong_with_an_entry_is_told_by_field(ira: Program) -> None:
    world = ira.post("/api/books", {"name": "Острова"}).json()["id"]
    refused = ira.post(f"/api/books/{world}/entries", {"keys": ["/дракон(/"], "chance": 300})
    assert refused.status_code == 422
    assert {tuple(each["loc"]) for each in refused.json()["detail"]} == {("body", "keys"), ("body", "chance")}


def test_what_is_deleted_comes_back(ira: Program) -> None:
    world = ira.post("/api/books", {"name": "Острова"}).json()["id"]
    entry = ira.post(f"/api/books/{world}/entries", {"keys": ["кот"]}).json()["id"]
    ira.ask("DELETE", f"/api/books/{world}/entries/{entry}")
    assert ira.get(f"/api/books/{world}/entries").json() == []
    assert ira.ask("DELETE", f"/api/books/{world}/entries/{entry}").status_code == 404
    ira.post(f"/api/books/{world}/entries/{entry}/restore")
    assert len(ira.get(f"/api/books/{world}/entries").json()) == 1
    ira.ask("DELETE", f"/api/books/{world}")
    assert ira.get("/api/books").json() == []
    assert ira.post(f"/api/books/{world}/restore").json()["entries"] == 1


def test_worlds_are_attached_to_characters_and_dialogs(ira: Program) -> None:
    marina, world = ira.character(), ira.post("/api/books", {"name": "Острова"}).json()["id"]
    dialog = ira.say(marina, "Привет!")["dialog_id"]
    for place in (f"/api/characters/{marina}/worlds", f"/api/dialogs/{dialog}/worlds"):
        assert ira.ask("PUT", f"{place}/{world}").status_code == 204
        assert ira.ask("PUT", f"{place}/{world}").status_code == 204
        assert [each["name"] for each in ira.get(place).json()] == ["Острова"]
    assert ira.get(f"/api/books/{world}").json()["attached_to"] == [{"id": marina, "name": "Марина"}]
    for place in (f"/api/characters/{marina}/worlds", f"/api/dialogs/{dialog}/worlds"):
        assert ira.ask("DELETE", f"{place}/{world}").status_code == 204
        assert ira.get(place).json() == []


def test_a_lorebook_comes_in_is_changed_and_leaves_with_all_it_came_with(ira: Program) -> None:
    entry = {
        "key": ["кот", "кошка"],
        "content": "Рыжий.",
        "order": 7,
        "uid": 3,
        "probability": 40,
        "x_mine": {"deep": [1]},
    }
    silly = json.dumps({"entries": {"3": entry}, "originalData": {"from": "elsewhere"}})
    come = ira.post("/api/books/import?file_name=Острова.json", content=silly)
    assert come.status_code == 201, come.text
    book = come.json()["book"]
    assert (book["name"], book["entries"]) == ("Острова", 1)
    entries = f"/api/books/{book['id']}/entries"
    (line,) = ira.get(entries).json()
    assert ira.ask("PATCH", f"{entries}/{line['id']}", json={"chance": 55}).json()["keys"] == ["кот", "кошка"]
    left = ira.get(f"/api/books/{book['id']}/export")
    assert "attachment" in left.headers["content-disposition"]
    data = left.json()["data"]
    (kept,) = data["entries"]
    assert (kept["keys"], kept["probability"], kept["x_mine"]) == (["кот", "кошка"], 55, {"deep": [1]})
    assert data["originalData"] == {"from": "elsewhere"}

    marina = ira.character()
    into = f"/api/characters/{marina}/book/import"
    assert ira.post(into, content=left.content).json()["book"]["entries"] == 1
    assert ira.post(into, content=left.content).json()["book"]["entries"] == 2
    assert ira.post(f"{into}?replaces=true", content=left.content).json()["book"]["entries"] == 1
    assert ira.post(into, content=b"GIF89a").status_code == 422

    grown = ira.post(f"/api/books/{book['id']}/import", content=left.content)
    assert grown.status_code == 201, grown.text
    assert (grown.json()["book"]["name"], grown.json()["book"]["entries"]) == ("Острова", 2)
    assert [line["keys"] for line in ira.get(entries).json()] == ["кот, кошка"] * 2


def test_keys_that_can_never_fire_are_told_of_on_import_and_in_the_list(ira: Program) -> None:
    entries = [{"key": ["/маяк(/"], "content": "Маяк.", "comment": "Маяк"}, {"key": ["кот"], "content": "Кот."}]
    come = ira.post("/api/books/import", content=json.dumps({"entries": entries})).json()
    broken = "Ключ «/маяк(/»: скобка ( не закрыта."
    assert come["report"]["idle"] == [f"Запись «Маяк». {broken}"]
    listed = ira.get(f"/api/books/{come['book']['id']}/entries").json()
    assert [line["remark"] for line in listed] == [broken, ""]


def test_a_lorebook_sent_as_a_character_is_told_where_it_belongs(ira: Program) -> None:
    refused = ira.post("/api/characters/import", content=json.dumps({"entries": [{"keys": ["кот"], "content": "К"}]}))
    assert refused.status_code == 422
    assert "POST /api/books/import" in refused.text

"""Characters come in from files of other programs and leave as such files, as a program of somebody's asks for them."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import httpx
import pytest

from tests.domain.cards.card_files import charx, png, text, v2, v3
from tests.domain.pictures.photos import a_photo
from tests.ui.api.conftest import Program, Town

BOOK = {"entries": [{"keys": ["кот"], "content": "Кот спит.", "enabled": True, "insertion_order": 1}]}
RUSSIAN = {"Accept-Language": "ru"}


@pytest.fixture(scope="module")
def ira(town: Town) -> Program:
    return town.come("ira")


def taken_in(program: Program, card: Any, **query: Any) -> dict[str, Any]:
    body = card if isinstance(card, bytes) else json.dumps(card).encode()
    answer = program.ask("POST", "/api/characters/import", content=body, params=query, headers=RUSSIAN)
    assert answer.status_code == (200 if query.get("preview") else 201), answer.text
    return dict(answer.json())


def exported(program: Program, character_id: int, kind: str, **query: Any) -> httpx.Response:
    answer = program.get(f"/api/characters/{character_id}/export", **{"as": kind} | query)
    assert answer.status_code == 200, answer.text
    return answer


def test_a_card_becomes_a_private_character_and_its_report_is_in_the_readers_language(ira: Program) -> None:
    told = taken_in(ira, v3(character_book=BOOK, tags=["книги", "женский"]))
    character = ira.get(f"/api/characters/{told['character']['id']}").json()
    assert (character["name"], character["greeting"], character["is_public"]) == ("Аглая", "Проходите!", False)
    report = told["report"]
    assert report["summary"][1] == "В книге 1 запись, включено 1, всего примерно 3 токена."
    assert report["guessed"] == [
        "Пол определён по тегам: женский.",
        "В карточке нет возрастной отметки, поэтому стоит 18+, пока вы не выберете другую.",
    ]
    assert "extensions.другая программа" in report["kept"]


def test_an_import_that_is_sent_again_with_the_same_mark_is_made_once(ira: Program) -> None:
    first, again, other = (taken_in(ira, v2(), client_id=mark)["character"]["id"] for mark in ("a", "a", "b"))
    assert first == again != other
    worlds = [
        ira.ask("POST", "/api/books/import", content=json.dumps({"entries": {}}), params={"client_id": "a"}).json()
        for _ in range(2)
    ]
    assert worlds[0]["book"]["id"] == worlds[1]["book"]["id"]


def test_another_file_with_the_same_mark_makes_nothing_and_the_description_says_so(ira: Program) -> None:
    first = taken_in(ira, v2(), client_id="once")["character"]
    other = taken_in(ira, v2(name="Вера"), client_id="once")
    assert (other["character"]["id"], other["character"]["name"], other["fields"]["name"]) == (
        first["id"],
        first["name"],
        "Вера",
    )
    parameters = ira.get("/openapi.json").json()["paths"]["/api/characters/import"]["post"]["parameters"]
    (description,) = [each["description"] for each in parameters if each["name"] == "client_id"]
    assert "even if the file is another" in description


def test_a_mark_with_a_control_character_is_refused_for_that_and_as_a_part_of_the_address(ira: Program) -> None:
    answer = ira.ask("POST", "/api/characters/import", content=b"{}", params={"client_id": "a\u0007"}, headers=RUSSIAN)
    assert answer.status_code == 422
    (mistake,) = answer.json()["detail"]
    assert mistake["loc"] == ["query", "client_id"]
    assert mistake["msg"] == "В метке запроса не бывает управляющих символов."


def test_a_preview_keeps_nothing(ira: Program) -> None:
    before = ira.get("/api/characters", mine=True).json()
    told = taken_in(ira, v2(), preview=True)
    assert told["character"] is None
    assert told["fields"]["context"] == "Ты — {{char}}.\n\nХозяйка лавки."
    assert ira.get("/api/characters", mine=True).json() == before


def test_what_its_importer_chose_goes_before_what_the_card_says(ira: Program) -> None:
    chosen = {"name": "Аглая Ветрова", "gender": "female", "age_mark": "12+", "is_public": True}
    sent = {"file": ("card.png", png(text(v2())), "image/png")}
    answer = ira.ask("POST", "/api/characters/import", files=sent, data={"fields": json.dumps(chosen)})
    assert answer.status_code == 201, answer.text
    made = answer.json()["character"]
    assert {name: made[name] for name in chosen} == chosen
    assert made["photo_url"]


def test_what_cannot_be_taken_in_is_said_where_it_is(ira: Program) -> None:
    sent = {"file": ("card.json", json.dumps(v2()))}
    answer = ira.ask("POST", "/api/characters/import", files=sent, data={"fields": '{"gender": "neither"}'})
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"] == ["body", "fields", "gender"]
    without = ira.ask("POST", "/api/characters/import", files={"photo": ("a.png", a_photo())})
    assert without.json()["detail"][0]["loc"] == ["body", "file"]
    damaged = ira.ask("POST", "/api/characters/import", content=png()[:60], headers=RUSSIAN)
    assert damaged.json()["detail"][0]["msg"] == "Картинка повреждена: она обрывается на середине."


@pytest.mark.parametrize(
    ("kind", "media_type", "begins"),
    [
        ("png", "image/png", b"\x89PNG"),
        ("json", "application/json", b'{\n  "spec": "chara_card_v3"'),
        ("json-v2", "application/json", b'{\n  "spec": "chara_card_v2"'),
        ("charx", "application/zip", b"PK"),
    ],
)
def test_a_character_leaves_in_every_form_and_comes_back(
    ira: Program, kind: str, media_type: str, begins: bytes
) -> None:
    made = taken_in(ira, charx(v3(character_book=BOOK), {"assets/a.png": a_photo()}))["character"]
    file = exported(ira, made["id"], kind)
    assert file.headers["content-type"].startswith(media_type)
    assert "%D0%90%D0%B3%D0%BB%D0%B0%D1%8F" in file.headers["content-disposition"]
    assert file.content.startswith(begins)
    again = taken_in(ira, file.content)
    assert again["report"]["entries"] == 1
    same = ("name", "context", "personality", "greeting", "other_greetings", "examples", "interests", "gender")
    assert [again["character"][name] for name in same] == [made[name] for name in same]


def test_others_get_what_everybody_sees_and_no_secrets(ira: Program, town: Town) -> None:
    secret = "Тайна лавки, о которой молчат."
    card = charx(v3(description=secret, character_book=BOOK, secret_field=secret), {"assets/secret.bin": b"hidden"})
    made = taken_in(ira, card)["character"]
    ira.ask("PATCH", f"/api/characters/{made['id']}", json={"is_public": True, "age_mark": "12+"})
    stranger = town.come("stranger")
    for kind in ("json", "json-v2", "charx", "png"):
        theirs, without = exported(stranger, made["id"], kind), exported(ira, made["id"], kind, secrets=False)
        for read in (taken_in(stranger, theirs.content), taken_in(stranger, without.content)):
            assert secret not in json.dumps(read, ensure_ascii=False)
            assert (read["character"]["name"], read["report"]["entries"]) == ("Аглая", 0)
        assert b"hidden" not in theirs.content
    assert secret in exported(ira, made["id"], "json").text


def test_several_leave_in_one_archive_without_those_one_may_not_see(ira: Program, town: Town) -> None:
    own = [taken_in(ira, v2(name=name))["character"]["id"] for name in ("Аглая", "Тихон")]
    foreign = town.come("boris").character(is_public=False)
    answer = ira.get("/api/characters/export", ids=[*own, foreign], **{"as": "json"})
    assert answer.headers["content-type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert sorted(archive.namelist()) == sorted([f"{own[0]} Аглая.json", f"{own[1]} Тихон.json"])
        assert json.loads(archive.read(f"{own[1]} Тихон.json"))["data"]["name"] == "Тихон"


def test_a_form_that_is_no_form_is_refused_in_words(ira: Program) -> None:
    spoiled = ira.ask(
        "POST", "/api/characters/import", content=b"--x\r\n", headers={"Content-Type": "multipart/form-data"}
    )
    assert spoiled.status_code in {400, 422}

"""Requests and answers of the API, whatever the caller's role: limits, pagination, empty values, counts."""

from __future__ import annotations

import httpx
import pytest

from tests.domain.pictures.photos import a_photo
from tests.ui.api.conftest import LIGHTHOUSE, USER, World


def test_null_empties_what_can_be_empty_and_breaks_nothing(world: World) -> None:
    character_id = world.fresh()
    fields = ("name", "gender", "photo_url", "bio", "context", "interests", "rating", "is_public")
    answer = world.owner.ask("PATCH", f"/api/characters/{character_id}", json=dict.fromkeys(fields))
    assert answer.status_code == 200
    assert (answer.json()["name"], answer.json()["interests"]) == (LIGHTHOUSE["name"], [])
    assert world.town.stranger.get("/api/characters").status_code == 200


def test_a_photo_is_the_address_that_was_answered(world: World) -> None:
    photo = world.owner.post("/api/characters/upload/photo", files={"file": ("m.png", a_photo())}).json()["photo_url"]
    character_id = world.owner.character(photo_url=photo)
    assert world.town.stranger.get(f"/api/characters/{character_id}").json()["photo_url"] == photo
    picture = world.town.stranger.get(photo)
    assert (picture.status_code, picture.headers["content-type"]) == (200, "image/webp")
    for foreign in ("javascript:alert(1)", "https://evil.example/x.png", "/pictures/../../etc/passwd", photo):
        stolen = world.programs[USER].post("/api/characters", LIGHTHOUSE | {"photo_url": foreign})
        assert stolen.status_code == 422, foreign


def test_an_upload_is_limited_whatever_is_sent(world: World) -> None:
    huge = {"file": ("huge.png", b"\x89PNG" + b"\0" * 6_000_000)}
    assert world.owner.post("/api/characters/upload/photo", files=huge).status_code == 413
    page = {"file": ("page.html", b"<script>alert(1)</script>", "image/png")}
    assert world.owner.post("/api/characters/upload/photo", files=page).status_code == 422
    long_message = {"message": "о" * 1_000_000}
    assert world.owner.post(f"/api/dialogs/{world.public}/messages", long_message).status_code == 413


def test_a_message_that_cannot_be_sent_is_refused_at_its_field(world: World) -> None:
    for text, told in ("  ", "Пока нечего отправлять"), ("о" * 8_001, "не больше 8"):
        answer = world.programs[USER].post(f"/api/dialogs/{world.public}/messages", {"message": text})
        assert answer.status_code == 422
        [mistake] = answer.json()["detail"]
        assert mistake["loc"] == ["body", "message"]
        assert told in mistake["msg"]


@pytest.mark.parametrize("number", [0, -1, 2**31, 2**63, 10**30])
def test_ids_beyond_all_measure_are_refused(world: World, number: int) -> None:
    answers: list[httpx.Response] = [
        world.owner.get(f"/api/characters/{number}"),
        world.owner.get(f"/api/dialogs/{number}/messages"),
        world.admin.get(f"/api/admin/users/{number}"),
        world.owner.get("/api/characters", owner_id=number),
        world.owner.get("/api/characters", cursor=number),
        world.owner.post(f"/api/dialogs/{world.public}/messages", {"message": "Да?", "dialog_id": number}),
    ]
    assert [answer.status_code for answer in answers] == [422] * len(answers)


def test_a_refusal_never_repeats_what_was_sent(world: World) -> None:
    for path, body in {
        "/api/auth/login": {"login": "ira", "password": ["my-secret-pw"]},
        "/api/auth/complete-signup": {"token": {"t": "my-secret-pw"}, "password": "my-secret-pw", "username": 7},
        "/api/auth/refresh": {"refresh_token": ["my-secret-pw"]},
        "/api/auth/request-signup": {"email": "my-secret-pw"},
    }.items():
        answer = world.town.stranger.post(path, body)
        assert answer.status_code == 422
        assert "my-secret-pw" not in answer.text
    assert "my-secret-pw" not in world.town.product.log.read_text("utf-8")


def test_pages_of_a_list_hold_everything_once(world: World) -> None:
    lena = world.town.come("lena")
    made = [lena.character(name=f"Марина {number}") for number in range(5)]
    seen: list[int] = []
    cursor: dict[str, str] = {}
    while True:
        page = lena.get("/api/characters", mine=True, limit=2, **cursor)
        assert isinstance(page.json(), list), "the body stays a plain array"
        seen += [each["id"] for each in page.json()]
        if "x-next-cursor" not in page.headers:
            break
        cursor = {"cursor": page.headers["x-next-cursor"]}
    assert seen == made[::-1]
    assert lena.get("/api/characters", limit=101).status_code == 422
    found = lena.get("/api/characters", mine=True, q="марина 3").json()
    assert [each["name"] for each in found] == ["Марина 3"]


def test_a_dialog_is_read_page_by_page(world: World) -> None:
    lena = world.town.come("lena")
    first = lena.say(world.public, "Раз")
    lena.say(world.public, "Два", dialog_id=first["dialog_id"])
    path = f"/api/dialogs/{first['dialog_id']}/messages"
    page = lena.get(path, limit=3)
    assert [each["role"] for each in page.json()] == ["user", "assistant", "user"]
    rest = lena.get(path, limit=3, cursor=page.headers["x-next-cursor"])
    assert [each["role"] for each in rest.json()] == ["assistant"]
    assert "x-next-cursor" not in rest.headers


def test_a_blocked_persons_characters_are_out_of_the_gallery(world: World) -> None:
    rowdy = world.town.come("rowdy")
    character_id = rowdy.character()
    world.admin.post(f"/api/admin/users/{rowdy.id}/block", {"blocked": True})
    card = f"/api/characters/{character_id}"
    assert world.town.stranger.get(card).status_code == 404
    assert character_id not in [each["id"] for each in world.town.stranger.get("/api/characters").json()]
    assert world.programs[USER].post(f"/api/dialogs/{character_id}/messages", {"message": "Эй"}).status_code == 404
    world.admin.post(f"/api/admin/users/{rowdy.id}/block", {"blocked": False})
    assert world.town.stranger.get(card).status_code == 200


def test_a_block_toggles_without_a_body_and_is_set_with_one(world: World) -> None:
    character_id = world.fresh()
    block = f"/api/characters/{character_id}/block"
    answers = [world.admin.post(block, body).json() for body in (None, None, {"blocked": True}, {"blocked": True})]
    assert [each["is_blocked"] for each in answers] == [True, False, True, True]
    assert answers[0] == {"detail": "toggled", "is_blocked": True}


def test_numbers_are_counted_without_what_is_deleted(world: World) -> None:
    admin = world.town.come("counter", is_admin=True)
    before = admin.get("/api/admin/stats").json()
    assert set(before) == {"users", "characters", "dialogs", "messages"}
    lena = world.town.come("lena")
    gone = lena.character()
    lena.ask("DELETE", f"/api/characters/{gone}")
    lena.say(lena.character(), "Привет!")
    after = admin.get("/api/admin/stats").json()
    assert {name: after[name] - before[name] for name in after} == {
        "users": 1,
        "characters": 1,
        "dialogs": 1,
        "messages": 2,
    }
    seen = admin.get(f"/api/admin/users/{lena.id}").json()
    assert seen["characters"] == ["Марина"]
    assert [each["character_name"] for each in seen["short_dialogs"]] == ["Марина"]

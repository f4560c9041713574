"""API compatibility: the example requests of this API's first description, word for word but for `/api` in front."""

from __future__ import annotations

import shlex
from typing import Any

import httpx
import pytest

from tests.llm_server import TEXT
from tests.ui.api.conftest import Town

EXAMPLES = {
    "sign up": """
curl -X POST http://127.0.0.1:8000/auth/request-signup \\
  -H "Content-Type: application/json" \\
  -d '{"email":"user@example.com"}'
""",
    "complete": """
curl -X POST http://127.0.0.1:8000/auth/complete-signup \\
  -H "Content-Type: application/json" \\
  -d '{"token":"<TOKEN_FROM_LOG>","password":"pass123","username":"user1"}'
""",
    "log in": """
curl -X POST http://127.0.0.1:8000/auth/login \\
  -H "Content-Type: application/json" \\
  -d '{"login":"user@example.com","password":"pass123"}'
""",
    "create": """
curl -X POST http://127.0.0.1:8000/characters \\
  -H "Authorization: Bearer <ACCESS_TOKEN>" \\
  -H "Content-Type: application/json" \\
  -d '{
        "name":"Alice",
        "gender":"female",
        "photo_url":"/static/uploads/alice.png",
        "bio":"Легкая ирония, любит шахматы",
        "context":"Ты — Алиса, сидишь в уютной кофейне и думаешь о следующей книге...",
        "interests":["chess","books","coffee"],
        "rating":9.1,
        "is_public": true
      }'
""",
    "begin": """
curl -X POST http://127.0.0.1:8000/dialogs/1/messages \\
  -H "Authorization: Bearer <ACCESS_TOKEN>" \\
  -H "Content-Type: application/json" \\
  -d '{"message":"Привет! О чем думаешь?"}'
""",
    "go on": """
curl -X POST http://127.0.0.1:8000/dialogs/1/messages \\
  -H "Authorization: Bearer <ACCESS_TOKEN>" \\
  -H "Content-Type: application/json" \\
  -d '{"message":"А давай сыграем в шахматы?", "dialog_id": 5}'
""",
}
LONGER = ("pass123", "pass123 и ещё")


@pytest.fixture(params=["town", "postgres_town"], ids=["sqlite", "postgresql"])
def anywhere(request: pytest.FixtureRequest) -> Town:
    town: Town = request.getfixturevalue(request.param)
    return town


def run(town: Town, example: str, *filled_in: tuple[str, str]) -> httpx.Response:
    """Send what `curl` would, with `/api` in front and the placeholders filled in."""
    command = example.replace("\\\n", " ")
    for placeholder, value in filled_in:
        assert placeholder in command, f"there is no {placeholder} in this example"
        command = command.replace(placeholder, value)
    words = iter(shlex.split(command))
    method, address, headers, body = "GET", "", {}, None
    for word in words:
        match word:
            case "curl":
                continue
            case "-X":
                method = next(words)
            case "-H":
                name, _, value = next(words).partition(": ")
                headers[name] = value
            case "-d":
                body = next(words).encode()
            case _:
                address = word
    path = address.removeprefix("http://127.0.0.1:8000")
    return httpx.request(method, f"{town.product.url}/api{path}", headers=headers, content=body, timeout=20)


def shape(answer: httpx.Response, status: int = 200) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    told: dict[str, Any] = answer.json()
    return told


LEFT_OUT: dict[str, Any] = {
    **dict.fromkeys(("nickname", "teaser", "greeting", "personality", "scenario", "after_history", "notes"), ""),
    "age_mark": "12+",
    "other_greetings": [],
    "examples": [],
    "temperature": None,
    "reply_tokens": None,
    "portrait": 0,
    "language": "ru",
}
"""What the seed's answers did not have, as it is when nothing was said of it; the language is told from the texts."""


def test_every_example_works(anywhere: Town) -> None:
    town = anywhere
    assert shape(run(town, EXAMPLES["sign up"])) == {"detail": "If email exists, a link has been sent."}
    token = letter_to(town, "user@example.com")

    too_short = shape(run(town, EXAMPLES["complete"], ("<TOKEN_FROM_LOG>", token)), 422)
    assert too_short["detail"][0]["loc"] == ["body", "password"], "its example password is a character too short for us"
    assert "8" in too_short["detail"][0]["msg"]
    assert "pass123" not in str(too_short), "no answer repeats a password"
    completed = run(town, EXAMPLES["complete"], ("<TOKEN_FROM_LOG>", token), LONGER)
    assert shape(completed) == {"detail": "Signup completed"}
    again = run(town, EXAMPLES["complete"], ("<TOKEN_FROM_LOG>", token), LONGER)
    assert shape(again, 400) == {"detail": "Invalid token"}

    logged_in = shape(run(town, EXAMPLES["log in"], LONGER))
    assert logged_in["token_type"] == "bearer"
    with_token = ("<ACCESS_TOKEN>", logged_in["access_token"])
    assert shape(run(town, EXAMPLES["log in"]), 401) == {"detail": "Invalid credentials"}

    alice = shape(run(town, EXAMPLES["create"], with_token))
    assert alice == LEFT_OUT | {
        "id": alice["id"],
        "owner_id": alice["owner_id"],
        "name": "Alice",
        "gender": "female",
        "photo_url": None,
        "bio": "Легкая ирония, любит шахматы",
        "context": "Ты — Алиса, сидишь в уютной кофейне и думаешь о следующей книге...",
        "interests": ["chess", "books", "coffee"],
        "rating": 0.0,  # nobody has talked with her yet
        "is_public": True,
        "is_blocked": False,
    }

    here = ("dialogs/1/", f"dialogs/{alice['id']}/")
    begun = shape(run(town, EXAMPLES["begin"], with_token, here))
    assert set(begun) == {"dialog_id", "assistant_message"}
    assert begun["assistant_message"] | {"id": 0, "created_at": ""} == {
        "id": 0,
        "role": "assistant",
        "content": TEXT,
        "created_at": "",
        "state": "done",
        "feedback": None,
        "hidden": False,
        "recalled": [],
    }
    gone_on = shape(
        run(town, EXAMPLES["go on"], with_token, here, ('"dialog_id": 5', f'"dialog_id": {begun["dialog_id"]}'))
    )
    assert gone_on["dialog_id"] == begun["dialog_id"]
    unknown = run(town, EXAMPLES["go on"], with_token, here, ('"dialog_id": 5', '"dialog_id": 500'))
    assert shape(unknown, 404) == {"detail": "Dialog not found"}


def test_a_username_is_given_once(town: Town) -> None:
    olga = town.come("olga")
    assert olga.get("/api/auth/me").status_code == 200
    for number, email in enumerate(("first@example.com", "second@example.com")):
        assert town.stranger.post("/api/auth/request-signup", {"email": email}).status_code == 200
        body = {"token": letter_to(town, email), "password": LONGER[1], "username": "only_one"}
        answer = town.stranger.post("/api/auth/complete-signup", body)
        if number == 0:
            assert answer.json() == {"detail": "Signup completed"}
        else:
            assert (answer.status_code, answer.json()) == (400, {"detail": "Username already taken"})
            nameless = town.stranger.post("/api/auth/complete-signup", body | {"username": None})
            assert nameless.json() == {"detail": "Signup completed"}, "what was refused left the link alive"


def letter_to(town: Town, email: str) -> str:
    """The token of the link in the log, where letters without a mail server are printed."""
    return town.product.letters_to(email)[-1][0].rsplit("/", 1)[1]

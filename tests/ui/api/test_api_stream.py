"""Server-sent events: replies over the API: waited for, live, broken off, asked for twice."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.llm_server import TEXT, LlmServer
from tests.ui.api.conftest import Program, Town

SLOWLY = "[[style:fine]] [[pause:0.05]] Расскажи о море."
AT_LENGTH = "[[style:fine]] [[fault:waits]] Расскажи о море подробно."
"""What is answered does not end before the test says so."""


@pytest.fixture(autouse=True)
def _nobody_waits_any_more(llm: LlmServer) -> Iterator[None]:
    yield
    llm.go_on()  # a reply goes on, though nobody listens


@pytest.fixture(scope="module")
def ira(town: Town) -> Program:
    return town.come("ira")


@pytest.fixture(scope="module")
def marina(ira: Program) -> int:
    return ira.character()


def talk(program: Program, character_id: int, message: str, **fields: Any) -> Iterator[dict[str, Any]]:
    headers = {name: fields.pop(name) for name in ("Last_Event_ID",) if name in fields}
    return program.listen(f"/api/dialogs/{character_id}/messages", {"message": message} | fields, **headers)


def test_a_live_reply_grows_and_ends_with_the_whole(ira: Program, marina: int, llm: LlmServer) -> None:
    live = talk(ira, marina, AT_LENGTH)
    events = [next(live), next(live)]
    for _ in range(3):  # it comes piece by piece
        llm.go_on(1)
        events.append(next(live))
    llm.go_on()
    events += live
    assert [events[0]["event"], events[-1]["event"]] == ["begun", "reply"]
    pieces = events[1:-1]
    assert {each["event"] for each in pieces} == {"piece"}
    said = ""
    for piece in pieces:
        assert piece["data"]["at"] == len(said)
        said += piece["data"]["text"]
        assert piece["id"] == str(len(said))
    assert said == TEXT == events[-1]["data"]["assistant_message"]["content"]
    assert events[-1]["data"]["assistant_message"]["id"] == events[0]["data"]["message_id"]


def test_a_live_reply_comes_while_it_is_written(ira: Program, marina: int) -> None:
    live = talk(ira, marina, AT_LENGTH)
    begun = next(live)["data"]
    assert next(live)["event"] == "piece"
    so_far = ira.get(f"/api/dialogs/{begun['dialog_id']}/messages").json()[-1]
    assert so_far["state"] == "running", "the first piece was here before the last was written"
    live.close()  # type: ignore[attr-defined]  # a generator: this closes the connection


def test_whoever_breaks_off_loses_nothing(ira: Program, marina: int) -> None:
    live = talk(ira, marina, SLOWLY, client_msg_id="interrupted")
    dialog_id = next(live)["data"]["dialog_id"]
    known = next(live)
    live.close()  # type: ignore[attr-defined]  # a generator: this closes the connection

    rest = list(talk(ira, marina, SLOWLY, client_msg_id="interrupted", Last_Event_ID=known["id"]))
    pieces = "".join(each["data"]["text"] for each in rest if each["event"] == "piece")
    assert known["data"]["text"] + pieces == TEXT, "it goes on where it was broken off"
    kept = ira.get(f"/api/dialogs/{dialog_id}/messages").json()
    assert [each["content"] for each in kept] == [SLOWLY, TEXT], "one question, one reply"


def test_the_same_message_twice_is_one_message(ira: Program, marina: int) -> None:
    first = ira.say(marina, "Ты здесь?", client_msg_id="once")
    assert ira.say(marina, "Ты здесь?", client_msg_id="once") == first
    other = ira.say(marina, "Ты здесь?", client_msg_id="another")
    assert other["dialog_id"] != first["dialog_id"], "a new mark without a dialog begins a new one"


@pytest.mark.parametrize(
    "where", ["town", pytest.param("postgres_town", marks=pytest.mark.slow)], ids=["sqlite", "postgresql"]
)
def test_the_same_message_at_the_same_moment_is_one_message(
    where: str, request: pytest.FixtureRequest, llm: LlmServer
) -> None:
    town: Town = request.getfixturevalue(where)
    lena = town.come("lena")
    character_id = lena.character()
    llm.forget()
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: lena.say(character_id, "Привет!", client_msg_id="now"), range(8)))
    assert all(answer == answers[0] for answer in answers)
    assert len(lena.get("/api/dialogs").json()) == 1
    assert len(llm.asked) == 1, "and it was paid for once"


def test_two_messages_at_once_in_one_dialog_wait_for_one_another(ira: Program, marina: int) -> None:
    live = talk(ira, marina, AT_LENGTH)
    dialog_id = next(live)["data"]["dialog_id"]
    answer = ira.post(f"/api/dialogs/{marina}/messages", {"message": "И ещё!", "dialog_id": dialog_id})
    assert answer.status_code == 409
    live.close()  # type: ignore[attr-defined]


def test_a_model_that_fails_is_502_and_leaves_the_question(ira: Program, marina: int) -> None:
    question = "[[fault:403]] Отвечай!"
    answer = ira.post(f"/api/dialogs/{marina}/messages", {"message": question, "client_msg_id": "failing"})
    assert answer.status_code == 502
    assert "настроен неверно" in answer.json()["detail"]
    assert "b1gfolder" not in answer.text, "what the provider wrote stays with us"
    live = list(talk(ira, marina, question, client_msg_id="failing"))
    assert live[-1]["event"] == "error"
    assert live[-1]["data"]["status"] == 502


def test_a_reply_that_breaks_off_is_told_as_it_is(ira: Program, marina: int) -> None:
    reply = ira.say(marina, "[[style:fine]] [[fault:cut]] Ну?")["assistant_message"]
    assert reply["state"] == "interrupted"
    assert reply["content"]
    assert TEXT.startswith(reply["content"])


def test_logging_out_ends_the_live_reply_and_not_the_reply(
    town: Town, ira: Program, marina: int, llm: LlmServer
) -> None:
    phone = town.again(ira)
    live = talk(phone, marina, AT_LENGTH, client_msg_id="to the end")
    dialog_id = next(live)["data"]["dialog_id"]
    next(live)
    assert phone.post("/api/auth/log-out").status_code == 204
    last = list(live)[-1]
    assert (last["event"], last["data"]["status"]) == ("error", 401)
    llm.go_on()
    ira.say(marina, AT_LENGTH, client_msg_id="to the end")
    assert ira.get(f"/api/dialogs/{dialog_id}/messages").json()[-1]["content"] == TEXT


def test_a_block_breaks_off_the_reply_that_is_being_written(town: Town, marina: int) -> None:
    admin, guest = town.come("admin", is_admin=True), town.come("guest")
    live = talk(guest, marina, AT_LENGTH)
    dialog_id = next(live)["data"]["dialog_id"]
    next(live)
    admin.post(f"/api/admin/users/{guest.id}/block", {"blocked": True})
    last = list(live)[-1]
    assert (last["event"], last["data"]["status"]) == ("error", 403)
    assert TEXT.startswith(broken_off(admin, dialog_id)["content"])


def broken_off(admin: Program, dialog_id: int) -> dict[str, Any]:
    """The last reply of the dialog, once it is no longer being written."""
    give_up = time.monotonic() + 60
    while (reply := admin.get(f"/api/admin/dialogs/{dialog_id}").json()[-1])["state"] == "running":
        assert time.monotonic() < give_up, "it goes on and on"
        time.sleep(0.05)
    assert reply["state"] == "interrupted"
    return dict(reply)

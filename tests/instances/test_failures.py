"""Failures of instances over one PostgreSQL: one is killed or frozen, the database restarts, a clock is wrong."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest

from domain.chat.replies.reply_row import LEASE
from tests.instances.conftest import Instances, at, instances_over, is_up, messages, seconds_until
from tests.llm_server import Behaviour, LlmServer
from tests.postgres import Server
from tests.ui.api.conftest import Program

pytestmark = pytest.mark.slow
WORDS = "Свет горит. " * 40
FOR_TEN_SECONDS = Behaviour(WORDS, style="fine", pause=10 / (len(WORDS) / 4))
FOR_LONG = Behaviour(WORDS * 9, style="fine", pause=0.08)
FAKETIME = ("usr/lib/*/faketime/libfaketime.so.1", "usr/lib/faketime/libfaketime.so.1")
"""Where distributions put it: PyPI has only its source, for which a newcomer would need a compiler."""
SHORTLY = Behaviour("Я здесь.")


@pytest.fixture
def instances(server: Server, tmp_path: Path, llm: LlmServer) -> Generator[Instances]:
    with instances_over(server, tmp_path, llm, LLM_CONCURRENCY="1") as instances:
        yield instances


def begun(program: Program, words: str = "Привет") -> tuple[int, Iterator[dict[str, Any]]]:
    """A reply that has begun to arrive: the id of its dialog, and the events still to come."""
    events = program.listen(f"/api/dialogs/{program.character()}/messages", {"message": words})
    dialog_id = next(events)["data"]["dialog_id"]
    next(event for event in events if event["event"] == "piece")
    return int(dialog_id), events


def has_ended(program: Program, dialog_id: int, how: str) -> bool:
    answer = program.get(f"/api/dialogs/{dialog_id}/messages")
    if not answer.is_success:
        return False  # the database is away
    state = answer.json()[-1]["state"]
    assert state in ("running", how)
    return bool(state == how)


def test_an_instance_is_killed_while_it_writes(instances: Instances, llm: LlmServer) -> None:
    dies, lives, third = [instances.started() for _ in range(3)]
    ira, oleg = instances.person("ira", dies), instances.person("oleg", lives)
    llm.default = FOR_LONG
    dialog_id, _events = begun(ira)
    llm.default = SHORTLY
    character_id = oleg.character()
    instances.kill(dies)
    spoken = oleg.say(character_id, "Есть кто?")  # returns with the reply: the place is free within a lease
    assert spoken["assistant_message"]["content"] == "Я здесь."
    for instance in (lives, third):
        reader = at(instance, ira)
        assert seconds_until(has_ended, reader, dialog_id, "interrupted") < 4 * LEASE.total_seconds()
        question, reply = messages(reader, dialog_id)
        assert question["content"] == "Привет"
        assert reply["content"]
        assert (WORDS * 9).startswith(reply["content"])
        reader.close()
    assert llm.most_in_flight == 1


def test_an_instance_is_frozen_while_it_writes(instances: Instances, llm: LlmServer) -> None:
    freezes, lives = instances.started(), instances.started()
    ira, oleg = instances.person("ira", freezes), instances.person("oleg", lives)
    llm.default = FOR_LONG
    dialog_id, _events = begun(ira)
    llm.default = SHORTLY
    character_id = oleg.character()
    freezes.freeze()
    assert oleg.say(character_id, "Есть кто?")["assistant_message"]["content"] == "Я здесь."
    reader = at(lives, ira)
    seconds_until(has_ended, reader, dialog_id, "interrupted")
    ended = messages(reader, dialog_id)
    disconnects = llm.disconnects
    freezes.thaw()
    seconds_until(lambda: llm.disconnects > disconnects)  # the stream that nobody wants any more is cut
    seconds_until(lambda: llm.in_flight == 0)
    assert messages(reader, dialog_id) == ended, "the row was another's affair"
    reader.close()
    assert ira.say(ira.character(), "Опять здесь?")["assistant_message"]["content"] == "Я здесь."


def test_the_database_restarts_under_running_replies(server: Server, tmp_path: Path, llm: LlmServer) -> None:
    with instances_over(server, tmp_path, llm, LLM_CONCURRENCY="2") as instances:
        both = [instances.started(), instances.started()]
        people = [instances.person("ira", both[0]), instances.person("oleg", both[1])]
        llm.default = FOR_TEN_SECONDS
        dialogs = [begun(person)[0] for person in people]
        server.go_down()
        server.come_up()
        for person, dialog_id in zip(people, dialogs, strict=True):
            seconds_until(has_ended, person, dialog_id, "done")
            question, reply = messages(person, dialog_id)
            assert (question["content"], reply["content"]) == ("Привет", WORDS)
        assert llm.disconnects == 0
        assert llm.most_in_flight == 2
        llm.default = SHORTLY
        assert people[0].say(people[0].character(), "Всё цело?")["assistant_message"]["content"] == "Я здесь."


def test_a_server_that_is_started_before_its_database_waits_for_it(server: Server, instances: Instances) -> None:
    product = instances.made()
    server.go_down()
    product.spawn()
    seconds_until(lambda: "The database does not answer yet" in product.log.read_text())
    server.come_up()
    seconds_until(lambda: is_up(product))
    assert product.log.read_text().count("does not answer yet") == 1


@pytest.mark.parametrize("offset", [-60, 60])
def test_a_clock_that_is_wrong_ends_nobodys_reply(server: Server, tmp_path: Path, llm: LlmServer, offset: int) -> None:
    with instances_over(server, tmp_path, llm, LLM_CONCURRENCY="2") as instances:
        wrong = instances.started(**wrong_clock(offset))
        right = instances.started()
        people = [instances.person("ira", wrong), instances.person("oleg", right)]
        llm.default = FOR_TEN_SECONDS
        dialogs = [begun(person)[0] for person in people]
        for person, dialog_id in zip(people, dialogs, strict=True):
            seconds_until(has_ended, person, dialog_id, "done")
            assert messages(person, dialog_id)[-1]["content"] == WORDS
        assert f"clock is {offset:+}.0 s off the database's" in wrong.log.read_text()
        assert "off the database's" not in right.log.read_text()


def wrong_clock(offset: int) -> dict[str, str]:
    """Settings of a process whose machine's clock is off by `offset` seconds; durations are not affected."""
    library = next((place for places in FAKETIME for place in sorted(Path("/").glob(places))), None)
    if library is None:
        pytest.skip("libfaketime is not at hand (Debian: faketime); an injected offset is in test_leases.py")
    as_always = {
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "FAKETIME_FORCE_MONOTONIC_FIX": "0",  # it would make a thread wait for the interpreter's lock for ever
    }
    return {"LD_PRELOAD": os.fspath(library), "FAKETIME": f"{offset:+}"} | as_always

"""Message actions: the one button under a message, and its small actions."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from domain.chat.history_page import Conversation
from domain.chat.replies.reply_end import WITHDRAWN
from domain.chat.replies.trial_limit import TrialUse
from domain.clock import now
from domain.language import Texts
from domain.llm.port import Role
from domain.model.character import Character, Gender
from domain.model.dialog import Dialog, Feedback, Message, State
from domain.model.user import User
from ui.admin.directory.transcript import transcript_bubbles
from ui.chat.bubbles import THUMBS, bubbles
from ui.request.visitor import Preferences, Reader

IRA = User(id=1, display_name="Ира")
READER = Reader(Preferences("en", "auto", "Europe/Moscow"), Texts("en"), user=IRA)
GUEST = replace(READER, user=User(id=1, display_name="Гость", is_trial=True))
ENDS = {State.FAILED: "retry", State.INTERRUPTED: "continue", State.FILTERED: "rephrase", State.DONE: ""}


def shown(*messages: Message, owner_id: int = 2, reader: Reader = READER, **more: Any) -> list[dict[str, Any]]:
    for number, message in enumerate(messages, start=1):
        message.id, message.parent_id = number, number - 1 or None
    dialog = Dialog(id=1, user_id=IRA.id, character_id=1, leaf_id=len(messages))
    character = Character(id=1, owner_id=owner_id, name="Марина", gender=Gender.FEMALE)
    return bubbles(reader, Conversation(dialog, character, reader.user or IRA, list(messages), **more))


def said(text: str = "Вижу.", state: State = State.DONE, **more: Any) -> Message:
    return Message(dialog_id=1, role=Role.ASSISTANT, text=text, state=state, **more)


def asked() -> Message:
    return Message(dialog_id=1, role=Role.USER, text="Кто там?")


@pytest.mark.parametrize("state", ENDS)
def test_only_under_the_last_reply_there_is_a_button_to_mend_it(state: State) -> None:
    text = "" if state == State.FAILED else "Я"
    *before, last = shown(asked(), said(text, state), asked(), said(text, state))
    assert [each["action"] for each in before] == ["", "", ""]
    assert last["action"] == ENDS[state]
    assert [each["action"] for each in shown(asked(), said(text, state), may_go_on=False)] == ["", ""]


def test_a_reply_that_a_block_broke_off_is_not_said_to_be_stopped_by_its_reader() -> None:
    _, broken_off = shown(asked(), said("Вижу", State.INTERRUPTED, fault=WITHDRAWN))
    assert broken_off["note"] == "The reply was broken off by an admin's decision. What arrived is saved."
    assert broken_off["action"] == "continue"


def test_what_somebody_elses_character_said_may_be_reported_and_ones_own_not() -> None:
    greeting, question, reply = shown(said(), asked(), said())
    assert greeting["may"] == ["copy", "edit", "pin", "hide", "report"]
    assert question["may"] == ["copy", "edit", "branch", "pin", "hide", "delete"]
    assert reply["may"] == ["copy", "regenerate", "edit", *THUMBS.values(), "branch", "pin", "hide", "report", "delete"]
    for mine in shown(said(), asked(), said(), owner_id=IRA.id):
        assert "report" not in mine["may"]


def test_nothing_is_done_with_a_reply_that_is_being_written_nor_reported_of_a_file() -> None:
    _, running = shown(asked(), said("Я", State.RUNNING))
    assert running["may"] == []
    _, loaded = shown(asked(), said(is_loaded=True))
    assert loaded["may"] == ["copy", "regenerate", "edit", *THUMBS.values(), "branch", "pin", "hide", "delete"]
    _, rewritten = shown(asked(), said(is_rewritten=True))
    assert rewritten["may"] == ["copy", "regenerate", "edit", "branch", "pin", "hide", "delete"]
    assert rewritten["note"] == "Edited by you"


def test_what_is_hidden_from_the_model_is_not_offered_to_be_pinned_but_can_be_unpinned() -> None:
    question, pinned = shown(asked(), said(is_hidden_from_model=True), pinned=frozenset({2}))
    [unpinned] = shown(said(is_hidden_from_model=True))
    assert "pin" in question["may"]
    assert "unpin" in pinned["may"]
    assert not {"pin", "unpin"} & {*unpinned["may"]}


def test_what_is_marked_shows_it_and_lets_one_take_the_mark_back() -> None:
    question, reply = shown(asked(), said(feedback=Feedback.DOWN, is_hidden_from_model=True))
    assert (question["feedback"], question["hidden"]) == ("", False)
    assert (reply["feedback"], reply["hidden"]) == ("thumb-down", True)
    assert "show" in reply["may"]
    assert "hide" not in reply["may"]
    _, failed = shown(asked(), said("", State.FAILED))
    assert not {"hide", *THUMBS.values()} & {*failed["may"]}, "there is nothing to mark"


def test_admins_see_what_a_reader_marked_and_change_nothing() -> None:
    question, reply = asked(), said(feedback=Feedback.UP, is_hidden_from_model=True)
    question.id, reply.id, reply.parent_id = 1, 2, 1
    dialog = Dialog(id=1, user_id=IRA.id, character_id=1, leaf_id=2)
    marina = Character(id=1, owner_id=2, name="Марина", gender=Gender.FEMALE)
    _, seen = transcript_bubbles(READER, Conversation(dialog, marina, IRA, [question, reply], may_go_on=False))
    assert "good reply" in seen["note"]
    assert seen["hidden"]
    assert seen["may"] == ["copy"]


def test_ones_own_last_words_without_a_reply_offer_to_get_one() -> None:
    assert shown(asked())[0]["action"] == "answer"
    assert shown(asked(), may_go_on=False)[0]["action"] == ""


def test_the_reference_of_a_fault_stands_apart_from_what_happened() -> None:
    _, broken = shown(asked(), said("", State.FAILED, fault="unexpected", reference="985e4f88"))
    assert broken["note"] == "Something went wrong on our side."
    assert broken["reference"] == "Reference for support: 985e4f88"


def test_a_conversation_that_is_over_can_be_copied_and_reported_only() -> None:
    assert [each["may"] for each in shown(asked(), said(), may_go_on=False)] == [["copy"], ["copy", "report"]]


def test_whoever_may_only_read_is_offered_nothing_that_would_be_refused() -> None:
    silenced = User(id=1, display_name="Ира", is_read_only=True)
    broken = said("Я", State.INTERRUPTED)
    question, reply = shown(asked(), broken, reader=replace(READER, user=silenced))
    assert [question["may"], reply["may"], reply["action"]] == [["copy"], ["copy"], ""]
    silenced.read_only_until = now() - timedelta(seconds=1)
    assert shown(asked(), broken, reader=replace(READER, user=silenced))[1]["action"] == "continue"


def test_somebody_on_trial_is_offered_what_they_may_do_and_nothing_else() -> None:
    _, reply = shown(asked(), said(), reader=GUEST)
    assert reply["may"] == ["copy", "regenerate"]


def test_somebody_whose_trial_is_over_is_not_led_to_a_box_whose_text_cannot_be_sent() -> None:
    for most, may, action in ((2, ["copy", "edit"], "rephrase"), (1, ["copy"], "")):
        trial = TrialUse(most, replies=1, answered=frozenset({1}))
        question, refused = shown(asked(), said("Нет.", State.FILTERED), reader=GUEST, trial=trial)
        assert (question["may"], refused["action"]) == (may, action)


@pytest.mark.parametrize("state", [State.DONE, State.INTERRUPTED])
def test_a_guest_reads_that_another_reply_needs_an_account_before_asking_for_it(state: State) -> None:
    *_, reply = shown(asked(), said(state=state), reader=GUEST, trial=TrialUse(3, 4, frozenset({1})))
    assert (reply["may"], reply["action"]) == (["copy"], "sign-up")
    *_, reply = shown(asked(), said(state=state), reader=GUEST, trial=TrialUse(3, 3, frozenset({1})))
    assert reply["may"] == ["copy", "regenerate"]
    assert reply["action"] == ("retry" if state == State.INTERRUPTED else "")
    *_, reply = shown(asked(), said(state=state), reader=GUEST, trial=TrialUse(1, 2, frozenset({1})))
    assert (reply["may"], reply["action"]) == (["copy"], ""), "what stands in place of the composer says it"


def test_a_guest_may_try_again_what_failed_though_other_replies_are_used_up() -> None:
    trial = TrialUse(3, replies=4, answered=frozenset({1}))
    *_, failed = shown(asked(), said(), asked(), said("", State.FAILED), reader=GUEST, trial=trial)
    assert failed["action"] == "retry", "its message has no reply yet"


def test_of_a_failed_reply_people_read_that_it_failed_and_admins_which_setting_is_wrong() -> None:
    admin = replace(READER, user=User(id=1, display_name="Ира", is_admin=True))
    notes = []
    for reader in (READER, admin):
        fault = {"fault": "key_rejected", "reference": "a1b2c3d4"}
        broken = shown(asked(), said("", State.FAILED, **fault), reader=reader)[-1]
        assert "a1b2c3d4" in broken["reference"]
        notes.append("API_KEY" in broken["note"])
    assert notes == [False, True]

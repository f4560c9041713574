"""A model that its server calls by a path is shown to admins by the name of its file."""

from __future__ import annotations

from domain.characters.reply_feedback import FeedbackCount
from domain.chat.history_page import Conversation
from domain.language import Texts
from domain.llm.port import Role
from domain.model.character import Character, Gender
from domain.model.dialog import Dialog, Message
from domain.model.user import User
from ui.admin.directory.transcript import transcript_bubbles
from ui.admin.statistics.leaderboards import feedback_rows
from ui.request.visitor import Preferences, Reader

PATH, NAME = "/srv/models/gemma-3-4b-Q4.gguf", "gemma-3-4b-Q4"


def test_in_the_statistics() -> None:
    rows = feedback_rows(Texts("en"), {PATH: FeedbackCount(2, 1), "": FeedbackCount(1, 0)})
    assert [row["name"] for row in rows] == [NAME, "unknown"]


def test_beside_what_it_said() -> None:
    reader = Reader(Preferences("en", "auto", "UTC"), Texts("en"))
    ira, marina = User(id=1, display_name="Ира"), Character(id=1, owner_id=2, name="Марина", gender=Gender.FEMALE)
    reply = Message(id=1, dialog_id=1, role=Role.ASSISTANT, text="Заходи.", model=PATH)
    [shown] = transcript_bubbles(reader, Conversation(Dialog(id=1, user_id=1, character_id=1), marina, ira, [reply]))
    assert NAME in shown["note"]
    assert PATH not in shown["note"]

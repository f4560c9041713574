"""Notices, told by handlers that have deleted the element around them."""

from __future__ import annotations

from pathlib import Path

import pytest
from nicegui import Client, ui

from domain.errors import NotAllowed
from domain.language import Texts
from ui.request.errors import show_errors
from ui.request.notice import notify
from ui.request.visitor import Preferences, Reader

UI = Path(__file__).parents[3] / "ui"


@pytest.fixture
def client() -> Client:
    return Client(ui.page("/somewhere"), request=None)


def told(client: Client) -> list[str]:
    return [str(body["message"]) for _to, kind, body in client.outbox.messages if kind == "notify"]


async def test_what_was_done_or_refused_is_told_though_the_card_around_the_button_is_deleted(client: Client) -> None:
    reader = Reader(Preferences("en", "auto", "UTC"), Texts("en"))
    with client:
        card = ui.card()
    with client, card.default_slot:
        card.delete()
        del card
        notify("Done.")
        with show_errors(reader):
            raise NotAllowed("Not yours.")
    assert told(client) == ["Done.", "Not yours."]


def test_nobody_makes_a_notice_by_hand() -> None:
    by_hand = [str(file.relative_to(UI)) for file in UI.rglob("*.py") if "ui.notify(" in file.read_text("utf-8")]
    assert by_hand == ["request/notice.py"]

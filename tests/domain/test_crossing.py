"""Events that cross to other instances: it is decided for each, and each arrives as what it was."""

from __future__ import annotations

import importlib
import inspect
from dataclasses import is_dataclass

import pytest

from domain.chat.tree.events import BranchChanged, Delay, MessageSent, ReplyChunk, ReplyDelayed, ReplySaved
from domain.crossing import CROSSES, STAYS, Crossing
from storage.bus import Event, Missed
from tests.test_architecture import ROOT


def events() -> set[type]:
    """All event classes of the domain, and the bus's own."""
    names = [str(path.relative_to(ROOT).with_suffix("")).replace("/", ".") for path in (ROOT / "domain").rglob("*.py")]
    modules = [importlib.import_module(name.removesuffix(".__init__")) for name in names]
    classes = {each for module in modules for _name, each in inspect.getmembers(module, inspect.isclass)}
    return {each for each in classes if is_dataclass(each) and "about" in each.__dataclass_fields__} | {Missed}


def test_of_every_event_it_is_said_whether_it_crosses_and_why() -> None:
    assert events() == set(CROSSES) | set(STAYS)
    assert not set(CROSSES) & set(STAYS)
    assert all({**CROSSES, **STAYS}.values())


@pytest.mark.parametrize(
    "event",
    [
        MessageSent(7, None, 12),
        BranchChanged(7, 12, replying=True),
        ReplyDelayed(7, 12, Delay.THINKING),
        ReplySaved(7, 12, at=3, length=6, text="море 🌊"),
    ],
)
def test_an_event_arrives_as_what_it_was(event: Event) -> None:
    packed = Crossing().pack(event)
    assert packed
    assert Crossing().unpack(*packed) == event


def test_pieces_of_a_reply_stay_where_it_is_written() -> None:
    assert Crossing().pack(ReplyChunk(7, 12, 0, 2, "Да", "Да")) is None


def test_what_a_newer_version_sends_is_understood_or_skipped() -> None:
    assert Crossing().unpack("LampLit", {"about": 7}) is None
    assert Crossing().unpack("MessageSent", {"about": 7}) is None, "a field is missing"
    assert Crossing().unpack("MessageSent", {"about": "the seventh", "message_id": None, "reply_id": 12}) is None
    sent = Crossing().unpack("MessageSent", {"about": 7, "message_id": None, "reply_id": 12, "mood": "calm"})
    assert sent == MessageSent(7, None, 12)

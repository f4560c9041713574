"""Memory for a reply: the parts of one prompt within their shares, and what goes first where room is short."""

from __future__ import annotations

from array import array
from typing import Any

import pytest

from domain.chat.tree.path_message import PathMessage
from domain.clock import now
from domain.llm.port import Role
from domain.memory import for_reply
from domain.memory.facts.facts import FactCandidate
from domain.memory.for_reply import InPrompt, Talk, remembered_for
from domain.memory.path_ids import Path
from domain.memory.recall.sought import Sought, SoughtWord
from domain.memory.recent_memory import OnPath
from domain.memory.remembered import KnownFact, RecalledRound, Story, memory_length
from domain.memory.shares import shares_of
from domain.model.dialog import Dialog, State

LENGTH = 300
PIN = "п" * 200
Seams = dict[str, Any]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Seams:
    """A memory whose every part is as long as it may be; returns what it is asked for. A chapter is ten messages."""
    asked: Seams = {}

    async def pinned(_db: object, _dialog: int, _path: Path) -> tuple[str, ...]:
        return (PIN,)

    async def facts(_db: object, _dialog: int, _path: Path, *, room: int) -> tuple[KnownFact, ...]:
        asked["facts"] = room
        return (KnownFact(1, "ф" * room),)

    async def story(_db: object, _dialog: int, path: Path, *, room: int, before: int, ends_before: int) -> Story:
        asked["story"] = room
        told = [path.ids[n : n + 10] for n in range(0, len(path) - 10, 10) if path.ids[n] < before]
        told = [each for each in told if each[-1] < ends_before]
        return Story("о" * int(room * 0.45), ("г" * int(room * 0.11),) * 5, told[-1][-1] if told else 0)

    async def candidates(_db: object, _dialog: int, _path: Path, _words: object, _version: int) -> list[FactCandidate]:
        return [FactCandidate(7, 1, share=0.5, score=5), FactCandidate(8, 2, share=0.4, score=2)]

    async def recalled(
        _db: object, _dialog: int, _path: Path, _sought: Sought, *, before: int, room: int, led_to: list[int]
    ) -> Any:
        asked["led to"] = sum(led_to)
        asked["recall"], asked["before"] = room, before
        return (RecalledRound(1, 2, now(), "в" * (room // 2), "о" * (room // 2)),)

    async def newest(_on_path: OnPath) -> int:
        return 10_000

    monkeypatch.setattr(OnPath, "newest_id", newest)
    for name, seam in {"pinned_on": pinned, "facts_for": facts, "story_on": story, "recalled_for": recalled}.items():
        monkeypatch.setattr(for_reply, name, seam)
    monkeypatch.setattr(for_reply, "fact_candidates", candidates)
    return asked


def talk(messages: int, room: int, *, newest: int = LENGTH, is_off: bool = False, version: int = 1) -> Talk:
    """A talk of so many messages, the last a person's, of which all that fits has been read."""
    lengths = [LENGTH] * (messages - 1) + [newest]
    path = [
        PathMessage(n, Role.USER if (messages - n) % 2 == 0 else Role.ASSISTANT, State.DONE, length, n - 1 or None)
        for n, length in enumerate(lengths, 1)
    ]
    tail = path[-(room // LENGTH + 2) :]
    dialog = Dialog(id=1, user_id=1, character_id=1, memory_off=is_off, memory_version=version)
    return Talk(dialog, Path(array("q", range(1, messages + 1))), tail, tail[0].id == 1, room, shares_of(room))


async def standing(path: Talk, sought: Sought | None = None) -> InPrompt:
    return await remembered_for(None, path, sought)  # type: ignore[arg-type]  # the seams ask no database here


def verbatim(path: Talk, standing: InPrompt) -> int:
    return sum(each.length for each in path.tail if each.id >= standing.verbatim_from)


async def test_a_talk_that_fits_needs_no_story(asked: Seams) -> None:
    path = talk(21, 20_000)
    stands = await standing(path, Sought((), asks=True))
    assert stands.verbatim_from == 1
    assert stands.remembered.pinned == (PIN,)
    assert stands.remembered.facts
    assert (stands.remembered.story.covered_upto, stands.remembered.recalled) == (0, ())
    assert not path.may_recall
    assert "story" not in asked


async def test_of_a_dialog_without_a_memory_nothing_is_asked(asked: Seams) -> None:
    path = talk(21, 20_000, version=0)
    assert (await standing(path)).remembered.pinned == ()
    assert not asked


@pytest.mark.parametrize("messages", [101, 107, 113, 5_001])
async def test_a_long_talk_is_told_in_short_and_then_verbatim_and_nothing_is_both(asked: Seams, messages: int) -> None:
    path = talk(messages, 20_000)
    stands = await standing(path, Sought((), asks=True))
    told = stands.remembered.story.covered_upto
    assert stands.verbatim_from == told + 1
    assert asked["before"] == stands.verbatim_from, "and only what is before is recalled"
    assert (asked["facts"], asked["story"]) == (1_152, 2_880)
    assert 1_000 < asked["recall"] < 1_152, "with what stands around it that is its share"
    assert memory_length(stands.remembered) + 1_152 + verbatim(path, stands) <= 20_000
    assert verbatim(path, stands) >= path.shares.verbatim


async def test_facts_lead_recall_by_at_least_half_of_what_is_sought(asked: Seams) -> None:
    await standing(talk(101, 20_000), Sought(tuple(SoughtWord(root, (root,)) for root in ("пес", "им", "ноч"))))
    assert asked["led to"] == 7


@pytest.mark.usefixtures("asked")
async def test_what_chapters_do_not_tell_yet_stays_verbatim_as_far_as_there_is_room(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def late(_db: object, _dialog: int, _path: Path, **_: int) -> Story:
        return Story("", ("г" * 100,), 10)

    monkeypatch.setattr(for_reply, "story_on", late)
    path = talk(101, 20_000)
    stands = await standing(path)
    free = 20_000 - memory_length(stands.remembered) - path.shares.recall
    assert free - 2 * LENGTH < verbatim(path, stands) <= free
    assert stands.verbatim_from > 11, "between them is a gap"


def parts(path: Talk, stands: InPrompt) -> dict[str, bool]:
    remembered, story = stands.remembered, stands.remembered.story
    return {
        "recall": bool(remembered.recalled),
        "facts": bool(remembered.facts),
        "all of the story": len(story.digest) + sum(map(len, story.chapters)) > path.shares.story * 0.9,
        "story": story.covered_upto > 0,
        "pinned": bool(remembered.pinned),
    }


async def test_where_the_newest_messages_are_long_recall_goes_first_then_facts_then_chapters(asked: Seams) -> None:
    kept: list[list[str]] = []
    for newest in range(300, 20_000, 100):
        path = talk(101, 20_000, newest=newest)
        stands = await standing(path, Sought((), asks=True))
        kept.append([name for name, is_there in parts(path, stands).items() if is_there])
        if newest < 17_000:
            fits = memory_length(stands.remembered) + verbatim(path, stands) <= 20_000
            assert fits, (newest, kept[-1])
    orders = list(dict.fromkeys(map(tuple, kept)))
    assert orders == [
        ("recall", "facts", "all of the story", "story", "pinned"),
        ("facts", "all of the story", "story", "pinned"),
        ("all of the story", "story", "pinned"),
        ("story", "pinned"),
        ("pinned",),
    ]
    assert asked


async def test_a_card_that_fills_the_window_leaves_what_is_pinned_and_the_end_of_the_talk(asked: Seams) -> None:
    path = talk(101, 3_500)
    stands = await standing(path, Sought((), asks=True))
    assert [name for name, is_there in parts(path, stands).items() if is_there] == ["pinned"]
    assert not asked
    assert memory_length(stands.remembered) + verbatim(path, stands) <= 3_500
    assert stands.verbatim_from > 90


async def test_a_memory_that_is_off_keeps_what_the_person_pinned_and_nothing_else(asked: Seams) -> None:
    path = talk(101, 20_000, is_off=True)
    assert not path.may_recall
    stands = await standing(path)
    assert stands.remembered.pinned == (PIN,)
    assert not asked
    assert verbatim(path, stands) > 19_000, "the talk has all the room"


@pytest.mark.parametrize("room", [0, 700, 2_000, 3_900, 6_000, 12_000])
async def test_what_is_pinned_and_what_is_answered_stand_in_the_smallest_prompt(asked: Seams, room: int) -> None:
    path = talk(101, room)
    stands = await standing(path, Sought((), asks=True))
    assert stands.remembered.pinned == (PIN,)
    assert 1 <= stands.verbatim_from <= 101
    assert asked or path.shares.is_tight

"""Memory in files and copies of a dialog: what is remembered of the messages there goes along; on both databases."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlmodel import func, select

from domain.chat.dialog_copies import DialogCopies
from domain.chat.transcript.export import as_json, as_markdown
from domain.chat.transcript.saved_dialog import read_json
from domain.chat.tree.unfinished_imports import delete_abandoned
from domain.clock import now
from domain.errors import Invalid
from domain.language import Texts
from domain.memory.editing.kept_memory import MemoryTransfer
from domain.memory.facts.facts import messages_left_out
from domain.memory.forgotten import forgotten_upto
from domain.memory.overview import MemoryOverview, MemoryState
from domain.memory.pins import MOST_PINS
from domain.memory.rows import DIGEST, MadeBy, MemoryChapter, MemoryFact
from domain.model.dialog import Dialog
from domain.rate_limits import InMemory, RateLimiter
from tests.conftest import UNLIMITED
from tests.domain.chat.conftest import ChatWorld
from tests.domain.memory.memory_world import Remembering, memory_of


@pytest.fixture
async def talk(world: ChatWorld) -> Remembering:
    """A dialog with memory of every kind."""
    person = await world.somebody()
    talk = Remembering(world, person, await world.dialog(person), memory_of(world))
    asked = await talk.said("Кто там?")
    wind = await talk.answered("Ветер.")
    named = await talk.said("Меня зовут Илья, живу в Твери.")
    told = await talk.answered("А я Марина.")
    await talk.memory.forget_fact(person, talk.dialog_id, await talk.known("Илья боится темноты.", named))
    await talk.summarised("Познакомились.", asked, told, level=DIGEST)
    await talk.summarised("Илья назвался.", asked, told, made_by=MadeBy.PERSON)
    old = await talk.known("Илья живёт в Твери.", named)
    await talk.known("Илья живёт в Омске.", told, replaces_id=old, keys="город")
    await talk.known("Ветер шумит.", wind, pinned_at=now())
    await talk.known("Марина любит море.", None, made_by=MadeBy.PERSON)
    await talk.memory.pin_message(person, talk.dialog_id, named)
    await talk.memory.pin_words(person, talk.dialog_id, "Мы на «ты».")
    await talk.memory.pin_words(person, talk.dialog_id, "Здесь зима.", here_only=True)
    return talk


def shown(of: MemoryOverview) -> dict[str, Any]:
    """Memory as a person reads it, without ids."""
    return {
        "pinned": [(each.text, each.message_id is None, each.is_here_only) for each in of.pinned],
        "facts": [(each.text, each.message_id is None, each.is_pinned, bool(each.replaced_by)) for each in of.facts],
        "chapters": [(each.text, each.level, each.first_number, each.last_number) for each in of.chapters],
        "bar": of.bar,
    }


async def file_of(talk: Remembering) -> dict[str, Any]:
    pieces = as_json(await talk.world.dialogs.transcript(talk.person, talk.dialog_id))
    return dict(json.loads("".join(pieces)))


async def taken_in(talk: Remembering, content: dict[str, Any]) -> Remembering:
    saved = read_json(json.dumps(content).encode())
    dialog_id = await talk.world.dialogs.import_dialog(talk.person, saved)
    return Remembering(talk.world, talk.person, dialog_id, talk.memory)


async def test_a_file_taken_in_again_remembers_the_same(talk: Remembering) -> None:
    again = await taken_in(talk, await file_of(talk))
    before, after = await talk.overview(), await again.overview()
    assert shown(after) == shown(before)
    made_by = {*(each.made_by for each in after.facts), *(each.made_by for each in after.chapters)}
    assert made_by == {MadeBy.LOADED}, "anybody may have written it"
    assert await again.pinned() == await talk.pinned()
    third = await taken_in(talk, await file_of(again))
    assert shown(await third.overview()) == shown(before)


async def test_what_was_forgotten_is_in_no_file_and_stays_forgotten(talk: Remembering) -> None:
    content = await file_of(talk)
    assert "темноты" not in json.dumps(content, ensure_ascii=False)
    again = await taken_in(talk, content)
    async with talk.world.database.read() as db:
        query = select(MemoryFact).where(MemoryFact.dialog_id == again.dialog_id)
        [fact] = [each for each in await db.exec(query) if each.forgotten_at]
    path = [each.id for each in await talk.world.messages(talk.person, again.dialog_id)]
    assert (fact.text, fact.message_id, fact.forgotten_upto) == ("", path[-2], path[-1])


async def test_that_everything_was_forgotten_goes_along_into_a_file_and_a_copy(talk: Remembering) -> None:
    await talk.memory.forget_everything(talk.person, talk.dialog_id)
    newest = (await talk.world.messages(talk.person, talk.dialog_id))[-1].id
    await talk.said("Начнём сначала.")
    content = await file_of(talk)
    assert "key_hash" not in json.dumps(content)
    again = await taken_in(talk, content)
    path = await talk.world.messages(talk.person, again.dialog_id)
    place = [each.id for each in await talk.world.messages(talk.person, talk.dialog_id)].index(newest)
    async with talk.world.database.read() as db:
        assert await forgotten_upto(db, talk.dialog_id) == newest
        assert await forgotten_upto(db, again.dialog_id) == path[place].id
        assert len(await messages_left_out(db, again.dialog_id)) == len(await messages_left_out(db, talk.dialog_id)) > 0


@pytest.mark.parametrize("kind", [{"hidden": True}, {"state": "filtered"}])
async def test_nothing_of_a_file_tells_what_the_model_may_not_read(talk: Remembering, kind: dict[str, Any]) -> None:
    content = await file_of(talk)
    [told] = [each for each in content["messages"] if each["text"] == "А я Марина."]
    told |= kind
    shown = await (await taken_in(talk, content)).overview()
    assert "Илья живёт в Омске." not in [each.text for each in shown.facts], "which this message taught"
    assert "Илья живёт в Твери." in [each.text for each in shown.facts]
    assert shown.chapters == []


async def test_what_was_made_of_deleted_messages_is_in_no_file(talk: Remembering) -> None:
    named = (await talk.overview()).pinned[0].message_id
    await talk.world.branches.delete(talk.person, named or 0)
    content = await file_of(talk)
    assert [each["text"] for each in content["memory"]["pins"]] == ["Мы на «ты»."]
    assert [each["text"] for each in content["memory"]["facts"]] == ["Ветер шумит.", "Марина любит море."]
    assert content["memory"]["chapters"] == []


async def test_a_file_for_reading_has_the_talk_and_no_memory(talk: Remembering) -> None:
    transcript = await talk.world.dialogs.transcript(talk.person, talk.dialog_id)
    assert "Познакомились." not in "".join(as_markdown(transcript, now().tzinfo, Texts("ru")))  # type: ignore[arg-type]  # UTC


async def test_a_file_of_the_first_version_is_taken_in_as_before(talk: Remembering) -> None:
    content = await file_of(talk)
    del content["memory"]
    again = await taken_in(talk, content | {"version": 1})
    assert (await again.overview()).facts == []
    with pytest.raises(Invalid):
        await taken_in(talk, content | {"version": 1, "memory": {}})


async def test_what_a_later_server_adds_to_the_file_is_left_out(talk: Remembering) -> None:
    content = await file_of(talk)
    content["mood"] = "calm"
    for rows in (content["messages"], *(content["memory"][name] for name in ("pins", "facts", "chapters"))):
        rows[0]["mood"] = "calm"
    content["memory"]["moods"] = []
    assert shown(await (await taken_in(talk, content)).overview()) == shown(await talk.overview())


async def test_memory_switched_off_stays_off(talk: Remembering) -> None:
    await talk.memory.switch(talk.person, talk.dialog_id, on=False)
    again = await taken_in(talk, await file_of(talk))
    assert (await again.overview()).bar.state == MemoryState.OFF


BROKEN: dict[str, tuple[str, int, dict[str, Any]]] = {
    "a pin of nothing": ("pins", 1, {"text": ""}),
    "a pin of two things": ("pins", 0, {"text": "И слова."}),
    "a long pin": ("pins", 1, {"text": "я" * 501}),
    "a pinned message that is not there": ("pins", 0, {"message_id": 10**6}),
    "an anchor that is not there": ("pins", 2, {"anchor_id": 10**6}),
    "a long fact": ("facts", 0, {"text": "я" * 201}),
    "a fact of nothing": ("facts", 1, {"text": "\u202e"}),
    "long words to find it by": ("facts", 0, {"keys": "я" * 101}),
    "a fact of a message that is not there": ("facts", 0, {"message_id": 10**6}),
    "a fact that replaces itself": ("facts", 0, {"replaces_id": 1}),
    "a fact that replaces a later one": ("facts", 0, {"replaces_id": 2}),
    "a fact twice": ("facts", 1, {"id": 1}),
    "a fact without a day": ("facts", 0, {"made_at": "вчера"}),
    "a chapter of nothing": ("chapters", 0, {"text": " "}),
    "a long chapter": ("chapters", 0, {"text": "я" * 2001}),
    "a chapter that ends before it begins": ("chapters", 0, {"first_id": 4, "last_id": 2}),
    "a chapter across branches": ("chapters", 0, {"first_id": 4, "last_id": 6}),
    "a chapter of a message that is not there": ("chapters", 0, {"last_id": 10**6}),
    "an id that is none": ("pins", 0, {"message_id": True}),
    "a level that is no number": ("chapters", 0, {"level": True}),
    "a level that is none": ("chapters", 0, {"level": 10}),
    "a chapter that is a number": ("chapters", 0, {"level": "нет"}),
}


@pytest.mark.parametrize("kind", BROKEN)
async def test_memory_that_is_not_right_is_refused_by_its_place_and_leaves_nothing(
    talk: Remembering, kind: str
) -> None:
    await talk.said("А я из другой ветки.", below=(await talk.overview()).chapters[0].first_id)
    content = numbered(await file_of(talk))
    name, at, fields = BROKEN[kind]
    content["memory"][name][at] |= fields
    with pytest.raises(Invalid) as refused:
        await taken_in(talk, content)
    assert f"memory.{name}[{at}]" in str(refused.value)
    async with talk.world.database.read() as db:
        assert (await db.exec(select(func.count()).select_from(Dialog))).one() == 1


async def test_a_file_pins_no_message_twice(talk: Remembering) -> None:
    content = await file_of(talk)
    content["memory"]["pins"] += content["memory"]["pins"]
    with pytest.raises(Invalid, match=r"memory\.pins\[3\]"):
        await taken_in(talk, content)


async def test_whether_memory_is_off_is_said_by_true_or_false(talk: Remembering) -> None:
    content = await file_of(talk)
    for lax in ("yes", "true", 1):
        with pytest.raises(Invalid) as refused:
            await taken_in(talk, content | {"memory": {"off": lax}})
        assert "memory.off" in str(refused.value)


async def test_a_file_pins_no_more_than_a_person_can(talk: Remembering) -> None:
    content = await file_of(talk)
    fact = content["memory"]["facts"][-1] | {"pinned_at": now().isoformat()}
    facts = [fact | {"id": 10**6 + n, "text": f"Факт {n}."} for n in range(MOST_PINS)]
    content["memory"] = {"pins": [{"text": "Мы на «ты».", "made_at": fact["made_at"]}], "facts": facts}
    with pytest.raises(Invalid, match=f"At most {MOST_PINS} things can be pinned"):
        await taken_in(talk, content)
    content["memory"]["facts"] = facts[1:]
    assert (await (await taken_in(talk, content)).overview()).bar.pinned == MOST_PINS


async def test_a_file_has_no_more_chapters_than_messages(talk: Remembering) -> None:
    content = await file_of(talk)
    content["memory"]["chapters"] = content["memory"]["chapters"][:1] * (len(content["messages"]) + 1)
    with pytest.raises(Invalid, match="more chapters than the 5 its messages can make"):
        await taken_in(talk, content)


async def test_of_chapters_that_overlap_on_a_path_the_first_is_taken(talk: Remembering) -> None:
    path = await talk.world.messages(talk.person, talk.dialog_id)
    told = [await talk.said("Темнеет."), await talk.answered("Зажгу лампу.")]
    other = [await talk.said("Светает.", below=path[-1].id), await talk.answered("Погашу лампу.")]
    content = await file_of(talk)
    begun = content["memory"]["chapters"][0]["first_id"]
    ids = [each["id"] for each in content["messages"]]
    there = dict(zip(sorted((*(each.id for each in path), *told, *other)), ids, strict=True))
    ends = {
        "На закате.": there[told[1]],
        "На рассвете.": there[other[1]],
        "Половина.": ids[2],
        "Ещё раз.": there[told[0]],
    }
    chapter = {"level": 0, "made_at": now().isoformat()}
    content["memory"]["chapters"] = [
        chapter | {"first_id": begun, "last_id": last, "text": text} for text, last in ends.items()
    ]
    content["memory"]["chapters"].append(chapter | {"first_id": ids[2], "last_id": there[told[1]], "text": "Хвост."})
    again = await taken_in(talk, content)
    async with talk.world.database.read() as db:
        query = select(MemoryChapter.text).where(MemoryChapter.dialog_id == again.dialog_id)
        assert sorted(await db.exec(query)) == ["На закате.", "На рассвете."]


async def test_a_file_that_cannot_be_stored_keeps_no_other_waiting(
    talk: Remembering, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = await file_of(talk)
    copies = DialogCopies(talk.world.database, talk.world.bus, RateLimiter(InMemory(), UNLIMITED))
    last = (await talk.world.messages(talk.person, talk.dialog_id))[-1]

    async def fail(*_: object) -> None:
        raise FailedHalfway

    with monkeypatch.context() as half_way:
        half_way.setattr(MemoryTransfer, "store", fail)
        with pytest.raises(FailedHalfway):
            await taken_in(talk, content)
        with pytest.raises(FailedHalfway):
            await copies.copy_up_to(talk.person, last.id)
    await copies.copy_up_to(talk.person, last.id)
    await taken_in(talk, content)
    await delete_abandoned(talk.world.database)
    async with talk.world.database.read() as db:
        assert (await db.exec(select(func.count()).select_from(Dialog))).one() == 3, "what was half there is gone"


class FailedHalfway(Exception):
    """Stands for any failure."""


def numbered(content: dict[str, Any]) -> dict[str, Any]:
    """The file with ids that count from 1, in the order of its messages and of its facts."""
    messages = {each["id"]: n for n, each in enumerate(content["messages"], start=1)}
    facts = {each["id"]: n for n, each in enumerate(content["memory"]["facts"], start=1)}
    for each in content["memory"]["facts"]:
        each["id"] = facts[each["id"]]
        if "replaces_id" in each:
            each["replaces_id"] = facts[each["replaces_id"]]
    named = (*content["messages"], *content["memory"]["pins"], *content["memory"]["facts"])
    for each in named:
        for field in ("message_id", "anchor_id", "parent_id"):
            if each.get(field):
                each[field] = messages[each[field]]
    for each in content["memory"]["chapters"]:
        each["first_id"], each["last_id"] = messages[each["first_id"]], messages[each["last_id"]]
    for each in content["messages"]:
        each["id"] = messages[each["id"]]
    content["leaf_id"] = messages[content["leaf_id"]]
    return content


@pytest.mark.slow
async def test_memory_as_large_as_a_file_may_be_comes_back(world: ChatWorld) -> None:
    person = await world.somebody()
    talk = Remembering(world, person, await world.dialog(person), memory_of(world))
    said = [await talk.said(f"Слово {number}") for number in range(3)]
    async with world.database.write() as db:
        db.add_all(MemoryFact(dialog_id=talk.dialog_id, message_id=said[0], text=f"Факт {n}." * 10) for n in range(450))
    again = await taken_in(talk, await file_of(talk))
    assert (await again.overview()).bar.facts == 450


async def test_a_copy_remembers_what_was_said_up_to_its_message(talk: Remembering) -> None:
    copies = DialogCopies(talk.world.database, talk.world.bus, RateLimiter(InMemory(), UNLIMITED))
    path = await talk.world.messages(talk.person, talk.dialog_id)
    whole = await copies.copy_up_to(talk.person, path[-1].id)
    copied = Remembering(talk.world, talk.person, whole.id, talk.memory)
    before, after = await talk.overview(), await copied.overview()
    assert shown(after) == shown(before)
    assert [each.made_by for each in after.facts] == [each.made_by for each in before.facts], "it is one's own"
    assert {each.message_id for each in after.facts}.isdisjoint({each.id for each in path})
    part = await copies.copy_up_to(talk.person, path[3].id)
    shorter = await Remembering(talk.world, talk.person, part.id, talk.memory).overview()
    assert [each.text for each in shorter.facts] == ["Марина любит море.", "Илья живёт в Твери.", "Ветер шумит."]
    assert [each.text for each in shorter.pinned] == ["Меня зовут Илья, живу в Твери.", "Мы на «ты»."]
    assert shorter.chapters == []
    async with talk.world.database.read() as db:
        made = list(await db.exec(select(MemoryChapter).where(MemoryChapter.dialog_id == whole.id)))
        forgotten = select(MemoryFact).where(
            MemoryFact.dialog_id == whole.id, MemoryFact.text == "Илья боится темноты."
        )
        [fact] = await db.exec(forgotten)
    assert {(each.tokens_in, each.cost) for each in made} == {(0, 0)}, "what it cost is counted where it was made"
    assert fact.forgotten_upto == (await talk.world.messages(talk.person, whole.id))[-1].id

"""Export and import: a dialog saved as a file and loaded again."""

from __future__ import annotations

import json
from datetime import UTC
from typing import Any

import pytest
from sqlalchemy import func
from sqlmodel import select

from domain.accounts.sessions import Caller
from domain.characters.popularity import Popularity
from domain.characters.votes import Votes
from domain.chat.transcript.export import as_json, as_markdown, as_text
from domain.chat.transcript.saved_dialog import MEGABYTES_LIMIT, read_json
from domain.errors import AppError, Invalid, NotAllowed
from domain.language import Texts
from domain.llm.port import Role
from domain.model.character import Character
from domain.model.dialog import Dialog, Message, State
from domain.model.user import User
from domain.moderation.reports import Complaint, Reports
from domain.rate_limits import InMemory, RateLimiter
from tests.domain.chat.conftest import GREETING, ChatWorld

Tree = list[tuple[str, str, list[Any]]]


async def branchy(world: ChatWorld, person: Caller) -> int:
    """A talk with a regenerated reply and an edited question; the path being read ends with the first reply."""
    dialog = await world.dialog(person)
    for question, answer in (("Что **видно**?", "Море.\n\n# Небо"), ("А ещё?", "Чаек.")):
        world.llm.answer(answer)
        await world.chat.send(person, dialog, question, question)
        await world.ended(person, dialog)
    path = await world.messages(person, dialog)
    world.llm.answer("Туман.")
    await world.branches.regenerate(person, path[2].id)
    await world.ended(person, dialog)
    world.llm.answer("Ветер.")
    await world.branches.edit(person, path[1].id, "Что слышно?", "edit")
    await world.ended(person, dialog)
    await world.branches.switch_branch(person, (await world.messages(person, dialog))[1].id, -1)
    return dialog


async def saved(world: ChatWorld, person: Caller, dialog: int) -> bytes:
    return "".join(as_json(await world.dialogs.transcript(person, dialog))).encode()


async def tree_of(world: ChatWorld, person: Caller, dialog: int) -> Tree:
    """Tree of all branches, siblings in order."""
    transcript = await world.dialogs.transcript(person, dialog)

    def below(parent_id: int | None) -> Tree:
        return [(each.role, each.text, below(each.id)) for each in transcript.messages if each.parent_id == parent_id]

    return below(None)


async def test_markdown_and_text_hold_the_talk_as_it_is_read(world: ChatWorld) -> None:
    person = await world.somebody()
    dialog = await branchy(world, person)
    await world.dialogs.rename(person, dialog, "Ночь #1 *на* маяке")
    transcript = await world.dialogs.transcript(person, dialog)
    day = transcript.dialog.started_at.date().isoformat()
    name = transcript.reader_name
    text = "".join(as_text(transcript, UTC, Texts("ru")))
    assert text == (
        f"Ночь #1 *на* маяке\nМарина · {day}\n\nМарина:\n{GREETING}\n\n{name}:\nЧто **видно**?\n\nМарина:\nТуман.\n"
    )
    markdown = "".join(as_markdown(transcript, UTC, Texts("ru")))
    assert markdown.startswith(f"# Ночь \\#1 \\*на\\* маяке\n\nМарина · {day}\n\n**Марина**\n\n{GREETING}\n\n")
    assert f"**{name}**\n\nЧто **видно**?" in markdown
    assert "Чаек" not in markdown + text, "the other branches are in the JSON"


async def test_json_taken_in_again_gives_the_same_tree_read_in_the_same_place(world: ChatWorld) -> None:
    person = await world.somebody()
    dialog = await branchy(world, person)
    await world.dialogs.rename(person, dialog, "Наш разговор")
    before = await tree_of(world, person, dialog)
    copy = await world.dialogs.import_dialog(person, read_json(await saved(world, person, dialog)))
    assert copy != dialog
    assert await tree_of(world, person, copy) == before
    texts = [[each.text for each in await world.messages(person, each)] for each in (dialog, copy)]
    assert texts[0] == texts[1] == [GREETING, "Что **видно**?", "Туман."]
    assert [line.name for line in await world.dialogs.list_own(person)] == ["Наш разговор", "Наш разговор"]
    conversation = await world.chat.open(person, copy)
    assert [conversation.siblings[each.id].of for each in conversation.messages] == [1, 2, 2]
    world.llm.answer("Дальше.")
    await world.chat.send(person, copy, "И что дальше?", "one")
    assert (await world.ended(person, copy)).text == "Дальше.", "the copy goes on like any other"


async def test_what_came_with_a_file_says_so_for_ever_and_what_is_said_then_does_not(world: ChatWorld) -> None:
    person = await world.somebody()
    dialog = await branchy(world, person)
    copy = await world.dialogs.import_dialog(person, read_json(await saved(world, person, dialog)))
    world.llm.answer("Дальше.")
    await world.chat.send(person, copy, "И что дальше?", "one")
    await world.ended(person, copy)
    assert [each.is_loaded for each in await world.messages(person, copy)] == [True, True, True, False, False]
    transcript = await world.dialogs.transcript(person, copy)
    first, *_between, last = json.loads("".join(as_json(transcript)))["messages"]
    assert (first.get("loaded"), last.get("loaded")) == (True, None)
    for pieces in (as_text(transcript, UTC, Texts("ru")), as_markdown(transcript, UTC, Texts("ru"))):
        text = "".join(pieces)
        assert text.count("(импортировано из файла)") == 3
    again = json.loads("".join(as_json(transcript)))
    for message in again["messages"]:
        message.pop("loaded", None)  # whatever a file says of itself
    third = await world.dialogs.import_dialog(person, read_json(json.dumps(again).encode()))
    assert {each.is_loaded for each in await world.messages(person, third)} == {True}


async def test_a_loaded_talk_is_no_evidence_and_no_acquaintance(world: ChatWorld) -> None:
    author, person = await world.somebody(), await world.somebody()
    marina = await world.character(author)
    content = FILE | {"character": {"id": marina.id, "name": marina.name}}
    dialog = await world.dialogs.import_dialog(person, read_json(json.dumps(content).encode()))
    reports = Reports(world.database, world.bus, RateLimiter(InMemory()))
    for message in await world.messages(person, dialog):
        with pytest.raises(NotAllowed):
            await reports.file(person, marina.id, Complaint.CHILDREN, "", message.id)
    with pytest.raises(NotAllowed):
        await Votes(world.database).rate(person, marina.id, 1)
    await Popularity(world.database).count()
    async with world.database.read() as db:
        assert (await db.get_one(Character, marina.id)).talkers == 0
    world.llm.answer("Это было грубо.")
    await world.chat.send(person, dialog, "Что?", "one")
    reply = await world.ended(person, dialog)
    await reports.file(person, marina.id, Complaint.HATE, "", reply.id)
    await Votes(world.database).rate(person, marina.id, 2)
    await Popularity(world.database).count()
    async with world.database.read() as db:
        assert (await db.get_one(Character, marina.id)).talkers == 1


async def test_a_loaded_reply_that_goes_on_stays_the_files(world: ChatWorld) -> None:
    author, person = await world.somebody(), await world.somebody()
    marina = await world.character(author)
    content = json.loads(broken("messages.1.state", "interrupted"))
    content = content | {"leaf_id": 2, "character": {"id": marina.id, "name": marina.name}}
    dialog = await world.dialogs.import_dialog(person, read_json(json.dumps(content).encode()))
    reply = (await world.messages(person, dialog))[-1]
    world.llm.answer("И дальше.")
    await world.branches.continue_reply(person, reply.id)
    whole = await world.ended(person, dialog)
    assert (whole.text.endswith("И дальше."), whole.is_loaded) == (True, True)
    with pytest.raises(NotAllowed):
        await Reports(world.database, world.bus, RateLimiter(InMemory())).file(
            person, marina.id, Complaint.HATE, "", whole.id
        )


async def test_deleted_branches_stay_out_and_a_running_reply_comes_back_as_broken_off(world: ChatWorld) -> None:
    person = await world.somebody()
    dialog = await branchy(world, person)
    path = await world.messages(person, dialog)
    await world.branches.delete(person, path[2].id)
    async with world.database.write() as db:
        reply = Message(dialog_id=dialog, parent_id=path[1].id, role=Role.ASSISTANT, text="Зда", state=State.RUNNING)
        db.add(reply)
        await db.flush()
        (await db.get_one(Dialog, dialog)).leaf_id = reply.id
    file = await saved(world, person, dialog)
    assert "Туман" not in file.decode()
    copy = await world.dialogs.import_dialog(person, read_json(file))
    last = (await world.messages(person, copy))[-1]
    assert (last.text, last.state) == ("Зда", State.INTERRUPTED)


async def test_what_hangs_below_a_deleted_message_is_in_no_file(world: ChatWorld) -> None:
    person = await world.somebody()
    dialog = await world.dialog(person)
    for question in ("Раз", "Два"):
        await world.chat.send(person, dialog, question, question)
        await world.ended(person, dialog)
    greeting, *_, last = await world.messages(person, dialog)
    await world.branches.delete(person, (await world.messages(person, dialog))[1].id)
    taken = read_json(await saved(world, person, dialog)).messages
    assert [each.text for each in taken] == [greeting.text]
    assert last.id not in {each.id for each in taken}


async def test_a_file_of_somebody_else_finds_the_character_by_name_or_is_refused(world: ChatWorld) -> None:
    anna, boris = await world.somebody(), await world.somebody()
    hidden = await world.character(anna, is_public=False)
    file = await saved(world, anna, await world.chat.begin(anna, hidden.id))
    with pytest.raises(Invalid, match="no character called Марина"):
        await world.dialogs.import_dialog(boris, read_json(file))
    async with world.database.write() as db:  # and one that is public, but whose author is blocked
        (await db.get_one(Character, hidden.id)).is_public = True
        (await db.get_one(User, anna.user_id)).is_blocked = True
    with pytest.raises(Invalid, match="no character called Марина"):
        await world.dialogs.import_dialog(boris, read_json(file))
    async with world.database.write() as db:
        (await db.get_one(User, anna.user_id)).is_blocked = False
        (await db.get_one(Character, hidden.id)).is_public = False
    assert await world.dialogs.list_own(boris) == []
    annas, own = await world.character(anna), await world.character(boris, is_public=False)
    assert annas.id < own.id
    copy = await world.dialogs.import_dialog(boris, read_json(file))
    assert (await world.chat.open(boris, copy)).character.id == own.id, "rather than another's of that name"
    assert len(await world.dialogs.list_own(anna)) == 1


FILE: dict[str, Any] = {
    "format": "beseda-dialog",
    "version": 1,
    "character": {"id": 1, "name": "Марина"},
    "title": "",
    "started_at": "2026-01-01T12:00:00+00:00",
    "messages": [
        {
            "id": n,
            "parent_id": n - 1 or None,
            "role": "user" if n % 2 else "assistant",
            "text": f"Реплика {n}",
            "state": "done",
            "created_at": "2026-01-01T12:00:00+00:00",
        }
        for n in (1, 2, 3)
    ],
    "leaf_id": 3,
}


def broken(at: str, value: object) -> bytes:
    """The good file with one value replaced; `at` is a path such as `messages.0.text`."""
    content = json.loads(json.dumps(FILE))
    *way, last = [int(step) if step.isdigit() else step for step in at.split(".")]
    place = content
    for step in way:
        place = place[step]
    place[last] = value
    return json.dumps(content).encode()


HOSTILE = {
    "nothing": b"",
    "no JSON": b"{",
    "a picture": b"\x89PNG\r\n\x1a\n" + bytes(100),
    "too large": b" " * (MEGABYTES_LIMIT * 1024 * 1024 + 1),
    "a bomb of brackets": b"[" * 1_000_000,
    "a number without end": b'{"format": ' + b"9" * 100_000 + b"}",
    "a list": b"[]",
    "something else": b'{"format": "chara_card_v2"}',
    "from the future": broken("version", 3),
    "more fields": broken("is_admin", True),
    "a name of odd signs": broken("\ud800<b>", 1),
    "no messages": broken("messages", None),
    "a message that is a number": broken("messages.1", 7),
    "a system message": broken("messages.0.role", "system"),
    "an unknown state": broken("messages.0.state", "root"),
    "half a letter": broken("messages.0.text", "\ud800"),
    "a very long text": broken("messages.0.text", "я" * 20_000),
    "an id too large": broken("messages.0.id", 2**63),
    "an id twice": broken("messages.1.id", 1),
    "its own parent": broken("messages.0.parent_id", 1),
    "a ring": broken("messages.0.parent_id", 3),
    "a parent elsewhere": broken("messages.1.parent_id", 77),
    "a leaf elsewhere": broken("leaf_id", 77),
    "a day that is none": broken("started_at", "yesterday"),
    "a year far away": broken("messages.0.created_at", "9999-12-31T23:59:59-12:00"),
    "a long title": broken("title", "я" * 101),
    "a title that cannot be seen": broken("title", "\u202e"),
    "an unknown character": broken("character.name", "Никто\ud800"),
    "nobody": broken("character.name", ""),
}


@pytest.mark.parametrize("kind", HOSTILE)
async def test_a_file_that_is_not_right_gets_one_sentence_and_leaves_nothing(world: ChatWorld, kind: str) -> None:
    person = await world.somebody()
    await world.character(person)
    with pytest.raises(AppError) as refusal:
        await world.dialogs.import_dialog(person, read_json(HOSTILE[kind]))
    assert 10 < len(str(refusal.value)) < 200
    str(refusal.value).encode()
    async with world.database.read() as db:
        for table in (Dialog, Message):
            assert (await db.exec(select(func.count()).select_from(table))).one() == 0


async def test_messages_in_any_order_and_signs_that_databases_refuse_are_taken_in(world: ChatWorld) -> None:
    person = await world.somebody()
    await world.character(person)
    content = json.loads(broken("messages.0.text", "до\0после"))
    content["messages"].reverse()
    copy = await world.dialogs.import_dialog(person, read_json(json.dumps(content).encode()))
    assert [each.text for each in await world.messages(person, copy)] == ["допосле", "Реплика 2", "Реплика 3"]


async def test_a_talk_of_thousands_of_messages_comes_back_whole(world: ChatWorld) -> None:
    person = await world.somebody()
    await world.character(person)
    one = FILE["messages"][0]
    long = [one | {"id": n, "parent_id": n - 1 or None, "text": f"№{n}"} for n in range(1, 2_001)]
    file = json.dumps(FILE | {"messages": long, "leaf_id": 2_000}).encode()
    copy = await world.dialogs.import_dialog(person, read_json(file))
    assert (await world.messages(person, copy))[-1].text == "№2000"
    transcript = await world.dialogs.transcript(person, copy)
    assert [each.text for each in transcript.path] == [each["text"] for each in long]

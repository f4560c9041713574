"""Message tree: whatever is new in a conversation becomes a branch beside the old."""

from __future__ import annotations

import asyncio

import pytest

from domain.accounts.sessions import Caller
from domain.chat.branches import ShownInstead
from domain.errors import Busy, NotFound
from domain.llm.port import Role
from domain.model.dialog import Message, State
from tests.domain.chat.conftest import GREETING, ChatWorld, until
from tests.llm_server import Behaviour


async def talk(world: ChatWorld, person: Caller, dialog: int, *reply_writer: tuple[str, str]) -> list[Message]:
    """Say the first of each pair, get the second as its reply; returns the path afterwards."""
    for question, answer in reply_writer:
        world.llm.answer(answer)
        await world.chat.send(person, dialog, question, question)
        await world.ended(person, dialog)
    return await world.messages(person, dialog)


async def texts(world: ChatWorld, person: Caller, dialog: int) -> list[str]:
    return [message.text for message in await world.messages(person, dialog)]


async def test_another_reply_stands_beside_the_first_anywhere(world: ChatWorld) -> None:
    person = await world.somebody()
    dialog = await world.dialog(person)
    path = await talk(world, person, dialog, ("Раз", "один"), ("Два", "два"))
    world.llm.answer("иначе")
    await world.branches.regenerate(person, path[2].id)
    await world.ended(person, dialog)
    assert await texts(world, person, dialog) == [GREETING, "Раз", "иначе"]
    assert world.llm.requests[-1].last_words == "Раз", "what came later is not known to the other branch"
    conversation = await world.chat.open(person, dialog)
    new = conversation.messages[-1]
    assert conversation.siblings[new.id] == (2, 2, path[2].id, None)

    await world.branches.switch_branch(person, new.id, -1)
    assert await texts(world, person, dialog) == [GREETING, "Раз", "один", "Два", "два"]
    await world.branches.switch_branch(person, path[2].id, 1)
    assert await texts(world, person, dialog) == [GREETING, "Раз", "иначе"]
    await world.branches.switch_branch(person, new.id, 1)
    assert await texts(world, person, dialog) == [GREETING, "Раз", "иначе"], "at the end nothing happens"


async def test_ones_own_words_said_differently_get_their_own_reply(world: ChatWorld) -> None:
    person = await world.somebody()
    dialog = await world.dialog(person)
    path = await talk(world, person, dialog, ("Раз", "один"), ("Два", "два"))
    world.llm.answer("по-другому")
    await world.branches.edit(person, path[1].id, "  Раз, но иначе ", "edit")
    await world.branches.edit(person, path[1].id, "Раз, но иначе", "edit")
    await world.ended(person, dialog)
    assert await texts(world, person, dialog) == [GREETING, "Раз, но иначе", "по-другому"]
    conversation = await world.chat.open(person, dialog)
    assert conversation.siblings[conversation.messages[1].id].of == 2, "the same edit sent twice is one"
    await world.branches.switch_branch(person, conversation.messages[1].id, -1)
    assert await texts(world, person, dialog) == [GREETING, "Раз", "один", "Два", "два"]


async def test_each_branch_is_read_on_the_way_it_was_read_last(world: ChatWorld) -> None:
    person = await world.somebody()
    dialog = await world.dialog(person)
    path = await talk(world, person, dialog, ("Раз", "один"), ("Два", "два"))
    world.llm.answer("двойка")
    await world.branches.regenerate(person, path[4].id)
    second = await world.ended(person, dialog)
    await world.branches.switch_branch(person, second.id, -1)
    world.llm.answer("другое начало")
    await world.branches.edit(person, path[1].id, "Начнём заново", "edit")
    await world.ended(person, dialog)
    edited = (await world.messages(person, dialog))[1]
    await world.branches.switch_branch(person, edited.id, -1)
    assert await texts(world, person, dialog) == [GREETING, "Раз", "один", "Два", "два"], (
        "not the newest, the last read"
    )


async def test_several_greetings_are_siblings_and_the_first_is_shown(world: ChatWorld) -> None:
    person = await world.somebody()
    character = await world.character(person)
    async with world.database.write() as db:
        (await db.get_one(type(character), character.id)).other_greetings = ["А вот и вы.", "Кто там?"]
    dialog = await world.chat.begin(person, character.id)
    conversation = await world.chat.open(person, dialog)
    [greeting] = conversation.messages
    assert greeting.text == GREETING
    assert conversation.siblings[greeting.id][:2] == (1, 3)
    await world.branches.switch_branch(person, greeting.id, 1)
    assert await texts(world, person, dialog) == ["А вот и вы."]
    await talk(world, person, dialog, ("Это я", "Вижу."))
    assert "А вот и вы." in world.llm.requests[-1].body["messages"][0]["content"]


async def test_deleting_takes_what_hangs_below_and_undo_brings_it_back(world: ChatWorld) -> None:
    person = await world.somebody()
    dialog = await world.dialog(person)
    path = await talk(world, person, dialog, ("Раз", "один"), ("Два", "два"))
    assert await world.branches.delete(person, path[2].id) is None
    assert await texts(world, person, dialog) == [GREETING, "Раз"]
    with pytest.raises(NotFound):
        await world.branches.regenerate(person, path[2].id)
    await world.branches.restore(person, path[2].id)
    assert await texts(world, person, dialog) == [GREETING, "Раз", "один", "Два", "два"]


async def test_nothing_is_read_below_what_was_deleted(world: ChatWorld) -> None:
    """After two deletions the first is undone; or another tab has not heard of them yet."""
    person = await world.somebody()
    dialog = await world.dialog(person)
    path = await talk(world, person, dialog, ("Раз", "один"), ("Два", "два"))
    await world.branches.delete(person, path[4].id)
    await world.branches.delete(person, path[1].id)
    await world.branches.restore(person, path[4].id)
    assert await texts(world, person, dialog) == [GREETING]
    for action in (
        world.branches.regenerate(person, path[2].id),
        world.branches.edit(person, path[3].id, "Иначе", "edit"),
        world.branches.switch_branch(person, path[2].id, 0),
    ):
        with pytest.raises(NotFound):
            await action
    assert await texts(world, person, dialog) == [GREETING]
    await world.branches.restore(person, path[1].id)
    assert await texts(world, person, dialog) == [GREETING, "Раз", "один", "Два", "два"]


async def test_deleting_one_of_several_replies_shows_the_one_before(world: ChatWorld) -> None:
    person = await world.somebody()
    dialog = await world.dialog(person)
    path = await talk(world, person, dialog, ("Раз", "один"))
    world.llm.answer("иначе")
    await world.branches.regenerate(person, path[2].id)
    other = await world.ended(person, dialog)
    await world.branches.delete(person, other.id)
    conversation = await world.chat.open(person, dialog)
    assert [message.text for message in conversation.messages] == [GREETING, "Раз", "один"]
    assert conversation.siblings[path[2].id] == (1, 1, None, None)


async def test_whichever_of_several_replies_goes_the_one_before_is_read_and_else_the_one_after(
    world: ChatWorld,
) -> None:
    person = await world.somebody()
    dialog = await world.dialog(person)
    path = await talk(world, person, dialog, ("Раз", "первый"))
    for answer in ("второй", "третий"):
        world.llm.answer(answer)
        await world.branches.regenerate(person, path[2].id)
        await world.ended(person, dialog)
    third = (await world.messages(person, dialog))[-1]
    await world.branches.switch_branch(person, third.id, -1)
    second = (await world.messages(person, dialog))[-1]
    assert await world.branches.delete(person, second.id) == ShownInstead.EARLIER
    assert await texts(world, person, dialog) == [GREETING, "Раз", "первый"]
    assert await world.branches.delete(person, path[2].id) == ShownInstead.LATER
    assert await texts(world, person, dialog) == [GREETING, "Раз", "третий"]


async def test_only_the_last_reply_of_what_is_read_goes_on(world: ChatWorld) -> None:
    """Words added to a reply in the middle would change what everything below it responds to."""
    person = await world.somebody()
    dialog = await world.dialog(person)
    world.llm.answer("Первая половина.", fault="length")
    await world.chat.send(person, dialog, "Говори", "1")
    cut = await world.ended(person, dialog)
    path = await talk(world, person, dialog, ("А вот и нет", "Хорошо."))
    with pytest.raises(NotFound):
        await world.branches.continue_reply(person, cut.id)
    assert await texts(world, person, dialog) == [each.text for each in path]
    assert len(world.llm.requests) == 2


async def test_a_stopped_reply_goes_on_where_it_ended(world: ChatWorld) -> None:
    person = await world.somebody()
    dialog = await world.dialog(person)
    world.llm.answer("Слово. " * 200, style="fine", fault="endless", pause=0.02)
    await world.chat.send(person, dialog, "Говори", "1")

    async def has_begun() -> bool:
        return len((await world.messages(person, dialog))[-1].text) > 20

    await until(has_begun)
    await world.chat.stop(person, dialog)
    stopped = await world.ended(person, dialog)
    world.llm.answer("и дальше.")
    await asyncio.gather(*(world.branches.continue_reply(person, stopped.id) for _ in range(2)), return_exceptions=True)
    whole = await world.ended(person, dialog)
    assert (whole.id, whole.state) == (stopped.id, State.DONE), "one reply, one row"
    assert whole.text.startswith(stopped.text)
    assert whole.text.endswith("и дальше.")
    shown_to_model = world.llm.requests[-1].body["messages"]
    assert shown_to_model[-2] == {"role": "assistant", "content": stopped.text}
    assert len(world.llm.requests) == 2


async def test_a_reply_cut_by_the_models_limit_may_go_on_a_whole_one_may_not(world: ChatWorld) -> None:
    person = await world.somebody()
    dialog = await world.dialog(person)
    world.llm.answer("Первая половина.", fault="length")
    await world.chat.send(person, dialog, "Говори", "1")
    cut = await world.ended(person, dialog)
    assert (cut.state, cut.fault) == (State.DONE, "length")
    world.llm.answer("Вторая.")
    await world.branches.continue_reply(person, cut.id)
    whole = await world.ended(person, dialog)
    assert whole.text == "Первая половина. Вторая."
    with pytest.raises(NotFound):
        await world.branches.continue_reply(person, whole.id)


@pytest.mark.parametrize(
    ("ended", "went_on", "whole"),
    [
        ("Конец.", "Начало", "Конец. Начало"),
        ("Конец.", " Начало", "Конец. Начало"),
        ("Конец.", "..", "Конец..."),
        ("обор", "вано", "оборвано"),
    ],
)
async def test_what_goes_on_is_set_apart_only_where_a_sentence_had_ended(
    world: ChatWorld, ended: str, went_on: str, whole: str
) -> None:
    person = await world.somebody()
    dialog = await world.dialog(person)
    world.llm.answer(ended, fault="length")
    await world.chat.send(person, dialog, "Говори", "1")
    cut = await world.ended(person, dialog)
    world.llm.answer(went_on)
    await world.branches.continue_reply(person, cut.id)
    assert (await world.ended(person, dialog)).text == whole


async def test_a_reply_that_said_nothing_leaves_no_sibling(world: ChatWorld) -> None:
    person = await world.somebody()
    dialog = await world.dialog(person)
    world.llm.answer(fault="401")
    await world.chat.send(person, dialog, "Ну?", "1")
    failed = await world.ended(person, dialog)
    world.llm.answer("Вот.")
    await world.branches.regenerate(person, failed.id)
    reply = await world.ended(person, dialog)
    assert (await world.chat.open(person, dialog)).siblings[reply.id].of == 1


async def test_while_a_reply_is_written_the_tree_stays_as_it_is(world: ChatWorld) -> None:
    person = await world.somebody()
    dialog = await world.dialog(person)
    path = await talk(world, person, dialog, ("Раз", "один"))
    world.llm.default = Behaviour(fault="hang")
    await world.chat.send(person, dialog, "Два", "2")
    for action in (
        world.branches.regenerate(person, path[2].id),
        world.branches.edit(person, path[1].id, "Иначе", "3"),
        world.branches.delete(person, path[1].id),
    ):
        with pytest.raises(Busy):
            await action


async def test_strangers_cannot_touch_a_branch(world: ChatWorld) -> None:
    owner, stranger = await world.somebody(), await world.somebody()
    dialog = await world.dialog(owner)
    path = await talk(world, owner, dialog, ("Раз", "один"))
    for action in (
        world.branches.regenerate(stranger, path[2].id),
        world.branches.edit(stranger, path[1].id, "Чужое", "x"),
        world.branches.switch_branch(stranger, path[2].id, 1),
        world.branches.delete(stranger, path[1].id),
        world.branches.continue_reply(stranger, path[2].id),
    ):
        with pytest.raises(NotFound):
            await action
    await world.branches.delete(owner, path[1].id)
    with pytest.raises(NotFound):
        await world.branches.restore(stranger, path[1].id)


async def test_a_long_talk_is_read_in_windows(world: ChatWorld) -> None:
    person = await world.somebody()
    dialog = await world.dialog(person)
    async with world.database.write() as db:
        parent = (await world.messages(person, dialog))[0].id
        for n in range(120):
            message = Message(dialog_id=dialog, parent_id=parent, role=(Role.USER, Role.ASSISTANT)[n % 2], text=str(n))
            db.add(message)
            await db.flush()
            parent = message.id
        from domain.model.dialog import Dialog

        (await db.get_one(Dialog, dialog)).leaf_id = parent
    last = await world.chat.open(person, dialog)
    assert [each.text for each in last.messages] == [str(n) for n in range(70, 120)]
    assert (last.has_older, last.has_newer) == (True, False)
    older = await world.chat.open(person, dialog, before=last.messages[0].id)
    assert [each.text for each in older.messages] == [str(n) for n in range(20, 70)]
    first = await world.chat.open(person, dialog, before=older.messages[0].id)
    assert [each.text for each in first.messages] == [GREETING, *(str(n) for n in range(20))]
    assert not first.has_older
    newer = await world.chat.open(person, dialog, after=older.messages[-1].id)
    assert [each.id for each in newer.messages] == [each.id for each in last.messages]
    around = await world.chat.open(person, dialog, around=older.messages[0].id)
    assert older.messages[0].id in {each.id for each in around.messages}
    assert around.has_newer
    for at_the_end in last.messages[-1], last.messages[-20]:
        shown = await world.chat.open(person, dialog, around=at_the_end.id)
        assert [each.id for each in shown.messages] == [each.id for each in last.messages], "a whole window"


async def test_the_place_of_a_message_among_its_siblings_is_told_whatever_was_deleted(world: ChatWorld) -> None:
    person = await world.somebody()
    character = await world.character(person)
    async with world.database.write() as db:
        (await db.get_one(type(character), character.id)).other_greetings = [f"Опять вы, {n}" for n in range(4)]
    dialog = await world.chat.begin(person, character.id)
    places = []
    for _ in range(5):
        conversation = await world.chat.open(person, dialog)
        (greeting,) = conversation.messages
        places.append((greeting.id, conversation.siblings[greeting.id]))
        await world.branches.switch_branch(person, greeting.id, 1)
    ids = [message_id for message_id, _ in places]
    before, after = [None, *ids], [*ids[1:], None]
    assert [beside for _, beside in places] == [(n + 1, 5, before[n], after[n]) for n in range(5)]
    await world.branches.delete(person, ids[1])
    beside = (await world.chat.refresh(person, dialog, {ids[0], ids[2]})).siblings
    assert beside == {ids[0]: (1, 4, None, ids[2]), ids[2]: (2, 4, ids[0], ids[3])}


async def test_ones_last_words_without_a_reply_get_one(world: ChatWorld) -> None:
    person = await world.somebody()
    dialog = await world.dialog(person)
    path = await talk(world, person, dialog, ("Раз", "один"), ("Два", "два"))
    await world.branches.delete(person, path[4].id)
    world.llm.answer("снова два")
    await world.branches.answer(person, path[3].id)
    await world.ended(person, dialog)
    assert await texts(world, person, dialog) == [GREETING, "Раз", "один", "Два", "снова два"]
    for message in path[1], path[2]:
        with pytest.raises(NotFound):
            await world.branches.answer(person, message.id)


async def test_after_another_reply_the_way_back_to_what_was_said_below_is_known(world: ChatWorld) -> None:
    person = await world.somebody()
    dialog = await world.dialog(person)
    path = await talk(world, person, dialog, ("Раз", "один"), ("Два", "два"))
    assert not (await world.chat.open(person, dialog)).goes_on_at
    world.llm.answer("иначе")
    await world.branches.regenerate(person, path[2].id)
    new = await world.ended(person, dialog)
    assert (await world.chat.open(person, dialog)).goes_on_at == {new.id: path[2].id}
    await world.dialogs.switch_to(person, dialog, path[2].id)
    assert await texts(world, person, dialog) == [GREETING, "Раз", "один", "Два", "два"]

    world.llm.answer("и так")
    await world.branches.edit(person, path[1].id, "Раз, но иначе", "edit")
    await world.ended(person, dialog)
    edited = (await world.messages(person, dialog))[1]
    assert (await world.chat.open(person, dialog)).goes_on_at == {edited.id: path[1].id}
    await talk(world, person, dialog, ("Дальше", "иду"))
    assert not (await world.chat.open(person, dialog)).goes_on_at, "the talk goes on here, too"


async def test_another_reply_to_the_last_words_leaves_nothing_behind(world: ChatWorld) -> None:
    person = await world.somebody()
    dialog = await world.dialog(person)
    path = await talk(world, person, dialog, ("Раз", "один"))
    world.llm.answer("иначе")
    await world.branches.regenerate(person, path[2].id)
    await world.ended(person, dialog)
    assert not (await world.chat.open(person, dialog)).goes_on_at


async def test_a_reply_in_ones_own_words_stands_beside_the_models_and_is_not_its(world: ChatWorld) -> None:
    person = await world.somebody()
    dialog = await world.dialog(person)
    path = await talk(world, person, dialog, ("Раз", "один"))
    await world.branches.rewrite_reply(person, path[2].id, " *Один*, конечно. ", "mine")
    await world.branches.rewrite_reply(person, path[2].id, "*Один*, конечно.", "mine")
    conversation = await world.chat.open(person, dialog)
    new = conversation.messages[-1]
    assert (new.text, new.role, new.state) == ("*Один*, конечно.", Role.ASSISTANT, State.DONE)
    assert conversation.siblings[new.id][:2] == (2, 2), "sent twice, it is one"
    assert (path[2].is_characters_own, new.is_characters_own) == (True, False)
    await talk(world, person, dialog, ("Дальше", "иду"))
    assert "*Один*, конечно." in [each["content"] for each in world.llm.requests[-1].body["messages"]]
    with pytest.raises(NotFound):
        await world.branches.rewrite_reply(person, path[1].id, "Не моё", "not a reply")


async def test_a_stranger_rewrites_nothing(world: ChatWorld) -> None:
    person, stranger = await world.people(2)
    dialog = await world.dialog(person)
    path = await talk(world, person, dialog, ("Раз", "один"))
    for asked in (
        world.branches.rewrite_reply(stranger, path[2].id, "Моё", "mine"),
        world.branches.answer(stranger, path[1].id),
    ):
        with pytest.raises(NotFound):
            await asked

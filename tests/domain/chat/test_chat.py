"""Chat: sending a message and getting its reply, from greeting to stop."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from functools import partial

import pytest
from sqlmodel import select

from domain.accounts.sessions import Caller, LoginSession
from domain.characters.macros import MORE_IN_ALL
from domain.chat.prompts.participants import read_participants
from domain.chat.replies import reply_writer
from domain.chat.tree.events import ReplyChunk
from domain.chat.tree.siblings import SiblingPosition
from domain.errors import Busy, Invalid, NotAllowed, NotFound, SignedOut
from domain.llm.port import Role
from domain.model.character import GREETING_LIMIT, OTHER_GREETINGS_LIMIT, Character
from domain.model.dialog import MESSAGE_LIMIT, Dialog, Message, State
from domain.model.user import DISPLAY_NAME_LIMIT, User
from tests.domain.chat.conftest import GREETING, PATIENCE, ChatWorld, until
from tests.domain.llm.conftest import eventually
from tests.llm_server import Behaviour


async def has_asked(world: ChatWorld, times: int) -> bool:
    return len(world.llm.requests) == times


async def has_begun(world: ChatWorld, person: Caller, dialog: int) -> bool:
    return bool((await world.messages(person, dialog))[-1].text)


async def test_the_character_greets_first_without_asking_the_model(world: ChatWorld) -> None:
    person = await world.somebody()
    dialog = await world.dialog(person)
    messages = await world.messages(person, dialog)
    assert [(message.role, message.text) for message in messages] == [(Role.ASSISTANT, GREETING)]
    assert not world.llm.requests


async def test_every_greeting_knows_whom_it_greets(world: ChatWorld) -> None:
    person = await world.somebody()
    made = await world.character(person)
    async with world.database.write() as db:
        character = await db.get_one(Character, made.id)
        character.greeting = "Заходи, {{user}}: я {{char:рад|рада}}."
        character.other_greetings = ["Кто там? {{user}}, {{you:ты|вы}}?"]
        (await db.get_one(User, person.user_id)).display_name = "{{char}}"
    dialog = await world.chat.begin(person, character.id)
    conversation = await world.chat.open(person, dialog)
    (greeting,) = conversation.messages
    other = (await world.chat.refresh(person, dialog, {conversation.siblings[greeting.id].after or 0})).messages
    assert [each.text for each in (greeting, *other)] == ["Заходи, {{char}}: я рада.", "Кто там? {{char}}, вы?"]


async def test_greetings_tell_the_time_by_the_clock_of_whom_they_greet(world: ChatWorld) -> None:
    author = await world.somebody()
    made = await world.character(author)
    async with world.database.write() as db:
        (await db.get_one(Character, made.id)).greeting = "{{isodate}}"

    async def day(zone: str) -> str:
        person = await world.somebody()
        dialog = await world.chat.begin(person, made.id, zone=zone)
        return (await world.messages(person, dialog))[0].text

    assert await day("Pacific/Kiritimati") > await day("Pacific/Pago_Pago"), "25 hours apart"


async def test_a_character_knows_how_many_talks_were_begun_with_it(world: ChatWorld) -> None:
    author, guest = await world.somebody(), await world.somebody()
    character, other = await world.character(author), await world.character(author)
    for person in (author, guest, guest):
        await world.chat.begin(person, character.id)
    async with world.database.read() as db:
        talks = [(await db.get_one(Character, each.id)).talks for each in (character, other)]
    assert talks == [3, 0]


async def test_no_line_says_that_something_was_forgotten_while_nothing_is(world: ChatWorld) -> None:
    person = await world.somebody()
    dialog = await world.dialog(person)
    for question in ("Раз", "Два"):
        await world.chat.send(person, dialog, question, question)
        await world.ended(person, dialog)
        assert (await world.chat.open(person, dialog)).remembered_from is None


async def test_a_message_gets_its_reply(world: ChatWorld) -> None:
    person = await world.somebody()
    dialog = await world.dialog(person)
    world.llm.answer("Рада тебя видеть.")
    await world.chat.send(person, dialog, "  Добрый вечер!  ", "1")
    reply = await world.ended(person, dialog)
    assert (reply.state, reply.text) == (State.DONE, "Рада тебя видеть.")
    assert reply.model == "yandexgpt-lite/latest"
    assert [each.text for each in await world.messages(person, dialog)] == [
        GREETING,
        "Добрый вечер!",
        "Рада тебя видеть.",
    ]


async def test_the_message_and_a_reply_row_are_kept_before_the_model_answers(world: ChatWorld) -> None:
    person = await world.somebody()
    dialog = await world.dialog(person)
    world.llm.answer(fault="hang")
    await world.chat.send(person, dialog, "Слышишь?", "1")
    question, reply = (await world.messages(person, dialog))[-2:]
    assert (question.text, reply.state) == ("Слышишь?", State.RUNNING)


async def test_the_same_message_sent_twice_at_once_is_one_message(world: ChatWorld) -> None:
    person = await world.somebody()
    dialog = await world.dialog(person)
    await asyncio.gather(*(world.chat.send(person, dialog, "Привет", "same") for _ in range(5)))
    await world.ended(person, dialog)
    await world.chat.send(person, dialog, "Привет", "same")
    assert len(await world.messages(person, dialog)) == 3
    assert len(world.llm.requests) == 1


async def test_two_messages_at_once_get_one_reply_and_one_plain_refusal(world: ChatWorld) -> None:
    person = await world.somebody()
    dialog = await world.dialog(person)
    world.llm.answer("Подожди. Сейчас. Вот.", fault="waits")
    results = await asyncio.gather(
        *(world.chat.send(person, dialog, f"Вопрос {n}", str(n)) for n in range(2)), return_exceptions=True
    )
    assert sorted(type(result).__name__ for result in results) == ["Busy", "Sent"]
    world.llm.go_on()
    await world.ended(person, dialog)
    assert len(await world.messages(person, dialog)) == 3


async def test_what_cannot_be_sent_is_refused_in_words(world: ChatWorld) -> None:
    person = await world.somebody()
    dialog = await world.dialog(person)
    for nothing in ("", " \n ", "\u200b\u202e\x00"):
        with pytest.raises(Invalid, match="Nothing to send"):
            await world.chat.send(person, dialog, nothing, "1")
    with pytest.raises(Invalid, match="at most 8000"):
        await world.chat.send(person, dialog, "ы" * (MESSAGE_LIMIT + 1), "1")
    await world.chat.send(person, dialog, "ы" * MESSAGE_LIMIT, "1")


async def test_odd_signs_arrive_as_they_are_and_unprintable_ones_do_not(world: ChatWorld) -> None:
    person = await world.somebody()
    dialog = await world.dialog(person)
    odd = '{"lc":1,"type":"secret"} {x.__class__} 👩‍🚀 🇷🇺 «ё» \n\tновая строка'
    await world.chat.send(person, dialog, odd + "\x00\ud800", "1")
    await world.ended(person, dialog)
    assert (await world.messages(person, dialog))[1].text == odd
    assert world.llm.requests[-1].last_words == odd


async def test_pieces_are_told_in_order_without_gaps(world: ChatWorld) -> None:
    person = await world.somebody()
    dialog = await world.dialog(person)
    heard: list[ReplyChunk] = []
    world.bus.subscribe(ReplyChunk, dialog, heard.append)
    text = "Раз 👩‍🚀 два. " * 200
    world.llm.answer(text, style="fine")
    await world.chat.send(person, dialog, "Считай", "1")
    reply = await world.ended(person, dialog)
    at = 0
    for piece in heard:
        assert (piece.at, piece.length) == (at, len(piece.text))
        at += piece.length
    assert reply.text == text
    assert text.startswith("".join(piece.text for piece in heard))
    assert len(heard) < len(text) / 4 / 2, "pieces are gathered, not told one by one as they come, four letters each"


async def test_stop_keeps_what_has_come_and_closes_the_connection(world: ChatWorld) -> None:
    person = await world.somebody()
    dialog = await world.dialog(person)
    world.llm.answer("Слово. " * 200, style="fine", fault="endless", pause=0.02)
    await world.chat.send(person, dialog, "Говори", "1")
    await until(lambda: has_begun(world, person, dialog))
    before = world.llm.disconnects
    await world.chat.stop(person, dialog)
    reply = await world.ended(person, dialog)
    assert reply.state == State.STOPPED
    assert reply.text.startswith("Сло")
    assert await eventually(lambda: world.llm.disconnects == before + 1), "the model must not go on for nobody"
    await world.chat.stop(person, dialog)
    assert (await world.messages(person, dialog))[-1].state == State.STOPPED


@pytest.mark.parametrize(
    ("fault", "state", "code"),
    [
        ("401", State.FAILED, "key_rejected"),
        ("429", State.FAILED, "overloaded"),
        ("500", State.FAILED, "unavailable"),
        ("empty", State.FAILED, "empty"),
        ("cut", State.INTERRUPTED, "cut_off"),
        ("reset", State.INTERRUPTED, "cut_off"),
        ("error_event_yandex", State.INTERRUPTED, "cut_off"),
        ("filter", State.FILTERED, ""),
    ],
)
async def test_a_faulty_model_ends_the_reply_and_the_dialog_goes_on(
    world: ChatWorld, fault: str, state: State, code: str
) -> None:
    person = await world.somebody()
    dialog = await world.dialog(person)
    world.llm.default = Behaviour(fault=fault)
    await world.chat.send(person, dialog, "Ну?", "1")
    reply = await world.ended(person, dialog)
    assert (reply.state, reply.fault) == (state, code)
    assert bool(reply.reference) == bool(code)
    asked = 3 if code in {"unavailable", "overloaded"} else 1
    assert len(world.llm.requests) == asked, "at most two new attempts, and only before the first word"
    world.llm.default = Behaviour("Вот теперь да.")
    await world.branches.regenerate(person, reply.id)
    again = await world.ended(person, dialog)
    assert (again.state, again.text, again.parent_id) == (State.DONE, "Вот теперь да.", reply.parent_id)
    assert [each.text for each in await world.messages(person, dialog)] == [GREETING, "Ну?", "Вот теперь да."]


async def test_a_double_click_on_repeat_asks_once(world: ChatWorld) -> None:
    person = await world.somebody()
    dialog = await world.dialog(person)
    world.llm.answer(fault="401")
    await world.chat.send(person, dialog, "Ну?", "1")
    failed = await world.ended(person, dialog)
    world.llm.default = Behaviour("Слышу. Да. Слышу.", fault="waits")
    clicks = [world.branches.regenerate(person, failed.id) for _ in range(3)]
    results = await asyncio.gather(*clicks, return_exceptions=True)
    assert {type(result) for result in results} <= {type(None), Busy, NotFound}
    world.llm.go_on()
    await world.ended(person, dialog)
    assert len(world.llm.requests) == 2


async def test_at_most_so_many_replies_are_asked_for_at_once(world: ChatWorld) -> None:
    person = await world.somebody()
    dialogs = [await world.dialog(person) for _ in range(3)]
    for _ in dialogs:
        world.llm.answer("Готово.", hold=0.1)
    for dialog in dialogs:
        await world.chat.send(person, dialog, "Кто там?", "1")
    assert {(await world.ended(person, dialog)).state for dialog in dialogs} == {State.DONE}
    assert world.llm.most_in_flight <= 2


async def test_a_reply_goes_on_though_nobody_watches_and_is_saved_meanwhile(world: ChatWorld) -> None:
    person = await world.somebody()
    dialog = await world.dialog(person)
    world.llm.answer("Слово. " * 100, style="fine", fault="endless", pause=0.02)
    await world.chat.send(person, dialog, "Говори", "1")

    async def is_saved_in_part() -> bool:
        async with world.database.read() as db:
            reply = (await db.exec(select(Message).where(Message.state == State.RUNNING))).first()
            return reply is not None and reply.text.startswith("Сло")

    await until(is_saved_in_part)


async def test_going_down_keeps_running_replies_as_interrupted(
    world: ChatWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reply_writer, "LAST_WRITES", PATIENCE)
    person = await world.somebody()
    dialog = await world.dialog(person)
    world.llm.answer("Слово. " * 200, style="fine", fault="endless", pause=0.02)
    await world.chat.send(person, dialog, "Говори", "1")
    await until(lambda: has_begun(world, person, dialog))
    await world.reply_writer.close()
    reply = (await world.messages(person, dialog))[-1]
    assert reply.state == State.INTERRUPTED
    assert reply.text.startswith("Сло")


async def test_strangers_find_no_dialog_whatever_they_try(world: ChatWorld) -> None:
    owner, stranger = await world.somebody(), await world.somebody()
    dialog = await world.dialog(owner)
    world.llm.answer(fault="500")
    await world.chat.send(owner, dialog, "Привет", "1")
    reply = await world.ended(owner, dialog)
    for action in (
        world.chat.open(stranger, dialog),
        world.chat.send(stranger, dialog, "Чужой", "2"),
        world.chat.stop(stranger, dialog),
        world.branches.regenerate(stranger, reply.id),
    ):
        with pytest.raises(NotFound):
            await action
    assert await world.dialogs.list_own(stranger) == []


async def test_a_private_character_of_somebody_else_cannot_be_talked_to(world: ChatWorld) -> None:
    owner, stranger = await world.somebody(), await world.somebody()
    private = await world.character(owner, is_public=False)
    with pytest.raises(NotFound):
        await world.chat.begin(stranger, private.id)


async def test_when_a_character_goes_private_the_dialog_stays_readable_only(world: ChatWorld) -> None:
    owner, guest = await world.somebody(), await world.somebody()
    character = await world.character(owner)
    dialog = await world.chat.begin(guest, character.id)
    async with world.database.write() as db:
        (await db.get_one(type(character), character.id)).is_public = False
    conversation = await world.chat.open(guest, dialog)
    assert conversation.messages[0].text == GREETING
    assert not conversation.may_go_on
    with pytest.raises(NotAllowed):
        await world.chat.send(guest, dialog, "Ты здесь?", "1")


async def test_an_ended_session_can_do_nothing_more(world: ChatWorld) -> None:
    person = await world.somebody()
    dialog = await world.dialog(person)
    async with world.database.write() as db:
        await db.delete(await db.get_one(LoginSession, person.session_id))
    with pytest.raises(SignedOut):
        await world.chat.send(person, dialog, "Ещё тут", "1")


async def test_my_dialogs_come_with_the_last_spoken_in_first(world: ChatWorld) -> None:
    person = await world.somebody()
    first, second = [await world.dialog(person) for _ in range(2)]
    assert [line.dialog.id for line in await world.dialogs.list_own(person)] == [second, first]
    await world.chat.send(person, first, "Снова я", "1")
    await world.ended(person, first)
    lines = await world.dialogs.list_own(person)
    assert [line.dialog.id for line in lines] == [first, second]
    assert lines[1].last
    assert lines[1].last.text == GREETING


async def test_what_macros_make_of_all_greetings_of_a_chat_has_an_end(world: ChatWorld) -> None:
    person = await world.somebody()
    character = await world.character(person)
    names = "{{user}}" * (GREETING_LIMIT // len("{{user}}"))
    async with world.database.write() as db:
        (await db.get_one(User, person.user_id)).display_name = "Я" * DISPLAY_NAME_LIMIT
        long = await db.get_one(Character, character.id)
        long.greeting, long.other_greetings = names, [names] * OTHER_GREETINGS_LIMIT
    dialog = await world.chat.begin(person, character.id)
    async with world.database.read() as db:
        greetings = (await db.exec(select(Message.text).where(Message.dialog_id == dialog))).all()
    assert len(greetings) == 1 + OTHER_GREETINGS_LIMIT
    assert max(map(len, greetings)) <= 2 * GREETING_LIMIT
    assert sum(map(len, greetings)) <= len(greetings) * GREETING_LIMIT + MORE_IN_ALL


@pytest.mark.parametrize("who", ["person", "author", "character", "nobody"])
async def test_a_reply_is_withdrawn_when_anybody_in_it_was_blocked_since_it_was_asked_for(
    world: ChatWorld, who: str
) -> None:
    author, person = await world.somebody(), await world.somebody()
    character = await world.character(author)
    dialog = await world.chat.begin(person, character.id)
    await world.chat.send(person, dialog, "Ты здесь?", "1")
    reply = await world.ended(person, dialog)
    async with world.database.read() as db:
        before = await read_participants(db, dialog, reply.id)
    async with world.database.write() as db:
        match who:
            case "person":
                (await db.get_one(User, person.user_id)).is_blocked = True
            case "author":
                (await db.get_one(User, author.user_id)).is_blocked = True
            case "character":
                (await db.get_one(Character, character.id)).is_blocked = True
    for known in (None, before):
        asked = await world.reply_writer.prompts.for_reply(world.database, dialog, reply.id, participants=known)
        assert asked.is_withdrawn == (who != "nobody")


async def test_what_was_sent_is_told_as_it_was_stored(world: ChatWorld) -> None:
    """A page shows it without reading it, so it has to be what a page that reads it would show."""
    person = await world.somebody()
    dialog = await world.dialog(person)
    for number, words in enumerate(("Привет", "Ещё", "Снова")):
        asked_before = len(world.llm.requests)
        world.llm.answer(fault="hang")
        stored = await world.chat.send(person, dialog, words, str(number))
        assert stored
        sent = stored.shown()
        read = await world.chat.refresh(person, dialog, {each.id for each in sent.messages})
        of_its_writer = {"lease_until"}  # renewed by its writer
        assert [each.model_dump(exclude=of_its_writer) for each in sent.messages] == [
            each.model_dump(exclude=of_its_writer) for each in read.messages
        ]
        assert (sent.dialog.leaf_id, sent.character.id) == (read.dialog.leaf_id, read.character.id)
        assert (sent.may_go_on, sent.goes_on_at, sent.pinned) == (read.may_go_on, read.goes_on_at, read.pinned)
        assert all(read.siblings[each.id] == sent.siblings.get(each.id, SiblingPosition()) for each in read.messages)
        assert await world.chat.send(person, dialog, words, str(number)) is None
        await until(partial(has_asked, world, asked_before + 1))  # else the next reply would get the answer of this one
        await world.chat.stop(person, dialog)
        reply = await world.ended(person, dialog)
        question = (await world.messages(person, dialog))[-2]
        if number == 0:  # the next message follows another version
            world.llm.answer("Иначе.")
            await world.branches.regenerate(person, reply.id)
            await world.ended(person, dialog)
        else:  # the next message takes the place of a deleted one
            await world.branches.delete(person, question.id)


async def test_who_waits_long_is_answered_by_the_character_as_it_is_then(
    world: ChatWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reply_writer, "STILL_FRESH", 0)
    person = await world.somebody()
    character = await world.character(person)
    dialog = await world.chat.begin(person, character.id)
    async with AsyncExitStack() as others:
        for _ in range(world.reply_writer.places.number):
            await others.enter_async_context(world.reply_writer.places.acquire(person.user_id))
        await world.chat.send(person, dialog, "Кто ты?", "1")
        async with world.database.write() as db:
            (await db.get_one(Character, character.id)).context = "Ты — капитан."
    await world.ended(person, dialog)
    assert "Ты — капитан." in world.llm.requests[-1].body["messages"][0]["content"]


async def test_a_dialog_with_a_memory_is_read_while_a_reply_grows(world: ChatWorld) -> None:
    """The shown text is ahead of the row, and no later query may write it there."""
    person = await world.somebody()
    dialog = await world.dialog(person)
    async with world.database.write() as db:
        (await db.get_one(Dialog, dialog)).memory_version = 1
    world.llm.answer("Слово. " * 100, style="fine", fault="endless", pause=0.01)
    await world.chat.send(person, dialog, "Говори", "1")
    reply = (await world.messages(person, dialog))[-1]

    async def is_ahead() -> bool:
        return bool(world.reply_writer.text_of(reply.id))

    await until(is_ahead)
    assert (await world.chat.open(person, dialog)).messages[-1].text
    await world.chat.stop(person, dialog)
    await world.ended(person, dialog)


async def test_of_one_dialog_no_messages_of_another_are_read(world: ChatWorld) -> None:
    person, stranger = await world.somebody(), await world.somebody()
    mine, foreign = await world.dialog(person), await world.dialog(stranger)
    ids = [(await world.messages(who, dialog))[0].id for who, dialog in ((person, mine), (stranger, foreign))]
    assert [each.id for each in (await world.chat.refresh(person, mine, set(ids))).messages] == ids[:1]

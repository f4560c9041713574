"""Marks on messages: feedback on replies, and messages hidden from the model."""

from __future__ import annotations

import asyncio
from datetime import UTC, timedelta

import pytest

from domain.accounts.sessions import Caller
from domain.admin.details import AdminDetails
from domain.characters.relation import Relations
from domain.characters.reply_feedback import FeedbackCount, feedback_on_character, feedback_on_models
from domain.chat.dialog_copies import DialogCopies
from domain.chat.message_marks import MessageMarks
from domain.chat.transcript.export import as_markdown
from domain.chat.transcript.saved_dialog import read_json
from domain.chat.tree.events import MessageMarked
from domain.clock import now
from domain.errors import Busy, NotFound
from domain.language import Texts
from domain.llm.port import Role
from domain.model.dialog import Dialog, Feedback, Message
from domain.rate_limits import InMemory, RateLimiter
from domain.statistics.overview import Overview
from domain.statistics.period_stats import Period
from tests.conftest import UNLIMITED
from tests.domain.admin.crowd import an_admin
from tests.domain.chat.conftest import GREETING, ChatWorld
from tests.domain.chat.test_branches import talk
from tests.domain.chat.test_dialogs import said
from tests.domain.chat.test_export import saved


@pytest.fixture
def marks(world: ChatWorld) -> MessageMarks:
    return MessageMarks(world.database, world.bus)


async def counted(world: ChatWorld, dialog_id: int) -> FeedbackCount:
    """Feedback on the character of this dialog."""
    async with world.database.read() as db:
        return await feedback_on_character(db, (await db.get_one(Dialog, dialog_id)).character_id)


async def next_prompt(world: ChatWorld, person: Caller, dialog_id: int, words: str = "И?") -> list[str]:
    """Texts of the prompt for the next message: the system message, then the conversation."""
    world.llm.answer("Да.")
    await world.chat.send(person, dialog_id, words, words)
    await world.ended(person, dialog_id)
    return [message["content"] for message in world.llm.requests[-1].body["messages"]]


async def test_a_thumb_is_given_changed_and_taken_back_and_counts_once(world: ChatWorld, marks: MessageMarks) -> None:
    person = await world.somebody()
    dialog = await world.dialog(person)
    reply = (await talk(world, person, dialog, ("Раз", "один")))[-1]
    heard: list[MessageMarked] = []
    world.bus.subscribe(MessageMarked, dialog, heard.append)
    for feedback, count in (
        (Feedback.UP, (1, 0)),
        (Feedback.UP, (1, 0)),
        (Feedback.DOWN, (0, 1)),
        (None, (0, 0)),
        (None, (0, 0)),
        (Feedback.UP, (1, 0)),
    ):
        await marks.rate(person, reply.id, feedback)
        assert await counted(world, dialog) == count
        assert (await world.messages(person, dialog))[-1].feedback == feedback
    assert heard[-1] == MessageMarked(dialog, reply.id, changes_prompt=False), "open pages hear of it"
    async with world.database.read() as db:
        assert await feedback_on_models(db) == {reply.model: (1, 0)}


async def test_many_thumbs_at_once_are_all_counted(world: ChatWorld, marks: MessageMarks) -> None:
    marina = await world.character(await world.somebody())
    people = await world.people(6)
    replies = []
    for person in people:
        dialog = await world.chat.begin(person, marina.id)
        replies.append((await talk(world, person, dialog, ("Раз", "один")))[-1].id)
    thumbs = [Feedback.UP, Feedback.UP, Feedback.DOWN] * 2
    await asyncio.gather(*map(marks.rate, people, replies, thumbs))
    assert await counted(world, dialog) == (4, 2)
    await asyncio.gather(*(marks.rate(people[0], replies[0], each) for each in (Feedback.DOWN, None, Feedback.DOWN)))
    assert sum(await counted(world, dialog)) in (5, 6), "one of the three was the last, and no other counts"


async def test_sums_are_told_to_the_author_and_to_admins_and_to_nobody_else(
    world: ChatWorld, marks: MessageMarks
) -> None:
    author, person, admin = await world.somebody(), await world.somebody(), await an_admin(world.database)
    marina = await world.character(author)
    dialog = await world.chat.begin(person, marina.id)
    reply = (await talk(world, person, dialog, ("Раз", "один")))[-1]
    await marks.rate(person, reply.id, Feedback.DOWN)
    relations = Relations(world.database)
    assert (await relations.between(author, marina.id)).feedback == (0, 1)
    assert (await relations.between(person, marina.id)).feedback == (0, 0)
    detail = await AdminDetails(world.database, world.bus).character(admin, marina.id, UTC)
    assert detail.feedback == (0, 1)
    day = Period(now() - timedelta(days=1), now())
    assert (await Overview(world.database).of(admin, day, UTC)).feedback == {reply.model: (0, 1)}


async def test_only_a_reply_gets_a_thumb_and_only_from_whose_chat_it_is(world: ChatWorld, marks: MessageMarks) -> None:
    person, stranger = await world.somebody(), await world.somebody()
    dialog = await world.dialog(person)
    greeting, question, reply = await talk(world, person, dialog, ("Раз", "один"))
    await world.branches.rewrite_reply(person, reply.id, "Два, и не спорь", "2")
    own_words = (await world.messages(person, dialog))[-1]
    for caller, message in ((person, greeting), (person, question), (person, own_words), (stranger, reply)):
        with pytest.raises(NotFound):
            await marks.rate(caller, message.id, Feedback.UP)
    with pytest.raises(NotFound):
        await marks.hide(stranger, question.id, hidden=True)
    await world.branches.delete(person, question.id)
    with pytest.raises(NotFound):
        await marks.rate(person, reply.id, Feedback.UP)
    assert await counted(world, dialog) == (0, 0)


async def test_a_reply_that_is_being_written_waits_for_its_marks(world: ChatWorld, marks: MessageMarks) -> None:
    person = await world.somebody()
    dialog = await world.dialog(person)
    world.llm.answer("Слово. " * 200, style="fine", fault="endless", pause=0.02)
    await world.chat.send(person, dialog, "Считай", "1")
    running = (await world.messages(person, dialog))[-1]
    with pytest.raises(Busy):
        await marks.rate(person, running.id, Feedback.UP)
    with pytest.raises(Busy):
        await marks.hide(person, running.id, hidden=True)
    await world.chat.stop(person, dialog)
    await world.ended(person, dialog)


async def test_a_reply_that_goes_on_is_another_text_and_has_no_thumb(world: ChatWorld, marks: MessageMarks) -> None:
    person = await world.somebody()
    dialog = await world.dialog(person)
    world.llm.answer("Первая половина.", fault="length")
    await world.chat.send(person, dialog, "Говори", "1")
    cut = await world.ended(person, dialog)
    await marks.rate(person, cut.id, Feedback.DOWN)
    world.llm.answer(" и четыре")
    await world.branches.continue_reply(person, cut.id)
    assert (await world.ended(person, dialog)).feedback is None
    assert await counted(world, dialog) == (0, 0)


async def test_the_model_reads_neither_words_nor_replies_that_are_hidden_until_they_are_shown_again(
    world: ChatWorld, marks: MessageMarks
) -> None:
    person = await world.somebody()
    dialog = await world.dialog(person)
    greeting, question, reply, other, _reply = await talk(world, person, dialog, ("Раз", "один"), ("Два", "два"))
    for message in (greeting, reply, other):
        await marks.hide(person, message.id, hidden=True)
        await marks.hide(person, message.id, hidden=True)
    system, *told = await next_prompt(world, person, dialog)
    assert GREETING not in system
    assert told == ["Раз", "два", "И?"]
    for message in (greeting, reply, other):
        await marks.hide(person, message.id, hidden=False)
    system, *told = await next_prompt(world, person, dialog, "А теперь?")
    assert GREETING in system
    assert told == ["Раз", "один", "Два", "два", "И?", "Да.", "А теперь?"]
    assert question.id in [each.id for each in await world.messages(person, dialog)]


async def test_a_hidden_first_question_leaves_its_reply_to_the_opening(world: ChatWorld, marks: MessageMarks) -> None:
    person = await world.somebody()
    dialog = await world.dialog(person)
    path = await talk(world, person, dialog, ("Раз", "один"), ("Два", "два"))
    await marks.hide(person, path[1].id, hidden=True)
    system, *told = await next_prompt(world, person, dialog)
    assert system.endswith(f"{GREETING}\n\nодин"), "no model is asked to begin with a reply"
    assert told == ["Два", "два", "И?"]


async def test_the_question_that_is_answered_is_read_though_it_is_hidden(world: ChatWorld, marks: MessageMarks) -> None:
    person = await world.somebody()
    dialog = await world.dialog(person)
    path = await talk(world, person, dialog, ("Раз", "один"), ("Два", "два"))
    await marks.hide(person, path[3].id, hidden=True)
    world.llm.answer("иначе")
    await world.branches.regenerate(person, path[4].id)
    await world.ended(person, dialog)
    assert [each["content"] for each in world.llm.requests[-1].body["messages"]][1:] == ["Раз", "один", "Два"]
    await world.branches.delete(person, (await world.messages(person, dialog))[-1].id)
    await world.branches.delete(person, path[4].id)
    await world.branches.answer(person, path[3].id)
    await world.ended(person, dialog)
    assert world.llm.requests[-1].last_words == "Два", "the last question without a reply"
    _system, *told = await next_prompt(world, person, dialog)
    assert "Два" not in told, "and later it is forgotten"


async def test_a_changed_version_of_a_hidden_message_is_read(world: ChatWorld, marks: MessageMarks) -> None:
    person = await world.somebody()
    dialog = await world.dialog(person)
    path = await talk(world, person, dialog, ("Раз", "один"))
    await marks.hide(person, path[1].id, hidden=True)
    await world.branches.edit(person, path[1].id, "Раз, но иначе", "2")
    await world.ended(person, dialog)
    new = (await world.messages(person, dialog))[1]
    assert (new.text, new.is_hidden_from_model) == ("Раз, но иначе", False)
    await world.branches.switch_branch(person, new.id, -1)
    assert (await world.messages(person, dialog))[1].is_hidden_from_model, "the old one as it was"


async def test_what_is_hidden_makes_room_and_the_line_of_memory_moves(world: ChatWorld, marks: MessageMarks) -> None:
    person = await world.somebody()
    dialog = await world.dialog(person)
    async with world.database.read() as db:
        room = world.reply_writer.prompts.room(await db.get_one(Dialog, dialog))
    third = "слово " * (room // 18)
    ids = [await said(world, dialog, f"{n} {third}", role=Role.ASSISTANT if n % 2 else Role.USER) for n in range(5)]

    async def remembered_from() -> int | None:
        return (await world.chat.open(person, dialog)).remembered_from

    assert await remembered_from() == ids[4], "ids[3] would be a reply, which nothing asks for"
    await marks.hide(person, ids[3], hidden=True)
    assert await remembered_from() == ids[2]
    _system, told = await next_prompt(world, person, dialog)  # two questions in a row are one turn
    assert (told[:1], told[-2:]) == ("2", "И?")
    for hidden in ids:
        await marks.hide(person, hidden, hidden=True)
    assert await remembered_from() is None, "nothing is left that would not fit"


async def test_a_copy_has_the_marks_and_its_thumbs_count_where_they_were_given(
    world: ChatWorld, marks: MessageMarks
) -> None:
    person = await world.somebody()
    dialog = await world.dialog(person)
    _greeting, question, reply = await talk(world, person, dialog, ("Раз", "один"))
    await marks.rate(person, reply.id, Feedback.UP)
    await marks.hide(person, question.id, hidden=True)
    copies = DialogCopies(world.database, world.bus, RateLimiter(InMemory(), UNLIMITED))
    copy = (await copies.copy_up_to(person, reply.id)).id
    copied = await world.messages(person, copy)
    assert marks_of(copied) == [(False, None), (True, None), (False, Feedback.UP)]
    await marks.rate(person, copied[-1].id, Feedback.DOWN)
    assert (await world.messages(person, copy))[-1].feedback == Feedback.DOWN
    assert await counted(world, dialog) == (1, 0)


async def test_marks_are_saved_to_a_file_and_come_back_with_it(world: ChatWorld, marks: MessageMarks) -> None:
    person = await world.somebody()
    dialog = await world.dialog(person)
    _greeting, question, reply = await talk(world, person, dialog, ("Раз", "один"))
    await marks.rate(person, reply.id, Feedback.DOWN)
    await marks.hide(person, question.id, hidden=True)
    text = "".join(as_markdown(await world.dialogs.transcript(person, dialog), UTC, Texts("ru")))
    assert text.count("(скрыто от модели)") == 1
    loaded = await world.dialogs.import_dialog(person, read_json(await saved(world, person, dialog)))
    assert marks_of(await world.messages(person, loaded)) == [(False, None), (True, None), (False, Feedback.DOWN)]
    assert await counted(world, loaded) == (0, 1), "a file has no votes: anybody may have written it"
    _system, *told = await next_prompt(world, person, loaded)
    assert told == ["И?"]


def marks_of(path: list[Message]) -> list[tuple[bool, Feedback | None]]:
    return [(each.is_hidden_from_model, each.feedback) for each in path]

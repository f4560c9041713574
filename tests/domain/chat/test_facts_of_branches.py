"""Facts follow what a person does in a chat: deletion and undo, other replies, continued replies, hidden messages."""

from __future__ import annotations

from sqlmodel import select

from domain.chat.message_marks import MessageMarks
from domain.memory.facts.known_facts import new_fact
from domain.memory.rows import MemoryChapter
from tests.domain.chat.conftest import ChatWorld, until
from tests.domain.memory.fact_talk import Talk


async def test_deletion_reaches_facts_and_undoing_it_brings_them_back(world: ChatWorld) -> None:
    person = await world.somebody()
    dialog_id = await world.dialog(person)
    await world.chat.send(person, dialog_id, "Я живу в Твери", "1")
    await world.ended(person, dialog_id)
    talk, branches = Talk(world.database, dialog_id), world.branches
    said = (await world.messages(person, dialog_id))[1].id
    await talk.learn(new_fact("Живёт в Твери", "", said))
    assert await talk.known() == ["Живёт в Твери"]
    await branches.delete(person, said)
    assert await talk.known() == []
    await branches.restore(person, said)
    assert await talk.known() == ["Живёт в Твери"]


async def test_another_reply_keeps_what_the_person_said_and_drops_what_the_first_reply_did(world: ChatWorld) -> None:
    person = await world.somebody()
    dialog_id = await world.dialog(person)
    await world.chat.send(person, dialog_id, "Я живу в Твери", "1")
    await world.ended(person, dialog_id)
    talk = Talk(world.database, dialog_id)
    said, reply = [each.id for each in (await world.messages(person, dialog_id))[1:]]
    await talk.learn(new_fact("Живёт в Твери", "", said), new_fact("Обещала написать", "", reply))
    await world.branches.regenerate(person, reply)
    await world.ended(person, dialog_id)
    assert await talk.known() == ["Живёт в Твери"]


async def test_a_reply_that_goes_on_takes_what_its_old_text_taught(world: ChatWorld) -> None:
    person = await world.somebody()
    dialog_id = await world.dialog(person)
    world.llm.answer("Обещаю", fault="length")
    await world.chat.send(person, dialog_id, "Я живу в Твери", "1")
    cut = await world.ended(person, dialog_id)
    talk = Talk(world.database, dialog_id)
    said = (await world.messages(person, dialog_id))[1].id
    await talk.learn(new_fact("Живёт в Твери", "", said), new_fact("Обещала", "", cut.id))
    async with world.database.write() as db:
        db.add(MemoryChapter(dialog_id=dialog_id, first_id=said, last_id=cut.id, text="Она обещала."))
        db.add(MemoryChapter(dialog_id=dialog_id, first_id=said, last_id=said, text="Он из Твери."))
    assert len(await talk.known()) == 2
    world.llm.answer(" не обещать.")
    await world.branches.continue_reply(person, cut.id)
    await world.ended(person, dialog_id)
    assert await talk.known() == ["Живёт в Твери"]
    async with world.database.read() as db:
        assert list(await db.exec(select(MemoryChapter.text))) == ["Он из Твери."]


async def test_a_message_hidden_from_the_model_teaches_nothing_meanwhile(world: ChatWorld) -> None:
    person = await world.somebody()
    dialog_id = await world.dialog(person)
    await world.chat.send(person, dialog_id, "Я живу в Твери", "1")
    await world.ended(person, dialog_id)
    talk, marks = Talk(world.database, dialog_id), MessageMarks(world.database, world.bus)
    said = (await world.messages(person, dialog_id))[1].id
    await talk.learn(new_fact("Живёт в Твери", "", said))
    assert await talk.known() == ["Живёт в Твери"]
    await marks.hide(person, said, hidden=True)
    assert await talk.known() == []
    await marks.hide(person, said, hidden=False)
    assert await talk.known() == ["Живёт в Твери"]


async def test_a_chat_that_remembers_is_opened_while_its_reply_is_being_written(world: ChatWorld) -> None:
    person = await world.somebody()
    dialog_id = await world.dialog(person)
    await world.chat.send(person, dialog_id, "Я живу в Твери", "1")
    await world.ended(person, dialog_id)
    said = (await world.messages(person, dialog_id))[1].id
    await Talk(world.database, dialog_id).learn(new_fact("Живёт в Твери", "", said))
    world.llm.answer("Слово. " * 100, style="fine", fault="endless", pause=0.02)
    await world.chat.send(person, dialog_id, "Говори", "2")

    async def is_read_while_it_runs() -> bool:
        return len((await world.messages(person, dialog_id))[-1].text) > 20

    await until(is_read_while_it_runs)
    await world.chat.stop(person, dialog_id)
    await world.ended(person, dialog_id)

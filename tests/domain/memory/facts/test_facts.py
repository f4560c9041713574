"""Facts on a path: which hold there, which of them a prompt gets, and where they lead."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from domain.accounts.sessions import Caller
from domain.clock import now
from domain.llm.port import Role
from domain.memory.facts.facts import add_facts, messages_left_out, remember_change
from domain.memory.facts.held_facts import facts_of
from domain.memory.facts.known_facts import Known, new_fact
from domain.memory.for_reply import LEAST_LEADING
from domain.memory.pins import pinned_on
from domain.memory.rows import MemoryFact
from storage.bulk import add_rows, reserve_ids
from storage.database import Database
from tests.domain.memory.fact_talk import Talk, new_talk

FACTS = MemoryFact.metadata.tables[MemoryFact.__tablename__]


@pytest.fixture
async def talk(database: Database, ira: Caller) -> Talk:
    return await new_talk(database, ira)


async def test_a_fact_holds_on_the_branches_through_its_message_only(talk: Talk) -> None:
    fork = await talk.say("Привет")
    there = await talk.say("Живу в Твери", after=fork)
    elsewhere = await talk.say("Живу в Казани", after=fork)
    await talk.learn(new_fact("Живёт в Твери", "", there), leaf_id=there)
    await talk.learn(new_fact("Живёт в Казани", "", elsewhere), leaf_id=elsewhere)
    assert await talk.known(there) == ["Живёт в Твери"]
    assert await talk.known(elsewhere) == ["Живёт в Казани"]
    assert await talk.known(fork) == []


async def test_a_newer_fact_replaces_an_older_one_only_where_it_was_said(talk: Talk) -> None:
    first = await talk.say("Живу в Твери")
    moved = await talk.say("Переехали в Казань")
    (old,) = await talk.learn(new_fact("Живёт в Твери", "", first))
    await talk.learn(replace(new_fact("Живёт в Казани", "", moved), replaces_id=old))
    assert await talk.known() == ["Живёт в Казани"]
    assert await talk.known(first) == ["Живёт в Твери"], "on the path that ends before"
    assert [(each.text, each.replaced_by is not None) for each in await talk.entries()] == [
        ("Живёт в Казани", False),
        ("Живёт в Твери", True),
    ]


async def test_what_was_replaced_twice_does_not_come_back_when_the_middle_is_forgotten(talk: Talk) -> None:
    said = [await talk.say(text) for text in ("Живу в Твери", "Живу в Казани", "Живу в Москве")]
    (tver,) = await talk.learn(new_fact("Живёт в Твери", "", said[0]))
    (kazan,) = await talk.learn(replace(new_fact("Живёт в Казани", "", said[1]), replaces_id=tver))
    (moscow,) = await talk.learn(replace(new_fact("Живёт в Москве", "", said[2]), replaces_id=kazan))
    assert await talk.known() == ["Живёт в Москве"]
    await talk.forget(kazan)
    assert await talk.known() == ["Живёт в Москве"]
    await talk.forget(moscow)
    assert await talk.known() == ["Живёт в Твери"], "both corrections were taken back"


async def test_what_was_replaced_two_thousand_times_is_told_as_it_is_now(talk: Talk) -> None:
    said = await talk.say("Мне опять столько, сколько скажу")
    async with talk.database.write() as db:
        ids = await reserve_ids(db, FACTS, 2_000)
        replaced = zip(ids, [None, *ids], strict=False)
        facts = [
            MemoryFact(id=new, dialog_id=talk.dialog_id, message_id=said, text=f"Лет: {new}", replaces_id=old)
            for new, old in replaced
        ]
        await add_rows(db, FACTS, [each.model_dump() for each in facts])
        await remember_change(db, talk.dialog_id)
    assert await talk.known() == [f"Лет: {ids[-1]}"]
    assert [each.replaced_by for each in await talk.entries()] == [None, *([ids[-1]] * 1_999)]


async def test_the_same_fact_is_kept_once_and_counted(talk: Talk) -> None:
    first, second = await talk.say("Живу в Твери"), await talk.say("В Твери я живу, да")
    await talk.learn(new_fact("Живёт в Твери", "", first))
    await talk.learn(new_fact("Живёт в Твери", "", first))
    assert await talk.learn(new_fact("В Твери живёт", "", second)) == []
    facts = (await talk.judged_by()).counted
    assert [(each.text, each.times) for each in facts] == [("Живёт в Твери", 2)]


async def test_what_was_forgotten_is_learnt_only_from_what_is_said_after(talk: Talk) -> None:
    first = await talk.say("Живу в Твери")
    (fact,) = await talk.learn(new_fact("Живёт в Твери", "", first))
    again = await talk.say("Я же в Твери живу")
    await talk.forget(fact)
    assert await talk.learn(new_fact("Живёт в Твери", "", again)) == []
    async with talk.database.read() as db:
        assert await messages_left_out(db, talk.dialog_id) == {first}
    assert await talk.learn(new_fact("Любит Тверь", "", first)) == [], "its message teaches nothing else either"
    later = await talk.say("Живу всё там же, в Твери")
    await talk.learn(new_fact("Живёт в Твери", "", later))
    assert await talk.known() == ["Живёт в Твери"]


async def test_a_prompt_gets_what_there_is_room_for_what_matters_first(talk: Talk) -> None:
    said = [await talk.say(str(n), role=Role.ASSISTANT if n == 3 else Role.USER) for n in range(4)]
    again = await talk.say("Боюсь высоты, говорю же")
    await talk.learn(
        new_fact("Боится высоты", "", said[0]),
        new_fact("Любит грибной суп", "", said[1]),
        new_fact("Держит овчарку Рекса", "", said[2]),
        new_fact("Персонаж обещал прийти", "", said[3]),
    )
    await talk.learn(new_fact("Боится высоты", "", again))
    assert len(await talk.known()) == 4
    assert await talk.known(room=70) == ["Боится высоты", "Держит овчарку Рекса"], "said again, and the newest"
    assert await talk.known(room=20) == []
    assert "Персонаж обещал прийти" not in await talk.known(room=110)


async def test_the_newest_of_a_subject_goes_before_anything_older_of_it(talk: Talk) -> None:
    for text in ("Боюсь высоты", "Сосед Олег шумит по ночам", "Сосед Олег шумит и днём", "Сосед Олег шумит меньше"):
        await talk.learn(new_fact(text, "", await talk.say(text)))
    assert await talk.known(room=75) == ["Боюсь высоты", "Сосед Олег шумит меньше"]


async def test_pinned_facts_stand_elsewhere(talk: Talk) -> None:
    (fact, _) = await talk.learn(
        new_fact("Живёт в Твери", "", said := await talk.say("Живу в Твери")), new_fact("Боится высоты", "", said)
    )
    await talk.change(fact, pinned_at=now())
    assert await talk.known() == ["Боится высоты"]
    path = await talk.path()
    async with talk.database.read() as db:
        assert await pinned_on(db, talk.dialog_id, path) == ("Живёт в Твери",)


async def test_words_lead_to_the_message_that_a_fact_cites(talk: Talk) -> None:
    dog, job = await talk.say("Рекс опять погрыз тапки"), await talk.say("Тяну провода в депо")
    other = await talk.say("Погода дрянь", after=dog)
    await talk.learn(new_fact("У Ильи есть Рекс", "собака, пёс, питомец", dog), leaf_id=job)
    await talk.learn(new_fact("Тянет провода в депо", "работа, электрик", job), leaf_id=job)
    assert await talk.led_to("собаке") == [dog]
    assert await talk.led_to("работаю") == [], "another branch is being read"
    await talk.say("Ладно", after=job)
    assert await talk.led_to("работаю") == [job]
    assert await talk.led_to("провода", "собака", "депо") == [job, dog]
    assert other not in await talk.led_to("дрянь")


async def test_a_word_that_is_in_many_facts_is_a_small_part_of_what_is_sought(talk: Talk) -> None:
    for promise in ("Обещает письмо из Суздаля", "Обещает вернуть книги", "Обещает не курить", "Обещает спеть романс"):
        await talk.learn(new_fact(promise, "", await talk.say(promise)))
    await talk.learn(new_fact("Держит попугая", "птица", await talk.say("Держу попугая")))
    assert await talk.best_share("обещала", "тренеру") < LEAST_LEADING
    assert await talk.best_share("птицу", "тренеру") >= LEAST_LEADING
    assert await talk.best_share("обещала", "письмо") == 1


async def test_a_rolled_back_change_leaves_no_trace(talk: Talk) -> None:
    said = await talk.say("Живу в Твери")

    async def fail() -> None:
        async with talk.database.write() as db:
            await add_facts(db, talk.dialog_id, [new_fact("Живёт в Твери", "", said)], known=Known())
            assert (await facts_of(db, talk.dialog_id)).by_id
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    assert await talk.known() == []


async def test_two_chapters_judged_at_once_add_a_fact_once(talk: Talk) -> None:
    first, second = await talk.say("Живу в Твери"), await talk.say("Да, в Твери живу")
    judged = await talk.judged_by()

    async def add(message_id: int) -> list[int]:
        async with talk.database.write() as db:
            return await add_facts(db, talk.dialog_id, [new_fact("Живёт в Твери", "", message_id)], known=judged)

    added = await asyncio.gather(add(first), add(second))
    assert sorted(map(len, added)) == [0, 1]
    assert await talk.known() == ["Живёт в Твери"]


async def test_what_is_forgotten_while_a_chapter_is_made_is_not_added(talk: Talk) -> None:
    said = await talk.say("Живу в Твери")
    (fact,) = await talk.learn(new_fact("Живёт в Твери", "", said))
    judged = await talk.judged_by()
    await talk.forget(fact)
    async with talk.database.write() as db:
        assert await add_facts(db, talk.dialog_id, [new_fact("Тверь", "", said)], known=judged) == []


async def test_whatever_is_changed_by_hand_is_seen_at_once(talk: Talk) -> None:
    said = await talk.say("Живу в Твери, боюсь высоты")
    home, _fear = await talk.learn(new_fact("Живёт в Твери", "", said), new_fact("Боится высоты", "", said))
    for change, known in (
        ({"pinned_at": now()}, ["Боится высоты"]),
        ({"pinned_at": None}, ["Живёт в Твери", "Боится высоты"]),
        ({"text": "Живёт в Ржеве", "edited_at": now()}, ["Живёт в Ржеве", "Боится высоты"]),
        ({"forgotten_at": now(), "forgotten_upto": said}, ["Боится высоты"]),
        ({"forgotten_at": None}, ["Живёт в Ржеве", "Боится высоты"]),
    ):
        await talk.change(home, **change)
        assert await talk.known() == known, change
    async with talk.database.write() as db:
        await db.delete(await db.get_one(MemoryFact, home))
        await remember_change(db, talk.dialog_id)
    assert await talk.known() == ["Боится высоты"]

"""Fact patterns: what people say of themselves in so many words is kept without a model and told by the demo model."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

import pytest

from domain.accounts.sessions import Caller
from domain.clock import now
from domain.llm.demo.resuming import reply_to
from domain.llm.port import Persona, Prompt, PromptMessage, Role
from domain.memory.chapter_changes import forget_everything, lift_forgetting
from domain.memory.facts import pattern_learning
from domain.memory.facts.fact_patterns import pattern_facts
from domain.memory.facts.facts import messages_left_out
from domain.memory.facts.held_facts import HeldFact
from domain.memory.facts.known_facts import Known, NewFact, new_fact
from domain.memory.facts.pattern_learning import learn_from
from domain.memory.rows import MadeBy
from domain.model.dialog import Dialog
from storage.database import Database
from tests.domain.memory.fact_talk import Talk, new_talk
from tests.domain.memory.told import TURNS

MARINA = Persona("Марина", "female", "Марина — смотрительница маяка.", context="Ты — Марина, смотрительница маяка.")


@pytest.fixture
async def talk(database: Database, ira: Caller) -> Talk:
    return await new_talk(database, ira)


def found(text: str) -> list[str]:
    return [each.text for each in pattern_facts([(1, text)], Known())]


@pytest.mark.parametrize(
    ("said", "facts"),
    [
        ("Меня зовут Илья, мне 34 года", ["Собеседника зовут Илья", "Собеседнику 34 года"]),
        ("зови меня лена", ["Собеседника зовут Лена"]),
        (
            "живу в Твери и работаю электриком в депо",
            ["Собеседник живёт в Твери", "Собеседник работает электриком в депо"],
        ),
        ("Я переехала в Казань на той неделе", ["Собеседник живёт в Казани"]),
        ("Я сама из Новосибирска", ["Собеседник родом из Новосибирска"]),
        ("Я врач", ["Собеседник по профессии врач"]),
        ("Учусь на врача", ["Собеседник учится на врача"]),
        ("Обожаю грибной суп, но не люблю рыбу", ["Собеседник обожает грибной суп", "Собеседник не любит рыбу"]),
        ("Боюсь высоты. Ненавижу утро", ["Собеседник ненавидит утро", "Собеседник боится высоты"]),
        ("У меня сильная аллергия на орехи", ["У собеседника аллергия на орехи"]),
        ("У меня есть собака Рекс", ["У собеседника есть собака Рекс"]),
        ("у меня две кошки и сын Петя", ["У собеседника есть две кошки и сын Петя"]),
        (
            "У меня есть собака, её зовут Жужа",
            ["У собеседника есть собака", "У собеседника есть собака Жужа"],
        ),
        ("Мою жену зовут Марина", ["Жену собеседника зовут Марина"]),
        ("Мой день рождения 17 марта", ["День рождения собеседника 17 марта"]),
        ("My name is Mark and I live in Leeds", ["The person's name is Mark", "The person lives in Leeds"]),
        ("I moved to York last week", ["The person lives in York"]),
        ("I'm allergic to nuts", ["The person is allergic to nuts"]),
        ("I have a dog called Rex", ["The person has a dog called Rex"]),
    ],
)
def test_what_people_say_of_themselves_is_a_fact(said: str, facts: list[str]) -> None:
    assert sorted(found(said)) == sorted(facts)


@pytest.mark.parametrize(
    "said",
    [
        *("Где я живу?", "А ты живёшь в Твери?", "меня зовут домой", "мне 5 лет назад подарили кота", "Люблю тебя"),
        *("У меня есть вопрос", "Не живу в Твери", "Не боюсь высоты", "Если бы я жил в Твери", "Работаю допоздна"),
        *("Она сказала: я боюсь пауков", "Мама говорит — люблю осень", "Боюсь пауков, — прошептала она"),
        *("Представь, что меня зовут Наполеон", "Допустим, я живу в Париже", "Imagine my name is Napoleon"),
        *("Я работаю не врачом, а сварщиком", "Мне 200 лет", "Мне 90 лет, шучу", "I'm 300 years old"),
        *(
            "She said: I live in York",
            "I live in York. Just kidding",
            "Он сказал: «Я живу в Твери»",
            "Я люблю, когда дождь",
            "Do you know where I live?",
            "I love you",
        ),
    ],
)
def test_what_is_asked_denied_or_said_by_others_is_none(said: str) -> None:
    assert found(said) == []


OF_EACH_KIND = (
    *("Меня зовут Илья", "Мне 34 года", "Живу в Твери", "Я родом из Рязани", "Работаю в депо", "Я врач"),
    *("Учусь на врача", "Люблю мёд", "Мне нравится осень", "Увлекаюсь марками", "Не люблю рыбу", "Ненавижу утро"),
    *("Терпеть не могу шум", "Боюсь высоты", "Мечтаю о море", "У меня аллергия на орехи", "У меня есть собака"),
    *("Мою жену зовут Марина", "Мою собаку зовут Жужа", "Мой день рождения 17 марта"),
    *("My name is Gwendolyn", "I'm 34 years old", "I live in Leeds", "I'm from Wales", "I work at the harbour"),
    *("I love honey", "I don't like fish", "I hate mornings", "I'm afraid of heights", "I'm allergic to nuts"),
    *("I have a dog", "My dog is called Biscuit", "My cat is called Mitten", "My birthday is on 17 March"),
)


@pytest.mark.parametrize("newer", OF_EACH_KIND)
def test_no_fact_replaces_one_that_says_something_else_of_the_person(newer: str) -> None:
    for older in OF_EACH_KIND:
        [before] = pattern_facts([(1, older)], Known())
        [after] = pattern_facts([(2, newer)], Known(counted=[held(before)]))
        assert after.replaces_id is None, older


@pytest.mark.parametrize(
    ("older", "newer"),
    [
        *(("Меня зовут Илья", "Меня зовут Пётр"), ("Мне 34 года", "Мне 35 лет"), ("Живу в Твери", "Живу в Ржеве")),
        *(("Живу в Твери", "Я переехал в Казань"), ("Мою жену зовут Марина", "Мою жену зовут Ольга")),
        *(("My name is Mark", "My name is Luke"), ("I live near Leeds", "I moved to York"), ("I'm 34", "I'm 35")),
        *(("My dog is called Biscuit", "My dog is called Rex"), ("I work in York", "I work at the harbour")),
    ],
)
def test_a_fact_replaces_what_it_contradicts(older: str, newer: str) -> None:
    [before] = pattern_facts([(1, older)], Known())
    [after] = pattern_facts([(2, newer)], Known(counted=[held(before)]))
    assert after.replaces_id == 7


@pytest.mark.parametrize(
    ("older", "newer", "now"),
    [
        ("Боюсь высоты", "Я больше не боюсь высоты", "Собеседник не боится высоты"),
        ("Боюсь высоты", "Представляешь, уже совсем не боюсь высоты!", "Собеседник не боится высоты"),
        ("Боюсь высоты", "Больше не боюсь.", "Собеседник не боится высоты"),
        ("Боюсь высоты", "Я перестала бояться высоты", "Собеседник не боится высоты"),
        ("Люблю устрицы", "Теперь не люблю устрицы", "Собеседник не любит устрицы"),
        ("Не люблю устрицы", "Теперь люблю устрицы", "Собеседник любит устрицы"),
        ("Увлекаюсь марками", "Больше не увлекаюсь марками", "Собеседник не увлекается марками"),
        ("I'm afraid of heights", "I'm no longer afraid of heights", "The person is not afraid of heights"),
    ],
)
def test_what_is_over_ends_the_fact(older: str, newer: str, now: str) -> None:
    [before] = pattern_facts([(1, older)], Known())
    [after] = pattern_facts([(2, newer)], Known(counted=[held(before)]))
    assert (after.text, after.replaces_id, after.restates_id) == (now, 7, None)


def test_what_ends_within_the_same_messages_is_no_fact_and_out_of_the_blue_it_tells_nothing() -> None:
    assert pattern_facts([(1, "Боюсь высоты"), (2, "Шутки в сторону: больше не боюсь высоты")], Known()) == []
    assert pattern_facts([(2, "Больше не боюсь пауков")], Known()) == []
    [before] = pattern_facts([(1, "Боюсь высоты")], Known())
    known = Known(counted=[held(before)])
    assert pattern_facts([(2, "Больше не боюсь пауков")], known) == []


def held(fact: NewFact) -> HeldFact:
    return HeldFact(
        id=7,
        **{name: getattr(fact, name) for name in ("message_id", "text", "roots", "key_hash", "replaces_id", "made_by")},
        times=1,
        pinned_at=None,
        forgotten_upto=None,
        said_at=None,
        role=Role.USER,
        is_hidden=False,
    )


async def test_what_a_message_states_is_kept_and_told_when_asked_for(talk: Talk) -> None:
    said = [await talk.say(text) for text in ("Меня зовут Илья, живу в Твери", "Я переехал в Казань", "Что нового?")]
    for each in said:
        await learn_from(talk.database, talk.dialog_id, await talk.path(each), [each])
    assert not await learn_from(talk.database, talk.dialog_id, await talk.path(), said), (
        "read again they say nothing new"
    )
    assert await talk.known() == ["Собеседника зовут Илья", "Собеседник живёт в Казани"]
    assert all(each.made_by == MadeBy.EXCERPTS for each in (await talk.judged_by()).counted)
    prompt = Prompt((PromptMessage(Role.USER, "Помнишь, где я живу?"),), MARINA, memory=tuple(await talk.known()))
    assert "Ты живёшь в Казани." in reply_to(prompt)


async def test_what_was_corrected_by_hand_is_not_taught_again_by_its_message(talk: Talk) -> None:
    said = await talk.say("Я живу в Твери, боюсь высоты")
    await learn_from(talk.database, talk.dialog_id, await talk.path(), [said])
    home = next(each for each in (await talk.judged_by()).counted if "Твери" in each.text)
    right = await asyncio.to_thread(new_fact, "Собеседник живёт в Ржеве", "", 0)
    made_by_hand = {"made_by": MadeBy.PERSON, "edited_at": now(), "key_hash": right.key_hash}
    await talk.change(home.id, text=right.text, roots=" ".join(right.roots), **made_by_hand)
    assert not await learn_from(talk.database, talk.dialog_id, await talk.path(), [said])
    assert await talk.known() == ["Собеседник живёт в Ржеве", "Собеседник боится высоты"]


async def test_nothing_is_kept_while_memory_is_off_or_of_what_is_to_be_forgotten(talk: Talk) -> None:
    said = await talk.say("Я живу в Твери")
    async with talk.database.write() as db:
        (await db.get_one(Dialog, talk.dialog_id)).memory_off = True
    assert not await learn_from(talk.database, talk.dialog_id, await talk.path(), [said])
    async with talk.database.write() as db:
        (await db.get_one(Dialog, talk.dialog_id)).memory_off = False
    assert await learn_from(talk.database, talk.dialog_id, await talk.path(), [said])
    await talk.forget((await talk.judged_by()).counted[0].id)
    assert not await learn_from(talk.database, talk.dialog_id, await talk.path(), [said])
    async with talk.database.read() as db:
        assert await messages_left_out(db, talk.dialog_id) == {said}


async def test_switched_on_again_memory_learns_nothing_from_before_everything_was_forgotten(talk: Talk) -> None:
    said = [await talk.say(text) for text in ("Я живу в Твери", "Боюсь высоты", "Так и есть, живу в Твери")]
    await learn_from(talk.database, talk.dialog_id, await talk.path(), said[:1])
    await talk.forget((await talk.judged_by()).counted[0].id)
    async with talk.database.write() as db:
        await forget_everything(db, await db.get_one(Dialog, talk.dialog_id))
    assert not await learn_from(talk.database, talk.dialog_id, await talk.path(), said)
    async with talk.database.read() as db:
        assert await messages_left_out(db, talk.dialog_id) == {said[0]}
    new = await talk.say("Я живу в Твери")
    assert await learn_from(talk.database, talk.dialog_id, await talk.path(), [new])
    async with talk.database.write() as db:
        await lift_forgetting(db, talk.dialog_id)
    await learn_from(talk.database, talk.dialog_id, await talk.path(), said)
    assert await talk.known() == ["Собеседник боится высоты", "Собеседник живёт в Твери"], "asked for, the old teaches"
    assert [each.message_id for each in await talk.entries()] == [new, said[1]]


async def test_nothing_is_kept_where_all_was_forgotten_while_it_was_looked_for(
    talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = await talk.say("Я живу в Твери")
    loop = asyncio.get_running_loop()

    async def forget_all() -> None:
        async with talk.database.write() as db:
            (await db.get_one(Dialog, talk.dialog_id)).memory_off = True

    def found_meanwhile(messages: Iterable[tuple[int, str]], known: Known) -> list[NewFact]:
        asyncio.run_coroutine_threadsafe(forget_all(), loop).result(timeout=30)
        return pattern_facts(messages, known)

    monkeypatch.setattr(pattern_learning, "pattern_facts", found_meanwhile)
    assert not await learn_from(talk.database, talk.dialog_id, await talk.path(), [said])
    assert await talk.known() == []


def test_every_fact_of_a_pattern_is_borne_out_by_its_message() -> None:
    """In the talk by which models are judged: nothing is read into it."""
    facts = pattern_facts(enumerate((each.said for each in TURNS), 1), Known())
    assert len(facts) >= 10
    assert not [each for each in facts if each.text.split()[-1].lower() not in TURNS[each.message_id - 1].said.lower()]

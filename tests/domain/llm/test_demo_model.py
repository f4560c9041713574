"""Demo model: conversations as a person trying the product without a key would have them."""

import re
import time
from collections.abc import Sequence
from contextlib import aclosing
from itertools import pairwise

import pytest

from domain.llm.demo_model import MOST_SENTENCES, DemoModel
from domain.llm.demo_phrases import PHRASES
from domain.llm.port import Ending, Outcome, Persona, Prompt, PromptMessage, Role

MARINA = Persona("Марина", "female", "Смотрительница маяка. Любит тишину.", ("Море", "чай", "старые карты"))
TALK = (
    *("Привет!", "Как дела?", "Что делаешь?", "Сегодня весь день шёл дождь", "Почему осенью так рано темнеет?"),
    *("да", "Мне немного грустно", "Ты любишь море?", "Расскажи сказку", "Посоветуй что-нибудь", "спасибо", "Пока!"),
)


class Conversation:
    """Asks and remembers, as the chat does."""

    def __init__(self, persona: Persona = MARINA, model: DemoModel | None = None) -> None:
        self._persona = persona
        self._model = model or DemoModel(pause=0)
        self._messages = [PromptMessage(Role.SYSTEM, f"Ты — {persona.name}.")]

    async def say(self, text: str) -> str:
        self._messages.append(PromptMessage(Role.USER, text))
        async with aclosing(self._model.reply(Prompt(tuple(self._messages), self._persona))) as pieces:
            *words, ending = [piece async for piece in pieces]
        assert ending == Ending(Outcome.DONE)
        answer = "".join(str(word) for word in words)
        self._messages.append(PromptMessage(Role.ASSISTANT, answer))
        return answer

    async def say_all(self, texts: Sequence[str]) -> list[str]:
        return [await self.say(text) for text in texts]


async def test_it_knows_its_own_name_and_story() -> None:
    talk = Conversation()
    assert "Марина" in await talk.say("Как тебя зовут?")
    assert re.search(r"смотрительница маяка|Море|чай|карты", await talk.say("Расскажи о себе"), re.IGNORECASE)
    assert re.search(r"море|чай|старые карты", await talk.say("Что ты любишь больше всего?"), re.IGNORECASE)


async def test_it_learns_the_persons_name() -> None:
    talk = Conversation()
    assert "Тебя" not in await talk.say("Как меня зовут?")
    await talk.say("Кстати, меня зовут аня")
    await talk.say("Сегодня холодно")
    assert "Аня" in await talk.say("Помнишь, как меня зовут?")


async def test_it_quotes_what_the_person_said_before() -> None:
    talk = Conversation()
    await talk.say("У меня живёт рыжий кот Апельсин")
    await talk.say("А ещё я вчера весь вечер чинил велосипед")
    assert "рыжий кот" in await talk.say("Помнишь моего кота?")
    assert "велосипед" in await talk.say("А помнишь, что я говорил про велосипед?")


async def test_it_does_not_pretend_to_remember_what_was_never_said() -> None:
    talk = Conversation()
    await talk.say("А ещё я вчера весь вечер чинил велосипед")
    assert "велосипед" not in await talk.say("Помнишь мою собаку?")


@pytest.mark.parametrize("text", ["Я вчера долго смотрел на море", "Обожаю чаем согреваться", "Нашёл карту в книге"])
async def test_a_mention_of_its_interest_catches_its_ear(text: str) -> None:
    assert re.search(r"море|чай|старые карты", await Conversation().say(text), re.IGNORECASE)


async def test_a_word_that_only_looks_like_an_interest_does_not() -> None:
    persona = Persona("Марина", interests=("чай",))
    answers = [await Conversation(persona).say(text) for text in ("Часы опять стоят", "Чаща была тёмной")]
    known = [phrase.partition("{")[0] for phrase in PHRASES["ru"]["interest"] if not phrase.startswith("{")]
    assert not any(start in answer for answer in answers for start in known)


@pytest.mark.parametrize(
    ("gender", "said", "never"),
    [
        ("female", r"\b(рада|поняла|ждала|думала|добрая)\b", r"\b(рад|понял|ждал|думал|добрый)\b"),
        ("male", r"\b(рад|понял|ждал|думал|добрый)\b", r"\b(рада|поняла|ждала|думала|добрая)\b"),
        ("", "", r"\b(рад|рада|понял|поняла|ждал|ждала|думал|думала|добрый|добрая)\b"),
    ],
)
async def test_it_speaks_in_its_own_gender(gender: str, said: str, never: str) -> None:
    talk = Conversation(Persona("Саша", gender))
    answers = "\n".join(await talk.say_all(["Привет", "да", "Я так счастлива!", "Посоветуй что-нибудь"] * 8)).lower()
    assert re.search(said, answers)
    assert not re.search(never, answers)


async def test_it_answers_in_the_language_it_is_spoken_to() -> None:
    talk = Conversation(Persona("Bob", "male", "A lighthouse keeper.", ("jazz", "море")))
    for text in ("Hello!", "What do you like?", "I feel sad today", "What should I do?", "Bye"):
        assert not re.search("[а-я]", await talk.say(text), re.IGNORECASE)
    assert re.search("[а-я]", await talk.say("А теперь по-русски, как дела?"))


async def test_the_same_words_get_ever_new_answers() -> None:
    answers = await Conversation().say_all(["Привет"] * 6)
    assert len(set(answers)) == 6
    answers = await Conversation().say_all(["Сегодня снова дождь"] * 30)
    assert all(one != another for one, another in pairwise(answers))


async def test_asked_once_more_it_finds_other_words() -> None:
    first = await Conversation().say("Расскажи о себе")
    assert await Conversation().say("Расскажи о себе") == first
    model = DemoModel(pause=0)
    tries = [await Conversation(model=model).say("Расскажи о себе") for _ in range(4)]
    assert tries[0] == first
    assert all(one != another for one, another in pairwise(tries))


async def test_replies_are_short_and_every_place_is_filled() -> None:
    for persona in (MARINA, Persona("Эхо"), Persona("")):
        for answer in await Conversation(persona).say_all(TALK * 3):
            prose = re.sub(r"^- .*$", "", answer, flags=re.MULTILINE)
            assert answer.strip()
            assert len(re.findall(r"[.!?…]+(?=[\s»*]|$)", prose)) <= MOST_SENTENCES
            assert not re.search(r"[{}\[\]|]|  |«»|\*\*\*\*", answer)


async def test_it_uses_a_little_markdown() -> None:
    assert re.search(r"\n\n- .+\n- .+\n- .+\n\n", await Conversation().say("Составь мне список дел на вечер"))
    answers = await Conversation().say_all(TALK)
    assert any(re.match(r"\*[^*]+\* ", answer) for answer in answers)


async def test_strange_messages_do_not_confuse_it() -> None:
    talk = Conversation(Persona("Ма{р}ина", "female", "{bio} [a|b|c] " * 40, ("{x}", "a|b", "", "  ")))
    strange = ("😀", "", "???", "{name} {0} %s", "[а|б|в]", "\\", "меня зовут", "меня зовут {person}", "ы" * 5000)
    for answer in await talk.say_all(strange):
        assert answer.strip()


async def test_it_sends_a_person_in_despair_to_people() -> None:
    talk = Conversation()
    assert all("112" in answer for answer in await talk.say_all(["Я не хочу жить", "хочу умереть", "я убью себя"]))


async def test_it_owns_up_to_being_a_demo() -> None:
    assert "демо" in await Conversation().say("Ты бот?")
    assert "демо" in await Conversation().say("скажи честно, ты нейросеть?")
    assert DemoModel().is_demo


async def test_words_come_one_by_one_at_reading_speed() -> None:
    started = time.monotonic()
    prompt = Prompt((PromptMessage(Role.USER, "Привет!"),), MARINA)
    async with aclosing(DemoModel(pause=0.01).reply(prompt)) as pieces:
        words = [piece async for piece in pieces if isinstance(piece, str)]
    assert len(words) > 3
    assert max(map(len, words)) < 25
    assert time.monotonic() - started > 0.01 * len(words)


def test_every_phrase_has_all_its_forms() -> None:
    phrases = [(kind, each) for book in PHRASES.values() for kind, options in book.items() for each in options]
    assert all(re.fullmatch(r"[^\[\]|]*(\[[^\[\]|]*\|[^\[\]|]*\|[^\[\]|]*\][^\[\]|]*)*", each) for _, each in phrases)
    assert PHRASES["ru"].keys() == PHRASES["en"].keys()

"""Sample data, characters: composed of occupations, names, towns and habits, with agreeing grammatical gender."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from itertools import accumulate
from random import Random

from domain.characters.card_language import card_language
from domain.characters.search_index import name_key
from domain.model.character import PORTRAITS, AgeMark, Character, Gender
from domain.sample_data.biographies import HABITS, PASTS, SPEECH, TRAITS, WELCOMES, Being, Trade, beings, trades
from domain.sample_data.names import agreed, counted, somebody, town, words

AGE_MARKS = tuple(AgeMark)
AGE_MARK_WEIGHTS = (8, 14, 46, 24, 8)
BEINGS, PRIVATE, SURNAMELESS = 0.08, 0.05, 0.2


def some_character(chance: Random, owner_id: int, created_at: datetime) -> Character:
    """A random character without id; it would pass `validation.check`."""
    if chance.random() < BEINGS:
        character = _being(chance, owner_id, chance.choice(beings()))
    else:
        character = _human(chance, owner_id, chance.choice(trades()))
    character.age_mark = chance.choices(AGE_MARKS, AGE_MARK_WEIGHTS)[0]
    character.portrait = chance.randrange(PORTRAITS)
    character.is_public = chance.random() > PRIVATE
    character.name_key = name_key(character.name)
    character.language = card_language(character)
    character.created_at = character.updated_at = created_at
    return character


def _human(chance: Random, owner_id: int, trade: Trade) -> Character:
    name = somebody(chance)
    is_woman = name.is_woman
    calling = trade.she if is_woman else trade.he
    city, of_city = town(chance)
    age = chance.randint(22, 74)
    years = counted(chance.randint(2, age - 19), "год", "года", "лет")
    past, habit, traits, speech = _manner(chance, is_woman=is_woman)
    return Character(
        owner_id=owner_id,
        name=name.first if chance.random() < SURNAMELESS else name.full,
        gender=Gender.FEMALE if is_woman else Gender.MALE,
        teaser=_sentence(f"{calling} из {of_city}: {trade.does}"),
        bio=f"{name.first} — {calling}, город {city}. Уже {years} работает {trade.where}: {trade.does}.\n\n"
        f"{past} {habit}",
        context=f"Ты — {name.full}, {calling} из {of_city}, тебе {counted(age, 'год', 'года', 'лет')}. "
        f"Работаешь {trade.where}.\n\n{_rules(traits, speech)}",
        greeting=_greeting(chance, name.first, trade, is_woman=is_woman),
        interests=_interests(chance, trade),
    )


def _being(chance: Random, owner_id: int, being: Being) -> Character:
    name = chance.choice(being.names)
    trade = being.trade
    _past, habit, traits, speech = _manner(chance, is_woman=False)
    return Character(
        owner_id=owner_id,
        name=name,
        gender=Gender.OTHER,
        teaser=_sentence(f"{trade.he}: {trade.does}"),
        bio=f"{name} — {trade.he}. Обитает {trade.where} и {trade.does}.\n\n{habit}",
        context=f"Ты — {name}, {trade.he}. Обитаешь {trade.where}.\n\n{_rules(traits, speech)}",
        greeting=_greeting(chance, name, trade, is_woman=False),
        interests=_interests(chance, trade),
    )


def _manner(chance: Random, *, is_woman: bool) -> tuple[str, str, str, str]:
    """A background, a habit, traits, and a way of speaking."""
    traits = ", ".join(chance.sample(TRAITS, 3))
    texts = (chance.choice(PASTS), chance.choice(HABITS), traits, chance.choice(SPEECH))
    past, habit, traits, speech = (agreed(text, with_woman=is_woman) for text in texts)
    return past, habit, traits, speech


def _rules(traits: str, speech: str) -> str:
    return (
        f"Характер: {traits}.\nРечь: {speech}.\n\n"
        "Отвечай двумя–пятью предложениями и не выходи из образа. Не говори и не действуй за собеседника."
    )


def _greeting(chance: Random, name: str, trade: Trade, *, is_woman: bool) -> str:
    saying = agreed(trade.saying, with_woman=is_woman)
    return chance.choice(WELCOMES).format(name=name, saying=saying)


def _interests(chance: Random, trade: Trade) -> list[str]:
    known = words("интересы, частые сначала")
    others = chance.choices(known, cum_weights=_fondness(len(known)), k=chance.randint(0, 4))
    return list(dict.fromkeys([*trade.interests, *others]))


@cache
def _fondness(interests: int) -> tuple[float, ...]:
    """Cumulative weights of the interests: a few are shared by many, many by few."""
    return tuple(accumulate(1 / (place + 2) for place in range(interests)))


def _sentence(text: str) -> str:
    return text[0].upper() + text[1:]

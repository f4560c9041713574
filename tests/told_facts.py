"""Sentences that are worth remembering, as a faithful summariser finds them: by pattern, with synonyms to search by."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

SENTENCE = re.compile(r"[^.!?…\n]+[.!?…]*")
PATTERNS = {
    "name": r"меня зовут",
    "name of {}": r"\b(?:мо\w{1,2}|наш\w*) (\w+) зовут",
    "called {}": r"\b(?:у меня|у нас) (?:есть |живёт )?(\w+) по (?:имени|кличке)",
    "age": r"\bмне \w+ (?:год|лет)",
    "home": r"\bя (?:теперь |сейчас )?жив[уё]т?\b|\bя (?:теперь )?переехал",
    "work": r"\bя (?:теперь |сейчас )?работаю|\bмоя (?:новая )?работа",
    "likes": r"\bя (?:очень )?люблю",
    "dislikes": r"\bя (?:не люблю|терпеть не могу)",
    "fears": r"\bя (?:очень )?боюсь",
    "health": r"\bу меня (?:аллергия|болит|диабет|астма)",
    "owns {}": r"\bу меня (?:есть|дома) (\w+)",
    "promise": r"\bобещаю|\bдаю слово|\bклянусь",
    "deal": r"\bмы договорились|\bдоговорились,",
    "first": r"\bсначала я\b",
    "later": r"\bа потом я\b",
    "plan": r"\bя (?:решил|собираюсь|поступаю|уезжаю|мечтаю)",
}
NEWS = re.compile(r"\bтеперь\b|\bбольше не\b|\bпереехал|\bнов[ауы]", re.IGNORECASE)
SYNONYMS = {
    "соба": "пёс",
    "щен": "собака",
    "кошк": "кот, питомец",
    "ребён": "дети, сын, дочь",
    "дочь": "ребёнок, дочка",
    "сестр": "родня",
    "брат": "родня",
    "врач": "доктор, медик",
    "доктор": "врач",
    "машин": "автомобиль",
    "автомоб": "машина",
    "квартир": "жильё, дом",
    "жив": "дом, город, жильё",
    "перееха": "дом, город, жильё",
    "работа": "профессия, должность, служба",
    "аллерг": "болезнь, здоровье, нельзя",
    "диабет": "сахар, сладкое, болезнь",
    "боюсь": "страх, пугает",
    "обеща": "слово, клятва, уговор",
    "зовут": "имя",
    "велосипед": "байк",
    "письмо": "послание",
}
"""What a model knows of words: those that begin so mean these as well."""
SHORTEST_KEY = 4
MOST_KEYS = 5


@dataclass(frozen=True)
class Told:
    """A sentence with a fact. Two with one `subject` are about the same thing, perhaps with different content."""

    text: str
    subject: str
    keys: tuple[str, ...]
    is_news: bool


def facts_in(text: str) -> Iterator[Told]:
    for sentence in (each.strip() for each in SENTENCE.findall(text)):
        low = sentence.lower()
        for subject, pattern in PATTERNS.items():
            if found := re.search(pattern, low):
                about = subject.format(found[1][:4] if found.groups() else "")
                yield Told(sentence, about, tuple(_keys(low)), bool(NEWS.search(low)))
                break


def _keys(sentence: str) -> list[str]:
    words = re.findall(r"\w+", sentence)
    other = [synonym for word in words for start, synonym in SYNONYMS.items() if word.startswith(start)]
    own = sorted((word for word in words if len(word) >= SHORTEST_KEY), key=len, reverse=True)
    return list(dict.fromkeys([*", ".join(other).split(", "), *own]) if other else dict.fromkeys(own))[:MOST_KEYS]


def first_clause(text: str) -> str:
    """The text up to its first comma or the end of its first sentence."""
    found = re.match(r"\s*[^,.!?…;:\n]{3,120}", text)
    return found[0].strip() if found else text.strip()[:80]

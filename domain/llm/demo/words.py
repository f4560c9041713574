"""Demo model, words: Russian words in the forms that a sentence needs; only those that the dictionary knows."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from domain.dictionary import dictionary

NOMINATIVE, ACCUSATIVE, PREPOSITIONAL = "nomn", "accs", "loct"
SPEAKING = ("NOUN", "VERB", "INFN", "ADJF", "ADJS", "PRTF", "PRTS")
COMMON_WORDS = """
быть мочь хотеть знать стать сказать говорить рассказать думать делать очень весь этот свой самый который какой такой
другой человек время день год раз дело вещь слово вопрос ответ место жизнь сторона час минута что-то тот тема смысл
случай образ тип вид род часть конец начало пора мысль сам один любить нравиться есть
жить работать идти давать видеть уметь бояться мечтать зачем почему
"""
TOO_COMMON = frozenset(COMMON_WORDS.split())
"""Lemmas too common to find a sentence by, or to be taken up."""
AUXILIARY = frozenset({"быть", "мочь", "хотеть", "есть", "стать"})
SOMEBODY = (("NOUN", "anim", "sing", NOMINATIVE), ("NOUN", "anim", "sing", "voct"))
CERTAIN = 0.5
SHORTEST = 4


@lru_cache(maxsize=20_000)
def parse(word: str) -> Any:
    """The likeliest reading of a word; None if the dictionary has none."""
    return next((each for each in dictionary().parse(word.lower()) if each.is_known), None)


@lru_cache(maxsize=20_000)
def reading(word: str, *grammemes: str) -> Any:
    """The likeliest reading of a word with all these grammemes, such as `NOUN` and `nomn`; None if there is none."""
    return next(
        (each for each in dictionary().parse(word.lower()) if each.is_known and set(grammemes) in each.tag), None
    )


@lru_cache(maxsize=2_000)
def lemmas(text: str) -> frozenset[str]:
    """The dictionary forms of the words by which a text is recognised."""
    found = (parse(word) for word in words(text))
    told = {each.normal_form.replace("ё", "е") for each in found if each and each.tag.POS in SPEAKING}
    return frozenset(told - TOO_COMMON)


@lru_cache(maxsize=2_000)
def verbs(text: str) -> frozenset[str]:
    """The dictionary forms of the verbs of a text, including common ones."""
    found = (parse(word) for word in words(text))
    return frozenset(each.normal_form for each in found if each and each.tag.POS in {"VERB", "INFN"}) - AUXILIARY


def words(text: str) -> list[str]:
    return re.findall(r"[^\W\d_]+(?:-[^\W\d_]+)*", text.lower())


def phrase_in(case: str, phrase: str) -> str:
    """«старая карта» → «старую карту»; "" if the phrase is not one of adjectives and a noun in the nominative."""
    told = phrase.split()
    place = next((i for i, word in enumerate(told) if not reading(word, "ADJF", NOMINATIVE)), len(told))
    noun = reading(told[place], "NOUN", NOMINATIVE) if place < len(told) else None
    if noun is None:
        return ""
    number = "plur" if noun.tag.number == "plur" else "sing"
    inflected = noun.inflect({case, number})
    if inflected is None:
        return ""
    agreeing = {case, number} | ({noun.tag.gender} - {None} if number == "sing" else set())
    if case == ACCUSATIVE and (number == "plur" or noun.tag.gender == "masc"):
        agreeing.add(noun.tag.animacy)
    adjectives = [reading(word, "ADJF", NOMINATIVE).inflect(agreeing) for word in told[:place]]
    if None in adjectives:
        return ""
    forms = [*(each.word for each in adjectives), inflected.word]
    return " ".join([*map(_cased_as, told, forms), *told[place + 1 :]])


def noun_to_take_up(text: str) -> Any:
    """The last noun of a message that is worth coming back to, as the dictionary reads it."""
    for word in reversed(words(text)):
        found = parse(word) if len(word) >= SHORTEST else None
        if (
            found
            and found.tag.POS == "NOUN"
            and found.score >= CERTAIN
            and found.tag.number in {"sing", "plur"}
            and not {"Name", "Surn", "Patr", "Abbr"} & set(found.tag.grammemes)
            and found.normal_form.replace("ё", "е") not in TOO_COMMON
        ):
            return found
    return None


def whom_it_addresses(text: str, names: frozenset[str]) -> str:
    """«уважаемый кот», «Тихон Ильич»: the words that a text begins with, if they are somebody in the nominative."""
    address = re.match(r"[^\W\d_]+(?: [^\W\d_]+){0,2}?(?=\s*(?:[,.!?…)]|$))|[^\W\d_]+", text)
    told = address[0].split() if address else []
    *adjectives, last = told or [""]
    is_known = last in names or any(reading(last, *each) for each in SOMEBODY)
    is_whole = all(
        each in names or reading(each, "ADJF", NOMINATIVE) or reading(each, *SOMEBODY[0]) for each in adjectives
    )
    return address[0] if address and is_known and is_whole else ""


def about(noun: Any) -> str:
    """«о собаке», «об осени»; "" if it has no such form."""
    form = noun.inflect({PREPOSITIONAL, noun.tag.number})
    if form is None:
        return ""
    return f"{'об' if form.word[0] in 'аоуэи' else 'о'} {form.word}"


def in_case(noun: Any, case: str) -> str:
    form = noun.inflect({case, noun.tag.number})
    return form.word if form else ""


def is_name(word: str) -> bool:
    found = dictionary().parse(word.lower())
    return any({"Name", "Surn", "Geox"} & set(each.tag.grammemes) for each in found)


def clauses(sentence: str) -> list[str]:
    """«Люблю тишину и боюсь звонков» says two things: each as a sentence of its own."""
    parts: list[str] = []
    for part in re.split(r"(?:,| и|, и|, но|, а) (?=[^\W\d_])", sentence.rstrip(".!… ")):
        first = words(part.removeprefix("не "))[:1]
        if parts and not (first and reading(first[0], "VERB", "1per")):
            return [sentence]
        parts.append(part)
    return [f"{part[:1].upper()}{part[1:]}." for part in parts]


def _cased_as(model: str, word: str) -> str:
    return word[:1].upper() + word[1:] if model[:1].isupper() else word

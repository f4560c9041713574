"""Demo model, Russian cards: the facts that a card tells in Russian."""

from __future__ import annotations

import re

from domain.dictionary import dictionary
from domain.llm.demo.card import Card, examples_of, questions_of, sentences_of, speech, told_in
from domain.llm.demo.first_person import RULE, first_person
from domain.llm.demo.words import parse, reading
from domain.llm.port import Persona

NUMBER_WORDS = (
    r"(?:двадцать|тридцать|сорок|пятьдесят|шестьдесят|семьдесят|восемьдесят|девяносто|сто|двести|триста|четыреста"
    r"|пятьсот|шестьсот|семьсот|восемьсот|девятьсот|тысяча)"
    r"(?: (?:двадцать|тридцать|сорок|пятьдесят|шестьдесят|семьдесят|восемьдесят|девяносто))?"
    r"(?: (?:один|одна|два|две|три|четыре|пять|шесть|семь|восемь|девять))?"
    r"|один|два|три|четыре|пять|шесть|семь|восемь|девять|десять|одиннадцать|двенадцать|тринадцать|четырнадцать"
    r"|пятнадцать|шестнадцать|семнадцать|восемнадцать|девятнадцать"
)
NUMBER = rf"(?:\d{{1,4}}|{NUMBER_WORDS})"
YEARS = r"(?:лет|год|года|годик\w*)\b(?! назад)"
PLACE = re.compile(
    r"\b(жив[её]\w+|живу|обита\w+|юти\w+|родом|служи\w+|работа\w+|приехал\w*)"
    r"(?: сейчас| теперь| один| одна| уже| давно| всю жизнь)?"
    r" ((?:в|во|на|под|за|у|близ|при|из|с|среди|недалеко от|рядом с) [^,.;:—()\n!?]{3,60})",
    re.IGNORECASE,
)
PLACE_VERBS = {"жив": "Живу", "юти": "Живу", "оби": "Обитаю", "род": "Я родом", "слу": "Служу", "раб": "Работаю"}
HOMES = ("Живу", "Обитаю", "Я родом")
YEAR = re.compile(
    r"\b(\d{3,4})[- ]?(?:й|м|го)?[ -](?:году?|года)\b"
    r"|\b([XVI]{2,5}|[а-яё]+(?:надцат|дцат)ый|[а-яё]+(?:надцатого|дцатого)) век"
)
PET_WORDS = """
кот кошка котенок пес собака щенок попугай галка ворон ворона мышь конь лошадь кобыла крыса хомяк сова дракон фикус
сокол еж лис лиса корова коза заяц кролик черепаха рыбка
"""
FAMILY_WORDS = """
мама мать папа отец сестра брат сын дочь дочка муж жена бабушка дедушка дед тетя дядя внук внучка племянник племянница
невеста жених близнец ребенок няня
"""
FRIEND_WORDS = """
друг подруга напарник напарница ученик ученица учитель коллега сосед соседка капитан юнга
"""
PETS, FAMILY, FRIENDS = (frozenset(words.split()) for words in (PET_WORDS, FAMILY_WORDS, FRIEND_WORDS))
DEAR = PETS | FAMILY | FRIENDS

WORDS_OF_A_FULL_NAME = range(2, 5)


def russian_card(persona: Persona) -> Card:
    told = told_in(persona)
    spoken = speech(persona.greeting)
    job = _job(persona)
    sources = [*sentences_of(told), *(each for each in sentences_of(spoken) if _is_of_me(each))]
    facts = dict.fromkeys(fact for each in sources if (fact := first_person(each, persona.name)))
    return Card(
        facts=tuple(each for each in facts if not (job and each.startswith("Я —"))),
        full_name=_full_name(persona),
        age=_age(told, persona.name),
        place=_place(told, job),
        job=job,
        year=_year(told),
        dear=tuple(_dear(f"{told}\n{spoken}", f"{persona.name} {_full_name(persona)}")),
        questions=questions_of(spoken),
        examples=examples_of(persona),
    )


def _is_of_me(sentence: str) -> bool:
    return bool(re.search(r"\b(я|меня|мне|мой|моя|моё|мои)\b", sentence, re.IGNORECASE)) and "?" not in sentence


def _introduction(persona: Persona) -> list[str]:
    """The parts of «Ты — Имя Фамилия, двадцать лет, лесник»."""
    found = re.match(r"\s*(?:Ты|Вы|Я)\s*(?:[—–-]\s*)?([^.\n]+)", persona.context) or re.match(
        r"\s*[^.\n—–]{1,60}\s[—–-]\s([^.\n]+)", persona.bio
    )
    return [part.strip() for part in found[1].split(",")] if found else []


def _full_name(persona: Persona) -> str:
    names = set(persona.name.split())
    parts = [part for part in _introduction(persona) if names & set(part.split())]
    words = [word for word in parts[0].split() if word[:1].isupper()] if parts else []
    is_full = len(words) in WORDS_OF_A_FULL_NAME and all(word[:1].isupper() for word in words)
    return " ".join(words) if is_full else persona.name


def _age(told: str, name: str) -> str:
    stem = re.escape((name.split() or ["—"])[0][:-1] or "—")
    patterns = (
        rf"\b(?:тебе|ему|ей|мне|{stem}[а-яё]{{0,2}})(?: [а-яё]+ич\w+)?(?: всего| уже| почти| около| лет)? ({NUMBER})\b",
        rf"[,(—–-] ?(?:тебе |ей |ему )?({NUMBER}) {YEARS}",
        rf"\bвозраст\w*:? ?[—–-]? ?({NUMBER})\b",
        rf"\b({NUMBER})[- ]?летн\w+",
    )
    found = next((hit[1] for pattern in patterns if (hit := re.search(pattern, told, re.IGNORECASE))), "")
    return f"{found.lower()} {_years(found.lower())}" if found else ""


def _years(number: str) -> str:
    last = number.rsplit(maxsplit=1)[-1]
    if last.isdigit():
        ones = "" if last[-2:-1] == "1" else last[-1]
        return {"1": "год", **dict.fromkeys("234", "года")}.get(ones, "лет")
    return {"один": "год", "одна": "год", **dict.fromkeys(("два", "три", "четыре"), "года")}.get(last, "лет")


def _place(told: str, job: str) -> str:
    """A sentence about where the character lives, else where it comes from, else where it works."""
    hits = [hit for hit in PLACE.finditer(told) if not RULE.search(hit[0])]
    found = {
        verb: f"{verb} {re.split(r' и | а | но |, ', hit[2].strip())[0]}"
        for stem, verb in PLACE_VERBS.items()
        for hit in reversed(hits)
        if hit[1].lower().startswith(stem)
    }
    return next((found[verb] for verb in HOMES if verb in found), "") or _origin(job) or next(iter(found.values()), "")


def _origin(job: str) -> str:
    """«переводчик из Пскова», «садовый робот на орбитальной станции»"""
    if town := re.search(r" (из [А-ЯЁ]\w+)", job):
        return f"Я {town[1]}"
    place = re.search(r" ((?:на|в|во) .+)", job)
    return f"Моё место — {place[1]}" if place else ""


def _is_a_new_word(word: str) -> bool:
    """«лучница»: a word that the dictionary lacks, but reads as a noun in the nominative."""
    found = dictionary().parse(word.lower())[0]
    return not found.is_known and {"NOUN", "nomn"} in found.tag


def _job(persona: Persona) -> str:
    introduced = [each for each in _introduction(persona) if _names(each, persona.name)]
    teaser = re.split(r"[.:,;—]", persona.teaser)[0].strip()
    candidates = [*introduced, *([teaser] if _names(teaser, persona.name, "anim") else [])]
    return next((each for each in candidates if not RULE.search(each) and not re.search(YEARS, each)), "")


def _names(phrase: str, name: str, *grammemes: str) -> bool:
    """«старый смотритель маяка»: adjectives, then a noun that says what somebody is."""
    if set(phrase.split()) & set(name.split()):
        return False
    for word in phrase.split():
        if word[:1].isupper():
            return False
        if reading(word, "NOUN", "nomn", *grammemes) or _is_a_new_word(word):
            return True
        if not (reading(word, "ADJF", "nomn") or reading(word, "PRTF", "nomn")):
            return False
    return False


def _year(told: str) -> str:
    found = YEAR.search(told)
    if found:
        return f"{found[1]} год" if found[1] else found[0].replace("ого век", "ый век")
    return "наши дни" if re.search(r"наши дни|наших дней", told, re.IGNORECASE) else ""


def _dear(told: str, told_of: str) -> list[tuple[str, str]]:
    found: dict[tuple[str, str], None] = {}
    for hit in re.finditer(r"\b([а-яё]{3,})(?: по имени| по кличке|,)? «?([А-ЯЁ][а-яё]{2,})\b", told):
        noun = parse(hit[1])
        if noun is None or noun.normal_form.replace("ё", "е") not in DEAR:
            continue
        name = hit[2]
        if noun.tag.case != "nomn" and "по " not in hit[0]:
            read = reading(name, "NOUN", noun.tag.case or "nomn") or parse(name)
            back = read.inflect({"nomn", "sing"}) if read is not None else None
            name = back.word.capitalize() if back else ""
        if name and name not in told_of.split():
            found[noun.normal_form, name] = None
    return list(found)

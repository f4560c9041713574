"""Demo model, first person: a sentence of a card as the character would say it of itself.

«Ты живёшь у моря» and «Марина живёт у моря» become «Я живу у моря». What tells the model how to behave is the author's
secret and never said; what cannot be turned with certainty is left out.
"""

from __future__ import annotations

import re

from domain.llm.demo.words import parse, reading

RULE = re.compile(
    r"собеседник|пользовател|реплик|правил|из образа|в образе|нейросет|предложени|курсив|инструкци|персонаж|диалог|сцен"
    r"|отвеча|на «|\bроль|\bроли|{{|сюжет|о себе в|откровенн|романтик|флирт|насили|выдумыва|запрещ|нельзя"
    r"|на самом деле|не зна|не подозрева|никому|никто не|никогда не|всегда|секрет|тайн|скрыва|не призна|не раскрыва"
    r"|не говор|не расска",
    re.IGNORECASE,
)
"""Matches sentences that are instructions, or that the author wants to be kept secret."""
SUBORDINATE = re.compile(
    r",? (?:котор\w+|где|когда|что|чтобы|если|пока|потому|хотя|ведь|и котор\w+)\b.*$", re.IGNORECASE
)
CUT_SHORT = re.compile(r"\b(так|так\w{2,3}|настолько|столько|то|тот|та|те|того|тем)( \w+)?$", re.IGNORECASE)
"""End of a clause that needs the next one: «так крепко, что…»."""
LONGEST = 220
SHORTEST = 3
OF_YOU = {
    "ты": "я",
    "тебя": "меня",
    "тебе": "мне",
    "тобой": "мной",
    "тобою": "мной",
    **{
        f"тво{end}": f"мо{end}"
        for end in ("й", "я", "ё", "е", "и", "его", "ей", "ему", "ю", "им", "ём", "ем", "их", "ими")
    },
}
OF_ME = re.compile(r"\b(я|меня|мне|мной|мой|моя|моё|мое|мои|моего|моей|моих|мою|моём)\b", re.IGNORECASE)
UNTURNED = re.compile(
    r"\b(его|её|ее|ему|ей|им|него|неё|нее|нему|ней|ним|они|их|он|она|ты|тебя|тебе|вы|вас)\b", re.IGNORECASE
)
TOKEN = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*|\W+|\w+")


def first_person(sentence: str, name: str) -> str:
    """The sentence in the first person, unchanged if it is in that already; "" if it cannot be said."""
    told = " ".join(sentence.split())
    if len(told.split()) < SHORTEST or len(told) > LONGEST or "?" in told or RULE.search(told) or _commands(told):
        return ""
    if re.search(r"\b(ты|теб[яе]|тобой|тво\w+)\b", told, re.IGNORECASE) or _begins_with(told, "2per"):
        said = _from_you(told)
    elif OF_ME.search(told) or _begins_with(told, "1per"):
        said = told
    else:
        said = _from_her(told, name)
    return said[:1].upper() + said[1:]


def _from_you(told: str) -> str:
    turned = []
    for token in TOKEN.findall(told):
        if token.lower() in OF_YOU:
            turned.append(_cased_as(token, OF_YOU[token.lower()]))
            continue
        verb = reading(token, "VERB", "2per", "sing") if token[:1].isalpha() else None
        mine = verb.inflect({"1per", "sing"}) if verb else None
        if verb and mine is None:
            return ""
        turned.append(_cased_as(token, mine.word) if mine else token)
    said = "".join(turned)
    return re.sub(r"\b([Сс]) мной", r"\1о мной", re.sub(r"\b([Оо])б? мне", r"\1бо мне", said))


def _from_her(told: str, name: str) -> str:
    """From the third person, only where the sentence is certainly about the character."""
    names = "|".join(map(re.escape, [*name.split()[:1], "Он", "Она", "Оно"]))
    subject = re.match(rf"(?:{names})\b", told)
    if subject is None and not any(_begins_with(told, form) for form in ("3per", "past", "ADJS", "PRTS")):
        return ""
    if short := SUBORDINATE.sub("", told):
        if CUT_SHORT.search(short):
            return ""
        told = short if short[-1] in ".!?…" else f"{short}."
    rest = told[subject.end() :] if subject else told
    turned, nominatives = [], 0
    for token in TOKEN.findall(rest):
        found = parse(token) if token[:1].isalpha() else None
        if found is not None and found.tag.POS in {"NOUN", "NPRO"} and found.tag.case == "nomn":
            nominatives += 1
        verb = reading(token, "VERB", "3per", "sing") if found is not None and found.tag.POS == "VERB" else None
        mine = verb.inflect({"1per", "sing"}) if verb else None
        if verb and (nominatives or mine is None):
            return ""
        turned.append(_cased_as(token, mine.word) if mine else token)
    said = ("Я" if subject else "") + "".join(turned)
    return "" if UNTURNED.search(said) or len(said.split()) < SHORTEST else said


def _begins_with(told: str, form: str) -> bool:
    first = re.match(r"(?:не )?([^\W\d_]+)", told, re.IGNORECASE)
    found = parse(first[1]) if first else None
    return found is not None and form in found.tag and "plur" not in found.tag


def _commands(told: str) -> bool:
    found = (parse(word) for word in re.findall(r"[^\W\d_]+", told))
    return any(each is not None and each.tag.mood == "impr" for each in found)


def _cased_as(model: str, word: str) -> str:
    return word[:1].upper() + word[1:] if model[:1].isupper() else word

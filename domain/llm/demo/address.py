"""Demo model, address: «ты» or «вы», and the person's gender, from whatever shows them."""

from __future__ import annotations

import re
from collections.abc import Iterable

from domain.llm.port import Interlocutor, Persona
from domain.macros.forms import FEMALE, MALE

INFORMAL, FORMAL = "ты", "вы"

PROPOSED = {
    INFORMAL: re.compile(r"(давай|можно|перейд|лучше|говори|обращай|хочу|пожалуйста)\w*,? [^.!?]{0,40}\bна [«\"]?ты\b"),
    FORMAL: re.compile(r"(давай|можно|перейд|лучше|говори|обращай|хочу|пожалуйста)\w*,? [^.!?]{0,40}\bна [«\"]?вы\b"),
}
REFUSED = re.compile(r"\bне (надо|нужно|стоит|будем)\b[^.!?]{0,30}\bна [«\"]?(ты|вы)\b")
ADDRESSED = {
    INFORMAL: re.compile(
        r"\b(ты|тебя|тебе|тобой|твой|твоя|твое|твои|твоего|твоей|твоих|твою|твоем|привет|расскажи|скажи|покажи|дай"
        r"|помоги|посоветуй|слушай|смотри|подожди|объясни|научи|придумай|давай|знаешь|хочешь|любишь|думаешь|можешь"
        r"|извини|прости|пошли|поведай|спой|подскажи|будешь|живешь|умеешь|помнишь)\b"
    ),
    FORMAL: re.compile(
        r"\b(вы|вас|вам|вами|ваш|ваша|ваше|ваши|вашего|вашей|ваших|вашу|вашем|здравствуйте"
        r"|(?!(?:сайте|йоте)\b)[а-я]{2,}(?:йте|ите|йтесь|итесь)|знаете|хотите|любите|думаете|можете|живете|будете)\b"
    ),
}
NOT_VERBS = re.compile(r"\b(\w*(?:свите|элите|орбите|зените|граните|магните|событите|аппетите|граффити))\b")
IN_THE_CARD = re.compile(r"\bна [«\"„]?(ты|вы)\b", re.IGNORECASE)

MEANWHILE = r"\bя (?:(?:не|уже|вчера|сегодня|тоже|очень|так|просто|только|тут|сам|сама|опять|всегда|никогда|давно) )*"
"""«я» with the words that may stand between it and its verb."""
SELF = {
    FEMALE: re.compile(
        rf"{MEANWHILE}(?:рада|готова|сама|согласна|должна|устала|уверена|счастлива|голодна|\w{{2,}}ла(?:сь)?)\b"
    ),
    MALE: re.compile(
        rf"{MEANWHILE}(?:рад|готов|сам|согласен|должен|уверен|счастлив|голоден|\w{{2,}}[аеиыуя]л(?:ся)?|\w*шел)\b"
    ),
}


def form_of_address(
    newest_first: Iterable[str], person: Interlocutor, persona: Persona, usual: str, greeting: str
) -> str:
    """The form agreed on in the dialog, else the profile's, else the person's own, else the character's, else «вы»."""
    spoken = list(newest_first)
    return (
        next(filter(None, map(proposed, spoken)), "")
        or person.form_of_address
        or next(filter(None, map(addressed, spoken)), "")
        or usual
        or _of_the_card(persona, greeting)
        or FORMAL
    )


def proposed(plain: str) -> str:
    """The form that this message proposes; "" if none."""
    if REFUSED.search(plain):
        return ""
    return next((form for form, pattern in PROPOSED.items() if pattern.search(plain)), "")


def addressed(plain: str) -> str:
    """The form in which this message speaks to somebody; "" if it does not tell."""
    words = NOT_VERBS.sub("", plain)
    found = [form for form in (FORMAL, INFORMAL) if ADDRESSED[form].search(words)]
    return found[0] if found else ""


def gender_of(newest_first: Iterable[str], person: Interlocutor) -> str:
    """The gender stated in the profile, else the one in which the person speaks of themselves."""
    if person.gender:
        return person.gender
    for plain in newest_first:
        for gender, pattern in SELF.items():
            if pattern.search(plain):
                return gender
    return ""


def _of_the_card(persona: Persona, greeting: str) -> str:
    for text in (persona.context, persona.personality):
        if named := IN_THE_CARD.search(text):
            return named[1].lower()
    return addressed(greeting)

"""Form of address («ты» or «вы») and the person's gender: what reveals them, and what takes precedence."""

from __future__ import annotations

import re

import pytest

from domain.llm.demo.address import gender_of
from domain.llm.demo.repertoire import plain
from domain.llm.port import Interlocutor, Persona
from tests.domain.llm.demo.talking import Talk

MARINA = Persona("Марина", "female", context="Ты — Марина.")
FORMAL_CARD = Persona("Марина", "female", context="Ты — Марина. Говори с гостем на «вы».")
INFORMAL_GREETING = Persona("Марина", "female", context="Ты — Марина.", greeting="Как тебя сюда занесло?")
POLITE = r"\b(вы|вас|вам|ваш\w*|\w+(йте|ите))\b"
FAMILIAR = r"\b(ты|тебя|тебе|тво(й|я|ё|и|ей|его|ему|их|ю|ём))\b"
SILENT = ("спасибо", "мне грустно", "день был длинный", "дождь", "море", "пока")


def spoken(persona: Persona, *texts: str, profile: str = "") -> str:
    """Replies to texts that reveal nothing of the form of address, after these texts."""
    talk = Talk(persona, Interlocutor("Ира", "", profile))
    talk.say_all(texts)
    return "\n".join(talk.say_all(SILENT))


@pytest.mark.parametrize(
    ("persona", "texts", "profile", "expected"),
    [
        (MARINA, (), "", "вы"),
        (FORMAL_CARD, (), "", "вы"),
        (INFORMAL_GREETING, (), "", "ты"),
        (FORMAL_CARD, ("Как ты живёшь?",), "", "ты"),
        (INFORMAL_GREETING, ("Расскажите о море",), "", "вы"),
        (INFORMAL_GREETING, ("Как ты живёшь?",), "вы", "вы"),
        (MARINA, ("Как вы живёте?",), "ты", "ты"),
        (MARINA, ("Как вы живёте?", "Давайте на ты?"), "вы", "ты"),
        (MARINA, ("Давай перейдём на вы", "а ты как?"), "ты", "вы"),
        (MARINA, ("Давай на ты", "Нет, лучше на «вы»"), "", "вы"),
    ],
    ids=[
        *("nothing", "card", "greeting", "person over card", "person over greeting", "profile over person"),
        *("profile over person again", "proposal over profile", "proposal is kept", "the last proposal"),
    ],
)
def test_the_form_of_address_is_that_of_the_nearest_source(
    persona: Persona, texts: tuple[str, ...], profile: str, expected: str
) -> None:
    said = spoken(persona, *texts, profile=profile).lower()
    wanted, unwanted = (POLITE, FAMILIAR) if expected == "вы" else (FAMILIAR, r"\b(вы|вас|вам|ваш\w*)\b")
    assert not re.search(unwanted, said)
    assert re.search(wanted, said)


def test_a_proposal_is_agreed_to() -> None:
    assert "«ты»" in Talk(MARINA).say("Может, перейдём на ты? Давайте на ты")
    assert "«вы»" in Talk(MARINA).say("Давай лучше на вы")


@pytest.mark.parametrize(
    ("text", "profile", "form"),
    [
        ("Я пришла с работы", "", "она"),
        ("я устал", "", "он"),
        ("мне холодно", "", "иначе"),
        ("Я сам чинил", "", "он"),
        ("Я пришла", "male", "он"),
    ],
)
def test_the_persons_gender_is_the_profiles_else_their_words(text: str, profile: str, form: str) -> None:
    forms = {"female": "она", "male": "он", "": "иначе"}
    assert forms[gender_of([plain(text)], Interlocutor(gender=profile))] == form

"""Belief in summaries: which summaries of a model are believed."""

from __future__ import annotations

import pytest

from domain.memory.summaries.belief import Doubt, Source, refuse
from domain.stemming import roots

TALK = (
    "Вчера я ездил к сестре Вере в Тверь, она подарила мне три банки мёда.",
    "Рада за тебя! А я весь день чинила лодку, завтра обещаю показать тебе маяк.",
    "Договорились, приду к семи.",
)
SOURCE = Source(TALK, roots, known=("Марина", "Илья", "Ты — Марина, смотрительница маяка в Коктебеле."))
LIMIT = 300


@pytest.mark.parametrize(
    "text",
    [
        "Илья рассказал, что ездил в Тверь к сестре Вере и привёз мёд. Марина чинила лодку и пообещала показать маяк.",
        "Илья побывал у Веры; получил 3 банки мёда. Договорились встретиться в 7.",
        "Марина сказала: «Я весь день чинила лодку». Илья обещал прийти.",
        "Смотрительница из Коктебеля обещала Илье показать маяк.",
    ],
)
def test_a_record_of_what_was_said_is_believed(text: str) -> None:
    assert refuse(text, SOURCE, LIMIT) is None


@pytest.mark.parametrize(
    ("text", "doubt"),
    [
        ("  ", Doubt.EMPTY),
        ("Я не могу пересказать этот разговор.", Doubt.REFUSAL),
        ("Как языковая модель, я не имею мнения о сестре и лодке.", Doubt.REFUSAL),
        ("I'm sorry, but I can't help with the boat.", Doubt.REFUSAL),
        ("Ilya went to see his sister and brought some honey from her.", Doubt.OTHER_LANGUAGE),
        ("Я весь день чинила лодку, а потом показала маяк.", Doubt.IN_ROLE),
        ("Приходи к семи, покажу тебе маяк и лодку.", Doubt.IN_ROLE),
        ("Илья ездил к сестре Вере, а там был и Олег с лодкой.", Doubt.INVENTED),
        ("Олег ездил к сестре и привёз мёд.", Doubt.INVENTED),
        ("Ардульф ездил к сестре и привёз мёд.", Doubt.INVENTED),
        ("Илья привёз от сестры 45 банок мёда.", Doubt.INVENTED),
        ("Политики обсуждали бюджетные вопросы страны, экономический кризис усилился.", Doubt.UNRELATED),
        ("Марина чинила лодку. " * 30, Doubt.TOO_LONG),
    ],
)
def test_what_is_no_such_record_is_not(text: str, doubt: Doubt) -> None:
    refused = refuse(text, SOURCE, LIMIT)
    assert refused
    assert refused.doubt is doubt


def test_the_reason_names_what_was_invented() -> None:
    refused = refuse("Илья ездил к сестре Вере и встретил Олега.", SOURCE, LIMIT)
    assert refused
    assert refused.reason == "в нём есть «Олега», чего нет в репликах"


def test_an_english_talk_is_told_in_english() -> None:
    source = Source(["I fixed the old boat yesterday.", "Then show me the lighthouse tomorrow."], roots, ("Marina",))
    assert refuse("Marina fixed the old boat and promised to show the lighthouse.", source, LIMIT) is None
    doubted = refuse("Марина починила лодку.", source, LIMIT)
    assert doubted
    assert doubted.doubt is Doubt.OTHER_LANGUAGE
    in_role = refuse("I fixed the old boat, and you will see the lighthouse.", source, LIMIT)
    assert in_role
    assert in_role.doubt is Doubt.IN_ROLE

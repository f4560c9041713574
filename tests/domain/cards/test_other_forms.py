"""Cards of programs with other names for everything: what they mean is read, and what nobody here knows is kept."""

from __future__ import annotations

import json
from typing import Any

import pytest

from domain.cards.card_fields import fields_of
from domain.cards.read_card import ReadCard, read_card
from tests.domain.cards.card_files import v2

AGNAI: dict[str, Any] = {
    "kind": "character",
    "name": "Аглая",
    "description": "Героиня для долгих вечеров.",
    "persona": {"kind": "text", "attributes": {"text": ["Хозяйка лавки.", "Любит кошек."]}},
    "greeting": "Проходите!",
    "scenario": "Вечер.",
    "sampleChat": "{{user}}: Чаю?",
    "alternateGreetings": ["Да, да, входите."],
    "systemPrompt": "Пиши кратко.",
    "characterBook": {"kind": "memory", "entries": [{"keywords": ["кот"], "entry": "Кот спит."}]},
    "visualType": "avatar",
}
CHARACTER_AI = {
    "name": "Аглая",
    "title": "Хозяйка",
    "description": "Держит лавку.",
    "greeting": "Проходите!",
    "definition": "Любит кошек.\n{{user}}: Чаю?\n{{char}}: С мёдом.",
}


def read(card: dict[str, Any]) -> ReadCard:
    return read_card(json.dumps(card).encode(), "card.json")


def test_a_character_of_agnai_is_read_whole() -> None:
    card = read(AGNAI).card
    filled = fields_of(card).fields
    assert filled["context"] == "Пиши кратко.\n\nХозяйка лавки.\nЛюбит кошек."
    assert (filled["greeting"], filled["other_greetings"]) == ("Проходите!", ["Да, да, входите."])
    assert (filled["examples"], filled["notes"]) == (["{{user}}: Чаю?"], "Героиня для долгих вечеров.")
    assert card["data"]["character_book"]["entries"][0]["keys"] == ["кот"]
    assert card["visualType"] == "avatar"


def test_what_agnai_has_in_many_attributes_is_told_and_kept() -> None:
    persona = {"kind": "boostyle", "attributes": {"рост": ["170 см"], "любит": ["кошек", "чай"]}}
    card = read(AGNAI | {"persona": persona}).card
    assert card["data"]["description"] == "рост: 170 см\nлюбит: кошек, чай"
    assert card["persona"] == persona


def test_a_persona_that_is_one_text_is_read_as_it_stands() -> None:
    assert read(AGNAI | {"persona": "Хозяйка лавки."}).card["data"]["description"] == "Хозяйка лавки."


def test_a_definition_goes_to_the_model_with_its_examples() -> None:
    card = read(CHARACTER_AI).card
    assert card["data"]["first_mes"] == "Проходите!"
    assert card["data"]["description"] == "Держит лавку.\n\nЛюбит кошек."
    assert card["data"]["mes_example"] == "{{user}}: Чаю?\n{{char}}: С мёдом."
    assert card["title"] == "Хозяйка"


@pytest.mark.parametrize("field", ["alternate_greetings", "group_only_greetings", "source"])
def test_one_text_where_a_list_belongs_is_one_text(field: str) -> None:
    assert read(v2(**{field: "Да, входите, прошу."})).card["data"][field] == ["Да, входите, прошу."]


def test_tags_in_one_line_are_many() -> None:
    assert read(v2(tags="книги, чай")).card["data"]["tags"] == ["книги", "чай"]


def test_a_card_that_is_named_at_its_root_only_has_that_name() -> None:
    assert read(v2(name=" ") | {"name": "Аглая"}).card["data"]["name"] == "Аглая"

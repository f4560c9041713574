"""Cards of other programs in a prompt: what a model reads of them in a conversation, and where."""

from __future__ import annotations

import json

from domain.cards.card_import import CardImport
from domain.cards.card_pictures import CardPictures
from domain.cards.workers import Workers
from domain.llm.port import ASIDE, NOTE, NOTE_ENDS
from domain.pictures.photos import Photos
from domain.rate_limits import RateLimiter
from storage.database import Database
from tests.domain.books.test_activation import entry
from tests.domain.chat.conftest import ChatWorld

CARD = {
    "spec": "chara_card_v3",
    "spec_version": "3.0",
    "data": {
        "name": "Вера Летописец",
        "nickname": "Вера",
        "description": "{{char}} пишет летопись города.",
        "personality": "Спокойна с {{user}}.",
        "scenario": "Вечер на колокольне.",
        "first_mes": "Заходи, {{user}}.",
        "mes_example": "<START>\n{{user}}: Что ты пишешь?\n{{char}}: Правду.",
        "system_prompt": "{{original}} Ты — {{char}}.",
        "post_history_instructions": "{{original}}Отвечай коротко.",
        "alternate_greetings": [],
        "group_only_greetings": [],
        "creator_notes": "Только для автора.",
        "tags": ["город"],
        "creator": "кто-то",
        "character_version": "7",
        "extensions": {},
        "character_book": {
            "scan_depth": 2,
            "extensions": {},
            "entries": [
                entry("", "Город стоит на холме.", constant=True),
                entry("Москва", "В Москве {{char}} прожила десять лет.{{// проверить}}", position="after_char"),
                entry("летопись", "@@depth 1\n@@role user\nЛетопись в трёх томах."),
                entry("кот", "Кота зовут Тимофей."),
            ],
        },
    },
}


async def test_all_of_a_card_stands_in_the_prompt_where_its_specification_says(
    world: ChatWorld, database: Database, photos: Photos, limits: RateLimiter, workers: Workers
) -> None:
    person = await world.somebody()
    importing = CardImport(database, photos, limits, workers, CardPictures(database, photos, limits))
    character, _found = await importing.keep(person, json.dumps(CARD).encode(), "вера.json")
    dialog = await world.chat.begin(person, character.id)
    for words in ("Который час?", "Что в летописи о Москве?"):
        world.llm.answer("Запишу.")
        await world.chat.send(person, dialog, words, words)
        await world.ended(person, dialog)
    system, first, reply, last = [each["content"] for each in world.llm.requests[-1].body["messages"]]
    parts = system.split("\n\n")
    person_name = parts[-2].split("Имя: ")[1].split("\n")[0]
    assert parts[:4] == [
        "Город стоит на холме.",
        "Ты — Вера.",
        "Вера пишет летопись города.",
        "В Москве Вера прожила десять лет.",
    ]
    assert f"Характер: Спокойна с {person_name}." in parts
    assert "Обстоятельства: Вечер на колокольне." in parts
    assert f"{person_name}: Что ты пишешь?\nВера: Правду." in parts
    assert parts[-1].endswith(f"Заходи, {person_name}.")
    assert (first, reply) == ("Который час?", "Запишу.")
    note = f"{NOTE}Летопись в трёх томах.{NOTE_ENDS}"
    assert last == f"{note}\n\nЧто в летописи о Москве?\n\n{ASIDE}Отвечай коротко.)"
    for unsaid in ("Только для автора", "проверить", "Тимофей", "{{", "кто-то"):
        assert unsaid not in str(world.llm.requests[-1].body["messages"])

"""Import and export of a card, through the database and the use cases: nothing of it is lost."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from domain.accounts.sessions import Caller
from domain.books.entry import read_entry
from domain.books.entry_form import form_of
from domain.cards.card_export import CardExport
from domain.cards.card_import import CardImport
from domain.cards.read_card import read_card
from domain.cards.writing import CardKind
from domain.characters.characters import Characters
from domain.model.character import Gender
from domain.pictures.photos import Photos
from storage.database import Database
from tests.domain.cards.card_files import charx, png, text, v2, v3
from tests.domain.cards.kept_cards import KeptCard, kept_card
from tests.domain.pictures.photos import a_photo

WHOLE = [CardKind.PNG, CardKind.JSON, CardKind.CHARX]
"""Kinds that hold everything there is in a card."""
BOOK = {
    "name": "Маяк",
    "scan_depth": 4,
    "someone's": {"own": [1, None]},
    "extensions": {},
    "entries": [
        {"keys": ["кот"], "content": "@@depth 2\nКот спит.", "insertion_order": 7, "enabled": True, "use_regex": False}
        | {"extensions": {"sticky": 3}, "id": "a", "comment": "О коте"},
        {"keys": ["/м.як/"], "content": "Маяк белый.", "insertion_order": 1, "enabled": False, "use_regex": True}
        | {"extensions": {}, "constant": True},
    ],
}
ASSETS = [
    {"type": "icon", "uri": "embeded://assets/main.png", "name": "main", "ext": "png"},
    {"type": "emotion", "uri": "embeded://assets/happy.png", "name": "happy", "ext": "png"},
]
FILES = {"assets/main.png": a_photo(), "assets/happy.png": a_photo(size=(4, 4)), "module.risum": b"\0not ours"}
RICH = v3(character_book=BOOK, assets=ASSETS, creator_notes_multilingual={"ru": "О ней."}, source=["https://a.test"])
ODD = v3(
    name="  Аглая \n Ветрова ",
    description="С переносами\r\nи пробелами  ",
    first_mes="\u200bПроходите!\rСадитесь.\u202e",
    personality="Очень " * 400,
    mes_example="без начала\n<START>\r\n{{user}}: Чаю?\n<start>\n\n",
    alternate_greetings=[" ", "Вечер.  ", "Ещё " * 2_000],
    tags=["#Книги", "книги", "чай" * 40, "\u200b"],
    system_prompt="{{ORIGINAL}}",
    extensions={"beseda": {"temperature": 7, "language": "elvish", "portrait": True, "later": [1]}, "чужое": 1.0},
) | {"fav": "true"}


def colours(_name: str, _look: int) -> tuple[str, str]:
    return "#202020", "#a0a0a0"


@pytest.fixture
def house(database: Database, photos: Photos) -> tuple[Database, Photos]:
    return database, photos


async def in_and_out(
    importing: CardImport, exporting: CardExport, ira: Caller, data: bytes, kind: CardKind
) -> tuple[int, int, bytes]:
    """Id of the character of a file, id of that of its export, and the export."""
    first, _ = await importing.keep(ira, data, "card")
    download = await exporting.export(ira, first.id, kind, colours)
    again, _ = await importing.keep(ira, download.data, download.name)
    return first.id, again.id, download.data


@pytest.mark.parametrize("kind", WHOLE)
@pytest.mark.parametrize(
    "data",
    [
        charx(RICH, FILES),
        png(text(v2(character_book=BOOK))),
        json.dumps(ODD).encode(),
        json.dumps({"name": "Аглая", "first_mes": "…", "entries": 1, "data": "no"}).encode(),
    ],
    ids=["rich", "picture", "odd", "V1"],
)
async def test_what_comes_back_is_what_came_in(
    importing: CardImport,
    exporting: CardExport,
    house: tuple[Database, Photos],
    ira: Caller,
    data: bytes,
    kind: CardKind,
) -> None:
    first, again, _ = await in_and_out(importing, exporting, ira, data, kind)
    assert await kept_card(*house, again) == await kept_card(*house, first)


async def test_a_file_of_version_2_holds_what_that_version_knows(
    importing: CardImport, exporting: CardExport, house: tuple[Database, Photos], ira: Caller
) -> None:
    first, again, data = await in_and_out(importing, exporting, ira, charx(RICH, FILES), CardKind.JSON_V2)
    written = json.loads(data)
    assert (written["spec"], written["spec_version"]) == ("chara_card_v2", "2.0")
    before, after = await kept_card(*house, first), await kept_card(*house, again)
    assert after.fields == before.fields | {"nickname": ""}, "which only version 3 knows"
    assert before.book
    assert after.book == before.book | {
        "entries": [before.book["entries"][0] | {"content": "Кот спит."}, before.book["entries"][1]]
    }
    lost = {"assets", "nickname", "creator_notes_multilingual", "source"}
    assert after.card["data"] == {name: value for name, value in before.card["data"].items() if name not in lost}


@pytest.mark.parametrize("kind", WHOLE)
async def test_only_the_field_that_was_changed_differs(
    importing: CardImport,
    exporting: CardExport,
    characters: Characters,
    house: tuple[Database, Photos],
    ira: Caller,
    kind: CardKind,
) -> None:
    first, _ = await importing.keep(ira, charx(RICH, FILES), "card.charx")
    before = await kept_card(*house, first.id)
    form = await characters.get_own(ira, first.id)
    form.greeting = "Как вы промокли!"
    await characters.save(ira, form, ["greeting"])
    download = await exporting.export(ira, first.id, kind, colours)
    again, _ = await importing.keep(ira, download.data, download.name)
    after = await kept_card(*house, again.id)
    assert after == KeptCard(
        before.fields | {"greeting": "Как вы промокли!"},
        before.card | {"data": before.card["data"] | {"first_mes": "Как вы промокли!"}},
        before.book,
        before.files,
    )


async def test_a_text_that_was_read_into_another_field_is_not_told_twice(
    importing: CardImport, exporting: CardExport, characters: Characters, ira: Caller
) -> None:
    first, _ = await importing.keep(ira, json.dumps(ODD).encode(), "card.json")
    assert "Очень Очень" in first.context
    first.context = f"{first.context}\n\nИ ещё."
    changed = await characters.save(ira, first, ["context"])
    download = await exporting.export(ira, first.id, CardKind.JSON, colours)
    again, _ = await importing.keep(ira, download.data, download.name)
    assert again.context == changed.context


@pytest.mark.parametrize("kind", WHOLE)
@pytest.mark.parametrize("edited", [["personality"], ["scenario"], ["personality", "scenario"]], ids=" and ".join)
async def test_a_text_that_was_read_into_another_field_is_not_lost_when_its_own_is_filled_in(
    importing: CardImport,
    exporting: CardExport,
    characters: Characters,
    house: tuple[Database, Photos],
    ira: Caller,
    kind: CardKind,
    edited: list[str],
) -> None:
    long = v3(personality="Тёплая. " * 200, scenario="Вечер. " * 900)
    first, _ = await importing.keep(ira, json.dumps(long).encode(), "card.json")
    before = await kept_card(*house, first.id)
    form = await characters.get_own(ira, first.id)
    for name in edited:
        setattr(form, name, "Коротко.")
    await characters.save(ira, form, edited)
    download = await exporting.export(ira, first.id, kind, colours)
    again, _ = await importing.keep(ira, download.data, download.name)
    assert (await kept_card(*house, again.id)).fields == before.fields | dict.fromkeys(edited, "Коротко.")


async def test_a_new_photo_takes_the_place_of_the_cards_icon(
    importing: CardImport, exporting: CardExport, characters: Characters, photos: Photos, ira: Caller
) -> None:
    first, _ = await importing.keep(ira, charx(RICH, FILES), "card.charx")
    first.picture_token = await photos.store(ira, a_photo(size=(90, 120)))
    await characters.save(ira, first, ["picture_token"])
    read = read_card((await exporting.export(ira, first.id, CardKind.CHARX, colours)).data)
    assert read.portrait.startswith(b"RIFF")
    assert "embeded://assets/main.png" not in read.files
    assert "embeded://assets/happy.png" in read.files


async def test_a_character_that_was_written_here_leaves_whole(
    exporting: CardExport, importing: CardImport, characters: Characters, ira: Caller
) -> None:
    from tests.domain.conftest import filled

    made = await characters.save(ira, filled(greeting="Заходи.", examples=["{{user}}: Эй"], gender=Gender.MALE))
    download = await exporting.export(ira, made.id, CardKind.PNG, colours)
    assert download.name == "Марина.png"
    again, _ = await importing.keep(ira, download.data, download.name)
    assert again.picture_token is None, "the portrait was drawn for the file"
    told = ("name", "gender", "context", "greeting", "examples", "interests", "teaser", "age_mark", "language")
    assert [getattr(again, name) for name in told] == [getattr(made, name) for name in told]


async def all_of(pieces: AsyncIterator[bytes]) -> bytes:
    return b"".join([piece async for piece in pieces])


def entries_of(written: bytes, folder: Path) -> dict[str, Any]:
    import zipfile

    (folder / "cards.zip").write_bytes(written)
    with zipfile.ZipFile(folder / "cards.zip") as opened:
        assert opened.testzip() is None
        return {name: opened.read(name) for name in opened.namelist()}


IN_A_WORLD = """{
    "uid": 3, "key": ["кот"], "keysecondary": [], "content": "Кот спит.", "comment": "Кот", "disable": false,
    "order": 50, "position": 4, "depth": 2, "role": 1, "selectiveLogic": 3, "probability": 60, "useProbability": true,
    "scanDepth": 6, "excludeRecursion": true, "matchWholeWords": false, "caseSensitive": true, "addMemo": true,
    "group": "а", "groupWeight": 5, "delayUntilRecursion": false, "automationId": "x", "sticky": null
}"""
IN_A_CARD = """{
    "position": 4, "depth": 2, "role": 1, "selectiveLogic": 3, "probability": 60, "useProbability": true,
    "scan_depth": 6, "exclude_recursion": true, "match_whole_words": false, "case_sensitive": true,
    "group": "а", "group_weight": 5, "delay_until_recursion": false, "automation_id": "x", "sticky": null
}"""


def told(found: dict[str, Any]) -> str:
    """Everything that an entry means, with its keys as they were written."""
    entry = read_entry(found, 3)
    keys = [
        [(key.written, key.is_case_sensitive, key.piece) for key in some] for some in (entry.keys, entry.secondary_keys)
    ]
    return repr((replace(entry, keys=(), secondary_keys=()), keys))


@pytest.mark.parametrize("number", [2, 4, 7])
async def test_an_entry_of_a_world_file_leaves_in_a_card_as_card_programs_read_it(
    importing: CardImport, exporting: CardExport, house: tuple[Database, Photos], ira: Caller, number: int
) -> None:
    entry = json.loads(IN_A_WORLD) | {"position": number}
    data = json.dumps(v3(character_book={"entries": {"3": entry}})).encode()
    first, again, written = await in_and_out(importing, exporting, ira, data, CardKind.JSON)
    (left,) = json.loads(written)["data"]["character_book"]["entries"]
    assert left["extensions"] == json.loads(IN_A_CARD) | {"position": number}
    assert (left["position"], left["case_sensitive"], left["addMemo"]) == ("after_char", True, True)
    assert not {"depth", "role", "selectiveLogic", "scanDepth", "group"} & {*left}
    before, after = [(await kept_card(*house, each)).book for each in (first, again)]
    assert before
    assert after
    assert after["entries"] == [left], "and then it stays as it is"
    assert told(after["entries"][0]) == told(before["entries"][0])
    assert form_of(after["entries"][0]) == form_of(before["entries"][0])

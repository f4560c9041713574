"""Portraits of cards: a report says when there is none, and a drawn one stays drawn."""

from __future__ import annotations

import io
import json
from base64 import b64decode
from struct import pack
from zlib import compress

import pytest
from PIL import Image

from domain.accounts.sessions import Caller
from domain.cards.card_export import CardExport
from domain.cards.card_import import CardImport
from domain.cards.png_chunks import SIGNATURE, is_damaged, text_chunks, with_texts
from domain.cards.read_card import KEYWORDS, read_card
from domain.cards.report import report_of
from domain.cards.writing import CardKind
from domain.characters.characters import Characters
from domain.language import Texts
from domain.model.character import AgeMark
from domain.pictures.photos import Photos
from tests.domain.cards.card_files import chunk, png, text, v2, v3
from tests.domain.cards.test_keep_and_export import colours
from tests.domain.pictures.photos import a_photo

HEAD = png()[len(SIGNATURE) : len(SIGNATURE) + 25]
LEFT_OUT = "Портрет пропущен: его картинка повреждена, или в ней больше 40 мегапикселей."


async def test_a_report_tells_that_the_portrait_could_not_be_kept(importing: CardImport, ira: Caller) -> None:
    broken = SIGNATURE + HEAD + text(v2()) + chunk(b"IDAT", b"no picture") + chunk(b"IEND", b"")
    character, found = await importing.keep(ira, broken, "card.png")
    report = report_of(found, Texts("ru"))
    assert character.picture_token is None
    assert LEFT_OUT in report.dropped


@pytest.mark.parametrize(
    "data", [b"no picture", compress(b"\0" + bytes(2)), b""], ids=["not packed", "cut off", "none"]
)
async def test_a_preview_tells_that_the_picture_is_damaged_before_it_is_kept(
    importing: CardImport, ira: Caller, data: bytes
) -> None:
    broken = SIGNATURE + HEAD + text(v2()) + chunk(b"IDAT", data) + chunk(b"IEND", b"")
    found = await importing.preview(ira, broken, "card.png")
    report = report_of(found, Texts("ru"))
    assert not found.portrait
    assert report.dropped.count(LEFT_OUT) == 1


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
@pytest.mark.parametrize("size", [(1, 1), (5, 3), (64, 96)])
def test_a_whole_picture_is_not_taken_for_a_damaged_one(mode: str, size: tuple[int, int]) -> None:
    file = io.BytesIO()
    Image.new(mode, size).save(file, "PNG")
    assert not is_damaged(file.getvalue())


def test_an_interlaced_picture_is_whole_with_its_seven_passes() -> None:
    head = pack(">IIBBBBB", 3, 2, 8, 0, 0, 0, 1)  # four of the passes have pixels: 2, 2, 2 and 4 bytes
    whole, cut = (
        SIGNATURE + chunk(b"IHDR", head) + chunk(b"IDAT", compress(bytes(length))) + chunk(b"IEND", b"")
        for length in (10, 9)
    )
    assert (is_damaged(whole), is_damaged(cut)) == (False, True)


async def test_a_preview_tells_that_a_picture_is_larger_than_any_that_is_drawn(
    importing: CardImport, ira: Caller
) -> None:
    found = await importing.preview(ira, png(text(v2()), side=12_000), "card.png")
    report = report_of(found, Texts("ru"))
    assert not found.portrait
    assert LEFT_OUT in report.dropped


async def test_a_picture_in_the_place_of_the_drawn_one_is_a_portrait(
    importing: CardImport, exporting: CardExport, ira: Caller
) -> None:
    made, _ = await importing.keep(ira, json.dumps(v3()).encode(), "card.json")
    download = await exporting.export(ira, made.id, CardKind.PNG, colours)
    again, _ = await importing.keep(ira, download.data, "card.png")
    assert again.picture_token is None
    texts = [chunk(b"tEXt", f"{each.keyword}\0".encode() + each.value) for each in text_chunks(download.data)]
    other, _ = await importing.keep(ira, png(*texts), "card.png")
    assert other.picture_token


def carded(picture: bytes) -> bytes:
    """The picture with a card and another program's text in it."""
    head = len(SIGNATURE) + 25
    return picture[:head] + text(v2()) + chunk(b"tEXt", b"parameters\0a lighthouse") + picture[head:]


def without_card(picture: bytes) -> bytes:
    return with_texts(picture, {}, instead_of=KEYWORDS)


async def test_a_picture_leaves_as_it_came_though_pages_show_a_part_of_it(
    importing: CardImport, exporting: CardExport, ira: Caller
) -> None:
    wide = carded(a_photo(size=(300, 90)))
    made, _ = await importing.keep(ira, wide, "card.png")
    for _again in range(2):
        picture = (await exporting.export(ira, made.id, CardKind.PNG, colours)).data
        assert without_card(picture) == without_card(wide)
        made, _ = await importing.keep(ira, picture, "card.png")
    for kind in (CardKind.CHARX, CardKind.JSON):
        whole = read_card((await exporting.export(ira, made.id, kind, colours)).data)
        assert whole.portrait == without_card(wide)


async def test_a_picture_that_was_replaced_or_is_not_for_everybody_stays_here(
    importing: CardImport, exporting: CardExport, characters: Characters, photos: Photos, ira: Caller, boris: Caller
) -> None:
    made, _ = await importing.keep(ira, carded(a_photo(size=(300, 90))), "card.png")
    made.is_public, made.age_mark = True, AgeMark.TWELVE
    await characters.save(ira, made, ["is_public", "age_mark"])
    for reader, secrets in ((boris, True), (ira, False)):
        copy = (await exporting.export(reader, made.id, CardKind.PNG, colours, secrets=secrets)).data
        assert b"lighthouse" not in copy
    made.picture_token = await photos.store(ira, a_photo(size=(90, 120)))
    await characters.save(ira, made, ["picture_token"])
    for kind in (CardKind.PNG, CardKind.CHARX, CardKind.JSON):
        whole = read_card((await exporting.export(ira, made.id, kind, colours)).data)
        assert Image.open(io.BytesIO(whole.portrait)).size == (900, 1200), "as photos are drawn here"


async def test_the_copy_for_version_2_says_that_it_is_one(
    importing: CardImport, exporting: CardExport, ira: Caller
) -> None:
    made, _ = await importing.keep(ira, json.dumps(v3()).encode(), "card.json")
    data = (await exporting.export(ira, made.id, CardKind.PNG, colours)).data
    newer, older = (next(each.value for each in text_chunks(data) if each.keyword == keyword) for keyword in KEYWORDS)
    assert "version 3" in json.loads(b64decode(older))["data"]["creator_notes"]
    assert "version 3" not in json.loads(b64decode(newer))["data"]["creator_notes"]
    alone = read_card(png(chunk(b"tEXt", b"chara\0" + older)))
    assert alone.card["data"]["creator_notes"] == "О ней."


@pytest.mark.parametrize("kind", [CardKind.JSON, CardKind.JSON_V2])
async def test_an_empty_greeting_keeps_its_number(
    importing: CardImport, exporting: CardExport, ira: Caller, kind: CardKind
) -> None:
    greetings = ["Раз.", "", "Три."]
    made, _ = await importing.keep(ira, json.dumps(v3(alternate_greetings=greetings)).encode(), "card.json")
    assert made.other_greetings == ["Раз.", "Три."]
    exported = json.loads((await exporting.export(ira, made.id, kind, colours)).data)
    assert exported["data"]["alternate_greetings"] == greetings


async def test_version_2_goes_without_the_lines_that_are_decorators_and_no_others(
    importing: CardImport, exporting: CardExport, ira: Caller
) -> None:
    contents = {"@@@ Надпись @@@\nНа двери.": "@@@ Надпись @@@\nНа двери.", "\n@@depth 2\nКот спит.": "Кот спит."}
    book = {"entries": [{"keys": ["кот"], "content": content} for content in contents]}
    made, _ = await importing.keep(ira, json.dumps(v3(character_book=book)).encode(), "card.json")
    exported = json.loads((await exporting.export(ira, made.id, CardKind.JSON_V2, colours)).data)
    assert [each["content"] for each in exported["data"]["character_book"]["entries"]] == [*contents.values()]

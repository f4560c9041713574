"""Reading cards: whatever a program wrote is read; what cannot be read is refused by a sentence of its own."""

from __future__ import annotations

import json
import zlib
from base64 import b64encode, urlsafe_b64encode
from typing import Any

import pytest

from domain.cards.faults import SENTENCES, Fault, Remark, UnreadableCard, refusal
from domain.cards.read_card import read_card
from tests.domain.cards.card_files import V1, charx, chunk, packed, png, text, v2, v3, zipped

AS_JSON = json.dumps(v2()).encode()
RAW = json.dumps(v3(), ensure_ascii=False).encode()
EMOTION = b"\x89PNG emotion"
WITH_ASSETS = v3(
    assets=[
        {"type": "icon", "uri": "embeded://assets/main.png", "name": "main", "ext": "png"},
        {"type": "emotion", "uri": "embeded://assets/happy.png", "name": "happy", "ext": "png"},
        {"type": "background", "uri": "https://example.org/b.png", "name": "main", "ext": "png"},
    ]
)
SILLY_ROOT = {"name": "Кто-то другой", "fav": True, "talkativeness": "0.5"}
PYGMALION = {
    "char_name": "Аглая",
    "char_persona": "Хозяйка лавки.",
    "char_greeting": "Проходите!",
    "example_dialogue": "",
    "world_scenario": "",
}
YAML = "name: Аглая\ngreeting: Проходите!\ncontext: |\n  Хозяйка лавки.\n  {{user}}: Чаю?\n  {{char}}: С мёдом.\n"


@pytest.mark.parametrize(
    ("data", "file_name"),
    [
        (json.dumps(V1).encode(), "v1.json"),
        (AS_JSON, "v2.json"),
        (json.dumps(v3()).encode(), "v3.json"),
        (b"\xef\xbb\xbf" + AS_JSON, "with a mark.json"),
        (json.dumps(v2()).encode("utf-16"), "utf-16.json"),
        (json.dumps(SILLY_ROOT | v2()).encode(), "sillytavern.json"),
        (json.dumps(PYGMALION).encode(), "pygmalion.json"),
        (YAML.encode(), "webui.yaml"),
        (YAML.encode(), "pasted"),
        (YAML.encode(), ""),
        (b"\xef\xbb\xbf---\n# a character\n\n" + YAML.encode(), "webui.txt"),
        ("\"name\": Аглая\n'greeting': Проходите!\ncontext: Хозяйка лавки.\n".encode(), "in quotes"),
        (json.dumps({"data": v2()["data"]}).encode(), "without spec.json"),
        (png(text(v2())), "before the picture.png"),
        (png(after=(text(v2()),)), "after the picture.png"),
        (png(text(v2()), text(v3(), b"ccv3")), "both.png"),
        (png(text(v3())), "v3 where v2 belongs.png"),
        (png(chunk(b"tEXt", b"Software\0Paint"), text(V1, b"Chara")), "others first.png"),
        (png(chunk(b"zTXt", b"chara\0\0" + zlib.compress(packed(v2())))), "compressed.png"),
        (png(chunk(b"iTXt", b"ccv3\0\0\0\0\0" + RAW)), "raw.png"),
        (png(chunk(b"iTXt", b"ccv3\0\1\0ru\0x\0" + zlib.compress(RAW))), "raw and compressed.png"),
        (png(chunk(b"tEXt", b"chara\0" + json.dumps(v2()).encode())), "raw ascii.png"),
        (png(chunk(b"tEXt", b"chara\0" + urlsafe_b64encode(AS_JSON).rstrip(b"="))), "url-safe.png"),
        (
            png(chunk(b"tEXt", b"chara\0" + b"\n".join(packed(v2())[at : at + 76] for at in range(0, 9000, 76)))),
            "lines.png",
        ),
        (png(chunk(b"tEXt", b"chara\0" + packed(v2()), crc=7)), "wrong checksum.png"),
        (png(text({"name": "Старая", "first_mes": "…"}), text(v2())), "two.png"),
        (png(text(v2()), chunk(b"tEXt", b"chara\0damaged")), "the last is damaged.png"),
        (png(text(v2()))[:-20], "cut off behind the card.png"),
        (charx(v3()), "plain.charx"),
        (zipped({"card.json": RAW, "module.risum": b"?"}, method=0), "stored.charx"),
        (b"\xff\xd8\xff\xe0 a picture" + charx(v3()), "glued to a picture.jpg"),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_a_card_is_read_however_it_was_written(data: bytes, file_name: str) -> None:
    read = read_card(data, file_name)
    assert read.card["spec"] == "chara_card_v3"
    assert read.card["data"]["name"] == "Аглая"
    assert read.card["data"]["first_mes"] == "Проходите!"
    assert read.card["data"]["description"] == "Хозяйка лавки."


def a_bomb() -> bytes:
    return zipped({"card.json": RAW, "assets/a.png": b"\0" * 20_000_000})


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (b"", Fault.EMPTY),
        (b"  \n", Fault.EMPTY),
        (b"RIFF....WEBPVP8 ", Fault.OTHER_PICTURE),
        (b"GIF89a", Fault.OTHER_PICTURE),
        (b"\0\0\0\x1cftypavif", Fault.OTHER_PICTURE),
        (b"<!doctype html><p>", Fault.UNKNOWN_KIND),
        (b"Just some words.", Fault.UNKNOWN_KIND),
        (b"\xff\xd8\xff\xe0 only a picture", Fault.OTHER_PICTURE),
        (png(), Fault.NO_CARD_IN_PICTURE),
        (png()[:60], Fault.BROKEN_PICTURE),
        (png(side=60_000), Fault.BROKEN_PICTURE),
        (png(chunk(b"tEXt", b"chara\0")), Fault.BROKEN_TEXT),
        (png(chunk(b"tEXt", b"chara\0" + packed(v2())[:101])), Fault.BROKEN_TEXT),
        (png(chunk(b"tEXt", b"chara\0" + b64encode(b"no json"))), Fault.NOT_JSON),
        (png(chunk(b"tEXt", b"chara\0rcc||4.abc")), Fault.PROTECTED),
        (png(chunk(b"zTXt", b"chara\0\0" + zlib.compress(b"\0" * 32_000_000))), Fault.TOO_LARGE),
        (b"[]", Fault.NOT_A_CARD),
        (b'{"a": 1}', Fault.NOT_A_CARD),
        (b'{"entries": {}, "name": "A book", "description": "of a world"}', Fault.LOREBOOK),
        (b'{"name": "A", ', Fault.NOT_JSON),
        (b'{"a":' * 3_000 + b"1" + b"}" * 3_000, Fault.TOO_DEEP),
        (b'{"name":' + b"[" * 100 + b"]" * 100 + b"}", Fault.TOO_DEEP),
        (json.dumps(v2(name="")).encode(), Fault.NO_NAME),
        (b"PK\x03\x04 not a zip", Fault.BROKEN_ARCHIVE),
        (zipped({"other.json": b"{}"}), Fault.NO_CARD_IN_ARCHIVE),
        (zipped({"card.json": RAW, "../../etc/passwd": b"x"}), Fault.UNSAFE_ARCHIVE),
        (zipped({"card.json": RAW, "/etc/passwd": b"x"}), Fault.UNSAFE_ARCHIVE),
        (zipped({"card.json": RAW, "a\\..\\b": b"x"}), Fault.UNSAFE_ARCHIVE),
        (a_bomb(), Fault.TOO_LARGE),
        (zipped({f"assets/{number}.png": b"" for number in range(2_100)} | {"card.json": RAW}), Fault.TOO_LARGE),
    ],
)
def test_what_cannot_be_read_is_refused_by_its_own_sentence(data: bytes, fault: Fault) -> None:
    with pytest.raises(UnreadableCard) as refused:
        read_card(data)
    assert refused.value.fault is fault
    assert str(refusal(refused.value)) == SENTENCES[fault]


def test_a_changed_byte_in_an_archive_is_found() -> None:
    whole = zipped({"card.json": RAW}, method=0)
    with pytest.raises(UnreadableCard) as refused:
        read_card(whole.replace("Хозяйка".encode(), "Хозяйки".encode(), 1))
    assert refused.value.fault is Fault.BROKEN_ARCHIVE


def test_a_text_that_has_no_fields_is_of_no_kind() -> None:
    for told in ("Дорогая Марина, пишу тебе из Самары.", "https://example.org/a", "- name: Аглая"):
        with pytest.raises(UnreadableCard, match="unknown kind"):
            read_card(told.encode())
    with pytest.raises(UnreadableCard, match="not a card"):
        read_card(b"Note: nobody in here")


def test_yaml_with_references_is_refused_before_it_grows() -> None:
    bomb = "a: &a [x,x]\nb: &b [*a,*a]\nname: *b\ngreeting: Привет\ncontext: кто-то\n"
    with pytest.raises(UnreadableCard):
        read_card(bomb.encode(), "bomb.yaml")


@pytest.mark.parametrize(
    ("odd", "field", "read"),
    [
        ({"character_book": None, "extensions": None}, "extensions", {}),
        ({"alternate_greetings": "Здравствуйте."}, "alternate_greetings", ["Здравствуйте."]),
        ({"tags": "книги, чай"}, "tags", ["книги", "чай"]),
        ({"character_version": 2}, "character_version", "2"),
        ({"creator_notes": "Creator's notes go here."}, "creator_notes", ""),
        ({"description": "a\0b\ud800c\ud83d\ude00"}, "description", "abc😀"),
        ({"first_mes": None}, "first_mes", ""),
        ({"extensions": {"big": float("inf")}}, "extensions", {"big": None}),
    ],
)
def test_odd_values_become_what_they_mean(odd: dict[str, Any], field: str, read: Any) -> None:
    assert read_card(json.dumps(v2(**odd)).encode()).card["data"][field] == read


def test_a_card_without_a_name_is_called_by_its_nickname_or_its_file() -> None:
    assert read_card(json.dumps(v3(name="")).encode()).card["data"]["name"] == "Глаша"
    read = read_card(json.dumps(v2(name=" ")).encode(), "C:\\cards\\Аглая_Ветрова.json")
    assert read.card["data"]["name"] == "Аглая Ветрова"
    assert [each.kind for each in read.remarks] == [Remark.NAMED_BY_FILE]


def test_a_newer_version_is_read_and_said() -> None:
    read = read_card(json.dumps(v3() | {"spec_version": "99.0"}).encode())
    assert [(each.kind, each.values) for each in read.remarks] == [(Remark.NEWER_VERSION, {"version": "99.0"})]


def test_where_root_and_data_disagree_data_is_right() -> None:
    read = read_card(json.dumps(SILLY_ROOT | v2()).encode())
    assert read.card["data"]["name"] == "Аглая"
    assert read.card["talkativeness"] == "0.5", "what the root has besides is kept"


def test_files_of_an_archive_are_kept_and_nothing_is_fetched() -> None:
    read = read_card(
        charx(WITH_ASSETS, {"assets/main.png": png(), "assets/happy.png": EMOTION, "assets/unnamed.bin": b"?"})
    )
    assert read.portrait == png()
    assert read.files == {
        "embeded://assets/main.png": png(),
        "embeded://assets/happy.png": EMOTION,
        "embeded://assets/unnamed.bin": b"?",
    }
    assert [each.kind for each in read.remarks] == [Remark.ASSET_REMOTE]


def test_a_missing_file_is_said() -> None:
    read = read_card(charx(WITH_ASSETS, {"assets/main.png": png()}))
    assert (Remark.ASSET_MISSING, {"name": "happy"}) in [(each.kind, each.values) for each in read.remarks]


def test_files_in_chunks_of_their_own_are_read() -> None:
    card = v3(assets=[{"type": "icon", "uri": "__asset:1", "name": "main", "ext": "png"}])
    read = read_card(png(text(card), chunk(b"tEXt", b"chara-ext-asset_:1\0" + b64encode(EMOTION))))
    assert read.files == {"embeded://assets/icon/images/0.png": EMOTION}, "it lies where an archive has it"

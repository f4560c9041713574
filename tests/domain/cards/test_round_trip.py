"""Round trip of cards: an import that is exported is the same card in every field, even in those nobody here knows."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.cards.card_fields import LONG_ONES, changed, fields_of
from domain.cards.carried_files import MOST_CARRIED, with_files
from domain.cards.read_card import ReadCard, read_card
from domain.cards.write_card import as_charx, as_json, as_png, as_v2, overlaid, without_secrets
from domain.characters.fields import BY_NAME, EDITABLE
from domain.model.character import AgeMark, Character, Gender
from domain.text import is_visible
from tests.domain.cards.card_files import charx, png, text, v2, v3

NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)
OURS = {"creation_date", "modification_date"}
words = st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\0"), max_size=40)
anything = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=8,
)
names = words.filter(lambda each: bool(each.strip()))
entries = st.fixed_dictionaries(
    {
        "keys": st.lists(names, max_size=3),
        "content": words,
        "enabled": st.booleans(),
        "insertion_order": st.integers(0, 999),
    },
    optional={
        "extensions": st.dictionaries(names, anything, max_size=2),
        "constant": st.booleans(),
        "id": st.integers(0, 9),
    },
)
cards = st.builds(
    lambda data, root: root | {"spec": "chara_card_v3", "spec_version": "3.0", "data": data},
    st.fixed_dictionaries(
        {"name": names, "first_mes": words, "description": words},
        optional={
            "personality": words,
            "scenario": words,
            "mes_example": words,
            "system_prompt": words,
            "post_history_instructions": words,
            "creator_notes": words,
            "alternate_greetings": st.lists(names, max_size=3),
            "tags": st.lists(names, max_size=4),
            "extensions": st.dictionaries(names, anything, max_size=3),
            "character_book": st.fixed_dictionaries({"entries": st.lists(entries, max_size=3)}),
            "nickname": words,
            "someone's own field": anything,
        },
    ),
    st.dictionaries(st.sampled_from(["fav", "chat", "metadata"]), anything, max_size=2),
)
of_any_length = words | st.builds(lambda word, times: f"{word} " * times, names, st.sampled_from([30, 300, 3_000]))
cards_with_long_texts = st.builds(
    lambda card, texts: card | {"data": card["data"] | texts},
    cards,
    st.fixed_dictionaries(dict.fromkeys(("description", "system_prompt", "personality", "scenario"), of_any_length)),
)
what_authors_type = st.text("Ая \n", min_size=1, max_size=40).map(str.strip).filter(bool)
edits = st.dictionaries(
    st.sampled_from(["context", "personality", "scenario", "greeting", "after_history", "notes"]),
    what_authors_type,
    min_size=1,
)


def as_character(read: ReadCard) -> Character:
    return Character(**fields_of(read.card).fields)


def filled(read: ReadCard) -> dict[str, Any]:
    """Everything that the author would see in the editor."""
    return as_character(read).model_dump(include={*EDITABLE})


def exported(read: ReadCard, character: Character) -> dict[str, Any]:
    return overlaid(read.card, changed(fields_of(read.card).fields, character.model_dump(include={*EDITABLE})), NOON)


def told(card: dict[str, Any]) -> dict[str, Any]:
    """The card without what an export adds: dates, and our own values, which repeat the fields."""
    data = {name: value for name, value in card["data"].items() if name not in OURS}
    others = {name: value for name, value in data["extensions"].items() if name != "beseda"}
    return card | {"data": {"group_only_greetings": []} | data | {"extensions": others}}


@settings(derandomize=True, max_examples=150, deadline=None)
@given(cards)
def test_nothing_is_lost_in_any_container(card: dict[str, Any]) -> None:
    first = read_card(json.dumps(card).encode())
    out = exported(first, as_character(first))
    for written in (as_json(out), as_png(out, png(), {}), as_charx(out, {})):
        again = read_card(written)
        assert told(again.card) == told(first.card)
        assert filled(again) == filled(first)


@pytest.mark.slow
@settings(derandomize=True, max_examples=300, deadline=None)
@given(cards_with_long_texts, edits)
def test_what_was_edited_differs_and_nothing_else_however_long_the_texts_were(
    card: dict[str, Any], edited: dict[str, str]
) -> None:
    first = read_card(json.dumps(card).encode())
    character = as_character(first)
    for name, value in edited.items():
        setattr(character, name, value)
    out = exported(first, character)
    assert filled(read_card(as_json(out))) == filled(first) | edited
    before, after = first.card["data"], out["data"]
    if "context" not in edited:
        told_now = "\n\n".join(after[name] for name in ("system_prompt", "description", "personality", "scenario"))
        too_long = [name for name in LONG_ONES if len(before[name]) > BY_NAME[name].limit]
        texts = [before[name].strip() for name in ("system_prompt", "description", *too_long)]
        assert all(each in told_now for each in texts if is_visible(each))


def test_a_greeting_that_stands_in_for_the_context_stays_there_when_another_is_written() -> None:
    first = read_card(json.dumps(v3(description="", system_prompt="")).encode())
    character = as_character(first)
    assert character.context == "Проходите!"
    character.greeting = "Как вы промокли!"
    again = as_character(read_card(as_json(exported(first, character))))
    assert (again.context, again.greeting) == ("Проходите!", "Как вы промокли!")


def test_a_field_filled_in_anew_leaves_the_long_text_that_the_import_moved_out_of_it() -> None:
    long = {"personality": "Тёплая. " * 200, "scenario": "Вечер. " * 900}
    first = read_card(json.dumps(v3(**long)).encode())
    character = as_character(first)
    assert (character.personality, character.scenario) == ("", "")
    character.scenario = "Утро."
    data = exported(first, character)["data"]
    moved = "\n\n".join(["Хозяйка лавки.", long["personality"].strip(), long["scenario"].strip()])
    assert (data["description"], data["personality"], data["scenario"]) == (moved, "", "Утро.")
    assert data["system_prompt"] == first.card["data"]["system_prompt"], "it was not touched"


def test_files_survive_every_container_that_holds_them() -> None:
    assets = [{"type": "emotion", "uri": "embeded://assets/a.png", "name": "happy", "ext": "png"}]
    files = {"assets/a.png": b"\x89PNG happy", "assets/unnamed.bin": b"?"}
    first = read_card(charx(v3(assets=assets), files))
    out = exported(first, as_character(first))
    archive, picture = read_card(as_charx(out, first.files)), read_card(as_png(out, png(), first.files))
    assert archive.files == picture.files == first.files
    assert archive.card["data"]["assets"] == picture.card["data"]["assets"] == assets


def test_a_file_within_a_text_says_what_it_is() -> None:
    files = {
        "a": (b"\x89PNG\r\n", "image/png"),
        "b.jpg": (b"\xff\xd8\xff\xe0", "image/jpeg"),
        "c.png": (b"RIFF\0\0\0\0WEBPVP8 ", "image/webp"),
        "d.avif": (b"?", "image/avif"),
        "e.mp3": (b"?", "audio/mpeg"),
        "f.html": (b"<p>", "application/octet-stream"),
        "g": (b"?", "application/octet-stream"),
    }
    assets = [{"type": "x", "uri": f"embeded://{name}", "name": name, "ext": name.partition(".")[2]} for name in files]
    first = read_card(charx(v3(assets=assets), {name: content for name, (content, _kind) in files.items()}))
    written = as_json(with_files(first.card, first.files))
    told = [each["uri"].partition(";")[0] for each in json.loads(written)["data"]["assets"]]
    assert told == [f"data:{kind}" for _content, kind in files.values()]
    assert read_card(written).files == first.files


def test_a_changed_field_is_the_only_one_that_differs() -> None:
    first = read_card(png(text(v2())))
    character = as_character(first)
    character.greeting = "Как вы промокли!"
    again = read_card(as_png(exported(first, character), png(), {}))
    before, after = told(first.card)["data"], told(again.card)["data"]
    assert {name for name in after if after[name] != before.get(name)} == {"first_mes"}
    assert after["first_mes"] == "Как вы промокли!"


def test_a_changed_context_is_told_once() -> None:
    first = read_card(json.dumps(v2()).encode())
    character = as_character(first)
    assert character.context == "Ты — {{char}}.\n\nХозяйка лавки."
    character.context = "Ты — библиотекарь."
    again = read_card(as_json(exported(first, character)))
    assert (again.card["data"]["description"], again.card["data"]["system_prompt"]) == ("Ты — библиотекарь.", "")
    assert as_character(again).context == "Ты — библиотекарь."


def test_tags_that_tell_gender_and_age_are_no_interests_and_stay_with_the_card() -> None:
    tags = ["#SFW", "Female", "книги", "robot / 12+", "рыжие девушки"]
    first = read_card(json.dumps(v3(tags=tags)).encode())
    character = as_character(first)
    assert character.interests == ["книги", "рыжие девушки"], "what goes into prompts"
    out = exported(first, character)
    assert out["data"]["tags"] == tags
    assert as_character(read_card(as_json(out))).interests == character.interests
    character.interests = ["чай", "робот"]
    again = read_card(as_json(exported(first, character)))
    assert again.card["data"]["tags"] == ["#SFW", "Female", "robot / 12+", "чай", "робот"]
    assert as_character(again).interests == ["чай", "робот"], "an author's own choice"
    shared = read_card(as_json(without_secrets(exported(first, character))))
    assert as_character(shared).interests == ["чай", "робот"]


def test_what_no_card_has_a_place_for_is_found_again() -> None:
    first = read_card(json.dumps(v2()).encode())
    character = as_character(first)
    character.gender, character.age_mark, character.teaser = Gender.MALE, AgeMark.SIXTEEN, "Книги и чай"
    again = as_character(read_card(as_json(exported(first, character))))
    assert (again.gender, again.age_mark, again.teaser) == (Gender.MALE, AgeMark.SIXTEEN, "Книги и чай")


def test_old_texts_of_a_picture_go_when_new_ones_come() -> None:
    picture = png(text(v2(name="Чужая")), text(v3(name="Чужая"), b"CCV3"))
    out = as_png(v3(), picture, {})
    assert b"CCV3" not in out
    assert read_card(out).card["data"]["name"] == "Аглая"


def test_one_large_file_does_not_keep_the_others_out_of_a_text() -> None:
    files = {"embeded://song.mp3": bytes(MOST_CARRIED + 1), "embeded://face.png": png()}
    card = v3(assets=[{"type": "other", "uri": uri, "name": "main", "ext": "bin"} for uri in files])
    song, face = with_files(card, files)["data"]["assets"]
    assert song["uri"] == "embeded://song.mp3"
    assert face["uri"].startswith("data:image/png;base64,")


def test_older_programs_get_what_they_know() -> None:
    book = {"entries": [{"keys": ["кот"], "content": "@@depth 2\n@@@role system\nКот спит.", "use_regex": False}]}
    older = as_v2(v3(character_book=book))
    assert older["spec"] == "chara_card_v2"
    assert "nickname" not in older["data"]
    assert older["data"]["character_book"]["entries"][0] == {"keys": ["кот"], "content": "Кот спит."}


def test_an_authors_secrets_can_stay_with_them() -> None:
    card = v3(character_book={"entries": []}, extensions={"beseda": {"temperature": 0.2}})
    shown = as_json(without_secrets(card)).decode()
    assert "Проходите!" in shown
    for secret in ("Хозяйка лавки", "тёплая", "original", "Коротко", "character_book", "temperature"):
        assert secret not in shown


@pytest.mark.parametrize(
    ("tags", "gender", "age_mark"),
    [
        (["Female", "NSFW"], Gender.FEMALE, AgeMark.ADULT),
        (["мужской", "12+"], Gender.MALE, AgeMark.TWELVE),
        (["male", "female"], Gender.OTHER, AgeMark.ADULT),
        ([], Gender.OTHER, AgeMark.ADULT),
        (["sfw", "16+", "woman"], Gender.FEMALE, AgeMark.SIXTEEN),
    ],
)
def test_gender_and_age_are_guessed_from_tags_and_the_strictest_otherwise(
    tags: list[str], gender: Gender, age_mark: AgeMark
) -> None:
    read = read_card(json.dumps(v2(tags=tags)).encode())
    guessed = fields_of(read.card).fields
    assert (guessed["gender"], guessed["age_mark"]) == (gender, age_mark)

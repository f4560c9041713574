"""Character editing: validation of each field, saving, and permissions."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from domain.accounts.sessions import Caller
from domain.accounts.sessions_list import SessionList
from domain.bin import KEPT_IN_BIN
from domain.characters.characters import Characters
from domain.characters.fields import EDITABLE
from domain.characters.unused_photos import PhotoSweeper
from domain.characters.validation import ChangedMeanwhile, check, truncate
from domain.clock import now
from domain.errors import AppError, Invalid, InvalidForm, NotAllowed, NotFound, SignedOut
from domain.model.character import (
    EXAMPLE_LIMIT,
    EXAMPLES_LIMIT,
    GREETING_LIMIT,
    INTERESTS_LIMIT,
    AgeMark,
    Character,
    Gender,
)
from domain.model.interest import clean_interests
from domain.pictures.crop import SIZES
from domain.pictures.photos import Photos
from storage.database import Database
from storage.files import Files
from tests.domain.conftest import files_below, filled
from tests.domain.pictures.photos import a_photo

LIMITS = {
    "name": 64,
    "nickname": 64,
    "teaser": 120,
    "bio": 2_000,
    "greeting": 4_000,
    "context": 16_000,
    "personality": 1_000,
    "scenario": 4_000,
    "after_history": 2_000,
    "notes": 4_000,
}


def complaints(form: Character) -> dict[str, str]:
    """Messages of the validation, by field."""
    with pytest.raises(InvalidForm) as refused:
        check(form)
    return {error.field: str(error) for error in refused.value.errors}


def test_exactly_the_limit_is_taken_in_every_field() -> None:
    form = filled(
        **{field: "ж" * limit for field, limit in LIMITS.items()},
        interests=[f"{number:02}" + "ж" * 30 for number in range(20)],
    )
    check(form)
    assert {field: len(getattr(form, field)) for field in LIMITS} == LIMITS
    assert len(form.interests) == 20


@pytest.mark.parametrize("field", LIMITS)
def test_one_character_more_is_refused_beside_its_field_with_numbers(field: str) -> None:
    told = complaints(filled(**{field: "ж" * (LIMITS[field] + 1)}))
    assert told == {field: f"At most {LIMITS[field]} characters: 1 too many."}


def test_spaces_around_do_not_count() -> None:
    form = filled(name="  Марина\n ", bio=" \n" + "ж" * 2_000 + "\r\n", teaser="Два  пробела")
    check(form)
    assert (form.name, form.bio, form.teaser) == ("Марина", "ж" * 2_000, "Два пробела")


def test_everything_wrong_is_told_at_once_and_once_for_each_field() -> None:
    form = filled(
        name=" ",
        gender="dragon",
        age_mark="21+",
        teaser="ж" * 121,
        bio="ж" * 2_001,
        greeting="ж" * 4_001,
        context="",
        interests=["ж" * 33],
    )
    with pytest.raises(InvalidForm) as refused:
        check(form)
    fields = [error.field for error in refused.value.errors]
    assert sorted(fields) == sorted(["name", "gender", "age_mark", "teaser", "bio", "greeting", "context", "interests"])


@pytest.mark.parametrize("field", [*LIMITS, "interests"])
@pytest.mark.parametrize("sign", ["\u202e", "\0", "\udcff", "\u200b"])
def test_signs_that_deceive_or_break_are_refused_everywhere(field: str, sign: str) -> None:
    text = f"Мари{sign}на"
    assert list(complaints(filled(**{field: [text] if field == "interests" else text}))) == [field]


def test_line_breaks_and_emoji_stay_in_long_texts() -> None:
    form = filled(bio="Раз\r\nдва\n\n\tтри 👩‍🚀", greeting="*машет* ❤️\nПривет!")
    check(form)
    assert (form.bio, form.greeting) == ("Раз\nдва\n\n\tтри 👩‍🚀", "*машет* ❤️\nПривет!")


@pytest.mark.parametrize("name", ["\u200d", "\u3164\u3164"])
def test_a_name_of_nothing_but_blank_signs_is_refused(name: str) -> None:
    assert "name" in complaints(filled(name=name))


async def test_what_another_window_saved_meanwhile_is_not_overwritten_unseen(
    characters: Characters, ira: Caller
) -> None:
    opened = await characters.save(ira, filled(bio="Живёт на маяке.", examples=["Раз"]))
    began = {field: getattr(opened, field) for field in EDITABLE}

    def form(**typed: object) -> Character:
        return Character(**began | {"id": opened.id, "owner_id": opened.owner_id} | typed)

    await characters.save(ira, form(bio="Живёт у моря.", examples=["Два"]), ["bio", "examples"], began=began)
    here = form(bio="Живёт в городе.", examples=["Три"], teaser="Смотрит вдаль")
    mine = ["bio", "examples", "teaser"]
    with pytest.raises(ChangedMeanwhile) as refused:
        await characters.save(ira, here, mine, began=began)
    assert {error.field for error in refused.value.errors} == {"bio", "examples.0"}
    kept = await characters.get_own(ira, opened.id)
    assert (kept.bio, kept.examples, kept.teaser) == ("Живёт у моря.", ["Два"], "Смотрительница маяка")
    saved = await characters.save(ira, here, mine, began={**began, **refused.value.theirs})
    assert (saved.bio, saved.examples, saved.teaser) == ("Живёт в городе.", ["Три"], "Смотрит вдаль")
    await characters.save(ira, here, mine, began=began)  # sent twice: it is stored already
    both = await asyncio.gather(
        *(characters.save(ira, form(name=name), ["name"], began=began) for name in ("Анна", "Яна")),
        return_exceptions=True,
    )
    assert sum(isinstance(each, ChangedMeanwhile) for each in both) == 1


def test_interests_are_cleaned() -> None:
    typed = ["#Море", " море ", "СТАРЫЕ   карты", "", "# ", "## чай"]
    assert clean_interests(typed, INTERESTS_LIMIT) == ["Море", "СТАРЫЕ карты", "чай"]
    assert list(complaints(filled(interests=[f"{number}" for number in range(21)]))) == ["interests"]
    check(filled(interests=["море"] * 50))  # one interest, however often it is said


async def test_what_was_filled_in_is_what_is_kept(characters: Characters, ira: Caller) -> None:
    form = filled(age_mark=AgeMark.ADULT, bio="Живёт\nу моря.", greeting="Привет!", interests=["#Море", "чай"])
    made = await characters.save(ira, form)
    kept = await characters.get_own(ira, made.id)
    assert (kept.name, kept.gender, kept.age_mark) == ("Марина", Gender.FEMALE, AgeMark.ADULT)
    assert (kept.bio, kept.greeting, kept.interests) == ("Живёт\nу моря.", "Привет!", ["Море", "чай"])
    assert (kept.owner_id, kept.is_public, kept.deleted_at) == (ira.user_id, True, None)
    assert now() - kept.created_at < timedelta(minutes=1)


async def test_other_greetings_keep_their_order_and_lose_the_empty_ones(characters: Characters, ira: Caller) -> None:
    form = filled(other_greetings=["  Вечер\r\nдобрый! ", "", "Кто там?"])
    made = await characters.save(ira, form)
    assert (await characters.get_own(ira, made.id)).other_greetings == ["Вечер\nдобрый!", "Кто там?"]
    assert list(complaints(filled(other_greetings=["", "ж" * 4_001]))) == ["other_greetings.1"]
    assert list(complaints(filled(other_greetings=["!"] * 21))) == ["other_greetings.0"]


async def test_example_conversations_are_cleaned_and_counted_as_other_greetings_are(
    characters: Characters, ira: Caller
) -> None:
    made = await characters.save(ira, filled(examples=[" {{user}}: Кто?\r\n{{char}}: Я. ", ""]))
    assert (await characters.get_own(ira, made.id)).examples == ["{{user}}: Кто?\n{{char}}: Я."]
    assert list(complaints(filled(examples=["", "ж" * 2_001]))) == ["examples.1"]
    assert list(complaints(filled(examples=["!"] * 21))) == ["examples.0"]


@pytest.mark.parametrize(
    ("field", "least", "most", "wrong"),
    [
        ("temperature", 0, 1, (-0.1, 1.1, float("nan"))),
        ("reply_tokens", 50, 8_000, (49, 8_001)),
        ("portrait", 0, 7, (-1, 8)),
    ],
)
def test_numbers_are_taken_within_their_range(field: str, least: int, most: int, wrong: tuple[float, ...]) -> None:
    for right in (least, most):
        check(filled(**{field: right}))
    for number in wrong:
        assert list(complaints(filled(**{field: number}))) == [field]


async def test_a_change_is_kept_and_nothing_else_changes(characters: Characters, ira: Caller) -> None:
    made = await characters.save(ira, filled())
    await characters.save(ira, filled(id=made.id, name="Марина Ивановна", interests=["шторм"], is_public=False))
    kept = await characters.get_own(ira, made.id)
    assert (kept.name, kept.interests, kept.is_public) == ("Марина Ивановна", ["шторм"], False)
    assert kept.created_at == made.created_at
    assert kept.updated_at > made.updated_at


async def test_of_two_who_change_different_fields_at_once_neither_undoes_the_other(
    characters: Characters, ira: Caller
) -> None:
    made = await characters.save(ira, filled())
    forms = [await characters.get_own(ira, made.id) for _ in range(2)]  # as in two requests to the API
    forms[0].name, forms[1].bio = "Марина Ивановна", "На маяке."
    await characters.save(ira, forms[0], {"name"})
    kept = await characters.save(ira, forms[1], {"bio"})
    assert (kept.name, kept.bio) == ("Марина Ивановна", "На маяке.")


async def test_a_refused_form_changes_nothing(characters: Characters, ira: Caller) -> None:
    made = await characters.save(ira, filled())
    with pytest.raises(InvalidForm):
        await characters.save(ira, filled(id=made.id, name="Другая", context=""))
    assert (await characters.get_own(ira, made.id)).name == "Марина"
    with pytest.raises(InvalidForm):
        await characters.save(ira, filled(name=""))
    assert len(await characters.page(ira, 10, mine=True)) == 1


async def test_nobody_else_can_change_or_delete_it(characters: Characters, ira: Caller, boris: Caller) -> None:
    made = await characters.save(ira, filled())
    with pytest.raises(NotAllowed):
        await characters.get_own(boris, made.id)  # the context is a secret
    with pytest.raises(NotAllowed):
        await characters.save(boris, filled(id=made.id, name="Взломано"))
    with pytest.raises(NotAllowed):
        await characters.delete(boris, made.id)
    assert (await characters.get(None, made.id))[0].name == "Марина"


async def test_a_stranger_does_not_learn_that_a_private_one_is_there(
    characters: Characters, ira: Caller, boris: Caller
) -> None:
    made = await characters.save(ira, filled(is_public=False))
    for action in (
        characters.get_own(boris, made.id),
        characters.save(boris, filled(id=made.id)),
        characters.delete(boris, made.id),
    ):
        with pytest.raises(NotFound):
            await action


async def test_a_form_cannot_slip_in_what_is_not_its_own(characters: Characters, ira: Caller, boris: Caller) -> None:
    old = now() - timedelta(days=1000)
    slipped = {"owner_id": boris.user_id, "created_at": old, "updated_at": old, "deleted_at": old}
    made = await characters.save(ira, filled(**slipped))
    again = await characters.save(ira, filled(id=made.id, **slipped))
    for character in (made, again, await characters.get_own(ira, made.id)):
        assert character.owner_id == ira.user_id
        assert character.created_at > old
        assert character.updated_at > old
        assert character.deleted_at is None


async def test_an_id_nobody_gave_makes_nothing(characters: Characters, ira: Caller) -> None:
    with pytest.raises(NotFound):
        await characters.save(ira, filled(id=4711))
    assert await characters.page(ira, 10) == []


async def test_after_log_out_an_open_editor_saves_nothing(
    devices: SessionList, characters: Characters, photos: Photos, ira: Caller
) -> None:
    made = await characters.save(ira, filled())
    await devices.log_out(ira)
    for action in (
        characters.save(ira, filled(id=made.id, name="Другая")),
        characters.delete(ira, made.id),
        characters.get_own(ira, made.id),
        photos.store(ira, a_photo()),
    ):
        with pytest.raises(SignedOut):
            await action
    assert [each.name for each in await characters.page(None, 10)] == ["Марина"]


async def test_somebody_elses_photo_cannot_be_taken(
    characters: Characters, photos: Photos, pictures: Path, ira: Caller, boris: Caller
) -> None:
    token = await photos.store(boris, a_photo())
    for stolen in (token, "0" * 32):
        with pytest.raises(Invalid) as refused:
            await characters.save(ira, filled(picture_token=stolen))
        assert refused.value.field == "photo"
    assert len(files_below(pictures)) == len(SIZES)
    await characters.save(boris, filled(picture_token=token))


async def test_a_replaced_photo_leaves_the_disk(
    characters: Characters, photos: Photos, files: Files, pictures: Path, ira: Caller
) -> None:
    first, second = await photos.store(ira, a_photo()), await photos.store(ira, a_photo())
    made = await characters.save(ira, filled(picture_token=first))
    await characters.save(ira, filled(id=made.id, picture_token=first, name="Марина Ивановна"))
    assert await files.find(first, "small", ".webp")
    await characters.save(ira, filled(id=made.id, picture_token=second))
    assert await files.find(first, "small", ".webp") is None
    assert await files.find(second, "large", ".webp")
    await characters.save(ira, filled(id=made.id, picture_token=None))
    assert files_below(pictures) == []
    assert (await characters.get_own(ira, made.id)).picture_token is None


async def test_a_deleted_character_is_gone_with_its_photo(
    database: Database, characters: Characters, photos: Photos, pictures: Path, ira: Caller
) -> None:
    made = await characters.save(ira, filled(picture_token=await photos.store(ira, a_photo())))
    await characters.delete(ira, made.id)
    assert await characters.page(ira, 10) == []
    assert await characters.page(ira, 10, mine=True) == []
    for action in (characters.get(ira, made.id), characters.get_own(ira, made.id), characters.delete(ira, made.id)):
        with pytest.raises(NotFound):
            await action
    with pytest.raises(NotFound):
        await characters.save(ira, filled(id=made.id))
    async with database.write() as db:
        (await db.get_one(Character, made.id)).deleted_at = now() - KEPT_IN_BIN
    await PhotoSweeper(database, photos).sweep(now() + timedelta(seconds=1))
    assert files_below(pictures) == [], "once it is too late to undo it"


async def test_one_photo_on_two_characters_is_met_plainly(characters: Characters, photos: Photos, ira: Caller) -> None:
    token = await photos.store(ira, a_photo())
    answers = await asyncio.gather(  # an impatient second click on «Создать»
        *(characters.save(ira, filled(picture_token=token)) for _ in range(2)), return_exceptions=True
    )
    refused = [answer for answer in answers if isinstance(answer, BaseException)]
    assert all(isinstance(answer, AppError) for answer in refused), refused
    assert len(refused) < 2


def test_while_it_is_being_typed_no_more_is_shown_than_may_be_kept() -> None:
    """The preview of a greeting of 300,000 characters of Markdown took 4 s of everybody's time."""
    typed = filled(greeting="я" * 300_000, name="Марина", examples=["{{user}}" * 10_000] * 50)
    truncate(typed)
    assert (len(typed.greeting), typed.name, len(typed.examples)) == (GREETING_LIMIT, "Марина", EXAMPLES_LIMIT)
    assert {len(each) for each in typed.examples} == {EXAMPLE_LIMIT}

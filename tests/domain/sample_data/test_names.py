"""Sample data in Russian: its texts agree grammatically with the people they mean."""

from __future__ import annotations

from random import Random

import pytest

from domain.characters.validation import check
from domain.clock import now
from domain.model.character import Character, Gender
from domain.sample_data.characters import some_character
from domain.sample_data.names import agreed, counted, of_a_woman, somebody


@pytest.mark.parametrize(
    ("his", "hers"),
    [
        ("Волков", "Волкова"),
        ("Соловьёв", "Соловьёва"),
        ("Никитин", "Никитина"),
        ("Островский", "Островская"),
        ("Толстой", "Толстая"),
        ("Белый", "Белая"),
        ("Тихий", "Тихая"),
        ("Шевченко", "Шевченко"),
        ("Черных", "Черных"),
        ("Корсак", "Корсак"),
    ],
)
def test_a_surname_agrees_with_who_bears_it(his: str, hers: str) -> None:
    assert of_a_woman(his) == hers


@pytest.mark.parametrize(
    ("years", "said"),
    [(1, "1 год"), (3, "3 года"), (5, "5 лет"), (11, "11 лет"), (12, "12 лет"), (21, "21 год"), (44, "44 года")],
)
def test_years_are_counted_as_people_say_it(years: int, said: str) -> None:
    assert counted(years, "год", "года", "лет") == said


def test_words_agree_with_who_speaks() -> None:
    assert agreed("[Рад|Рада], что вы заглянули", with_woman=True) == "Рада, что вы заглянули"
    assert agreed("[Рад|Рада], что вы заглянули", with_woman=False) == "Рад, что вы заглянули"


def test_an_address_is_written_in_latin_letters() -> None:
    names = [somebody(Random(seed)).latin for seed in range(2_000)]
    assert all(name.isascii() and name.replace(".", "").isalpha() for name in names)


@pytest.mark.slow
def test_every_made_up_character_would_pass_the_editor() -> None:
    for seed in range(2_000):
        character = some_character(Random(seed), owner_id=1, created_at=now())
        before = _texts(character)
        check(character)
        assert _texts(character) == before, "the gate had something to clean"
        assert not set("[]|{}") & set("".join(before)), "a form was left unchosen"


@pytest.mark.slow
def test_characters_are_as_various_as_people() -> None:
    crowd = [some_character(Random(seed), owner_id=1, created_at=now()) for seed in range(1_000)]
    assert {each.gender for each in crowd} == set(Gender)
    assert len({each.name for each in crowd}) > 500
    assert len({each.portrait for each in crowd}) == 8
    assert 10 < sum(not each.is_public for each in crowd) < 120


def _texts(character: Character) -> list[str]:
    return [
        character.name,
        character.teaser,
        character.bio,
        character.greeting,
        character.context,
        *character.interests,
    ]

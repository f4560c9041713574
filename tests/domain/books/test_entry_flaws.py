"""Flaws of entries: what can never fire is reported; what can is left in peace."""

from __future__ import annotations

from typing import Any

import pytest

from domain.books.entry_flaws import flaw_of
from domain.language import Texts
from tests.domain.books.test_activation import activate, contents, entry


def with_keys(*keys: str, **more: Any) -> dict[str, Any]:
    return entry("", "О.", **more) | {"keys": [*keys]}


SECONDARY: dict[str, Any] = {"selective": True, "secondary_keys": ["лес"]}
NEVER_FIRE: list[tuple[dict[str, Any], str]] = [
    (entry("", "О."), "It has no keys and isn't always in the prompt, so it never fires."),
    (with_keys(" "), "It has no keys and isn't always in the prompt, so it never fires."),
    (
        entry("", "О.", **SECONDARY),
        "It has additional keys but no trigger keys, so it never fires.",
    ),
    (with_keys("(", use_regex=True, constant=True), "Key “(”: a bracket ( is never closed."),
    (with_keys("/дракон(/"), "Key “/дракон(/”: a bracket ( is never closed."),
    (
        with_keys("/(?=дракон)/"),
        "Key “/(?=дракон)/”: looking ahead or behind, “(?=”, is not possible here.",
    ),
    (with_keys(r"/\pL{1000}\pL{1000}/"), r"Key “/\pL{1000}\pL{1000}/” stands for too much at once. Make it simpler."),
    (
        with_keys("/(a{1000}){1000}/"),
        "Key “/(a{1000}){1000}/”: nested repetitions come to more than a thousand with “{1000}”.",
    ),
    (
        with_keys("/a{1001}/"),
        "Key “/a{1001}/”: “{1001}” repeats more than a thousand times, or its limits are swapped.",
    ),
    (with_keys("/a{3,2}/"), "Key “/a{3,2}/”: “{3,2}” repeats more than a thousand times, or its limits are swapped."),
    (with_keys(f"/{'a' * 1_001}/"), f"Key “/{'a' * 59}” is too long: at most 1,000 characters."),
    (with_keys("—"), "Key “—” has neither letters nor digits, so it never fires."),
    (with_keys("«…»"), "Key “«…»” has neither letters nor digits, so it never fires."),
    (with_keys("*"), "Key “*” has neither letters nor digits, so it never fires."),
]
A_KEY_OF_IT = [
    (with_keys("кот", "/)/"), "Key “/)/”: a bracket ) is never opened."),
    (with_keys("кот", ""), "One of the keys is empty."),
    (with_keys("", "кот", "—"), "Key “—” has neither letters nor digits, so it never fires."),
    (with_keys("кот", selective=True, secondary_keys=["/[/"]), "Key “/[/”: a bracket [ is never closed."),
    (
        with_keys("кот " * 60),
        f"Key “{('кот ' * 15).strip()} ” is longer than 200 characters: the rest of it is ignored.",
    ),
]
FIRE = [
    entry("кот", "О."),
    entry("", "О.", constant=True),
    entry("", "@@activate\nО."),
    with_keys("", "(", constant=True),
    with_keys("🐉"),
    with_keys("東京"),
    with_keys("C++"),
    with_keys("...", extensions={"match_whole_words": False}),
    with_keys("кот", selective=False, secondary_keys=["/[/"]),
    entry("", "@@additional_keys кот\nО.", use_regex=True),
    with_keys("ко?", "*кот*"),
]


@pytest.mark.parametrize(("flawed", "told"), [*NEVER_FIRE, *A_KEY_OF_IT])
def test_what_never_fires_is_told(flawed: dict[str, Any], told: str) -> None:
    flaw = flaw_of(flawed)
    assert flaw
    assert Texts("en")(flaw.text, **flaw.values) == told


def test_in_russian_lengths_are_counted_in_the_same_words() -> None:
    told = []
    for key in (f"/{'a' * 1_001}/", "кот " * 60, "/[b-a]/"):
        flaw = flaw_of(with_keys(key))
        assert flaw
        told.append(Texts("ru")(flaw.text, **{**flaw.values, "key": "…"}))
    assert told == [
        "Ключ «…» слишком длинный: не больше 1\xa0000 знаков.",
        "Ключ «…» длиннее 200 знаков: всё, что дальше, не учитывается.",
        "Ключ «…»: «b-a» — не диапазон знаков.",
    ]


@pytest.mark.parametrize("flawed", [flawed for flawed, _told in NEVER_FIRE])
def test_and_so_it_is(flawed: dict[str, Any]) -> None:
    everything = ("Кот, дракон, лес. — ( «…» * a" + "a" * 999,)
    assert contents(activate(flawed, said=everything)) == []


@pytest.mark.parametrize("entry", FIRE)
def test_of_what_can_fire_nothing_is_told(entry: dict[str, Any]) -> None:
    assert flaw_of(entry) is None
    said = ("Кот ест... C++ 🐉 東京 в лесу",)
    assert contents(activate(entry, said=said))

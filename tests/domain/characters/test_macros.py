"""Macros (template substitution): names and forms that agree, put into a character's texts; pure."""

from __future__ import annotations

import pytest

from domain.characters.macros import FORMS, MORE, MORE_IN_ALL, NOBODY, Macros, filled_in
from domain.model.character import GREETING_LIMIT, Character, Gender
from domain.model.user import FormOfAddress, PersonGender, User

MARINA = Character(owner_id=1, name="Марина", gender=Gender.FEMALE)
LUCH = Character(owner_id=1, name="Луч", gender=Gender.OTHER)
IRA = User(display_name="Ира", gender=PersonGender.FEMALE, form_of_address=FormOfAddress.INFORMAL)
BORIS = User(display_name="Борис", gender=PersonGender.MALE, form_of_address=FormOfAddress.FORMAL)
SILENT = User(display_name="Саша")


@pytest.mark.parametrize("person", [IRA, BORIS, SILENT, None])
def test_names_come_in_whoever_reads_and_however_the_macro_is_typed(person: User | None) -> None:
    name = person.display_name if person else NOBODY
    assert (
        filled_in("{{user}}, {{USER}}, {{ user }}: я {{Char}}.", MARINA, person) == f"{name}, {name}, {name}: я Марина."
    )


@pytest.mark.parametrize(
    ("person", "read"),
    [
        (IRA, "Ты рада? Ты устала? Ты подруга."),
        (BORIS, "Вы рад? Вы устал? Вы друг."),
        (SILENT, "Вы рад/рада? Вы устал(а)? Вы гость."),
        (None, "Вы рад/рада? Вы устал(а)? Вы гость."),
    ],
)
def test_forms_agree_with_the_person_and_wait_for_them_to_say(person: User | None, read: str) -> None:
    text = "{{you:Ты|Вы}} {{user:рад|рада}}? {{you:Ты|Вы}} устал{{user:|а}}? {{you:Ты|Вы}} {{user:друг|подруга|гость}}."
    assert filled_in(text, MARINA, person) == read


def test_forms_agree_with_the_character() -> None:
    assert filled_in("Я {{char: готов | готова | готово }}.", MARINA, IRA) == "Я готова."
    assert filled_in("Я {{char:готов|готова|готово}}, {{char:рад|рада}}.", LUCH, IRA) == "Я готово, рад."


def test_what_is_no_macro_stays_as_it_was_written() -> None:
    text = "{{you}} {{you:ты}} {{user:}} {{user:а|б|в|г}} {{unknown:1|2}} {user} {{user {{char.__class__}} {0} %s"
    assert filled_in(text, MARINA, IRA) == text


def test_a_name_is_data_and_never_a_macro() -> None:
    sly = User(display_name=r"{{char}} \1 {0} {{user}}")
    assert filled_in("{{user}} и {{char}}", MARINA, sly) == r"{{char}} \1 {0} {{user}} и Марина"


@pytest.mark.parametrize("form", [form.text for form in FORMS])
def test_every_line_of_the_editors_menu_works(form: str) -> None:
    assert "{" not in filled_in(form, MARINA, IRA)


LONG = User(display_name="Я" * 64)


def test_a_text_of_nothing_but_names_stops_growing_and_the_rest_stays_as_it_was_written() -> None:
    text = "{{user}}" * (GREETING_LIMIT // 8)
    read = filled_in(text, MARINA, LONG)
    assert len(text) < len(read) <= len(text) + MORE
    assert read.startswith(LONG.display_name * 70)
    assert read.endswith("{{user}}")


def test_all_texts_together_grow_by_so_much_at_most() -> None:
    texts = ["{{user}}" * 500, "{{ user }} {{char}}" * 300] * 20
    macros = Macros(MARINA, LONG)
    assert sum(map(len, map(macros.fill, texts))) <= sum(map(len, texts)) + MORE_IN_ALL


def test_who_has_an_ordinary_name_never_meets_the_end() -> None:
    text = "{{user}}, {{char}} {{user:рад|рада}}. " * 400
    assert "{" not in filled_in(text, MARINA, BORIS)
    macros = Macros(MARINA, LONG)
    assert not any("{" in macros.fill("Привет, {{user}}! {{user}}, входи, {{user}}.") for _ in range(21))

"""Validation of e-mail addresses, usernames and names."""

from __future__ import annotations

import pytest

from domain.accounts.validation import clean_display_name, clean_username
from domain.email_address import clean_email, email_key
from domain.errors import Invalid


@pytest.mark.parametrize(
    "typed",
    [
        "ira@example.org",
        "ira+beseda@example.org",
        "i@example.co.uk",
        "o'neil@example.org",
        "ира@пример.рф",
        f"{'a' * 64}@example.org",
        f"ira@{'.'.join(['b' * 60] * 4)}.org",
    ],
)
def test_real_addresses_are_taken(typed: str) -> None:
    assert clean_email(f" {typed} ") == typed


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "ira",
        "ira@",
        "@example.org",
        "ira@example",
        "ira@@example.org",
        "ira@example..org",
        "ira@example.org, boris@example.org",
        "ira@example.org\nBcc: boris@example.org",
        "Ира <ira@example.org>",
        "ira\0@example.org",
        "ira\udcff@example.org",
        "ira@localhost",
        "beseda@system.invalid",
        f"ira@{'b.' * 200}org",
    ],
)
def test_what_no_letter_reaches_is_refused_beside_the_field(typed: str) -> None:
    with pytest.raises(Invalid) as refused:
        clean_email(typed)
    assert refused.value.field == "email"


def test_addresses_are_compared_without_regard_to_case_and_composition() -> None:
    assert email_key(" IRA@Example.ORG ") == email_key("ira@example.org")
    assert email_key("Ира@ПРИМЕР.рф") == email_key("ира@xn--e1afmkfd.xn--p1ai")
    assert email_key("йод@example.org") == email_key("и\u0306од@example.org")  # one letter, or letter and breve
    assert email_key("ira@example.org") != email_key("irа@example.org")  # the last а is Cyrillic


@pytest.mark.parametrize("typed", ["ira", "Ira_Petrova", "a.b-c_d", "007", "a" * 32, " ira "])
def test_usernames_of_latin_letters_and_digits_are_taken(typed: str) -> None:
    assert clean_username(typed) == typed.strip()


def test_nobody_has_to_have_a_username() -> None:
    assert clean_username("") is None
    assert clean_username("   ") is None


@pytest.mark.parametrize(
    "typed",
    [
        "ab",
        "a" * 33,
        "аdmin",  # the first а is Cyrillic
        "irа",  # and here the last
        "ира",
        "ｉｒａ",
        "ı͏ra",
        "ira petrova",
        "ira@example.org",
        "-ira",
        "ira.",
        "ira\u200d1",
        "٣٣٣",
        "<b>ira</b>",
        "Admin",
        "SUPPORT",
        "beseda",
    ],
)
def test_usernames_that_could_mislead_are_refused(typed: str) -> None:
    with pytest.raises(Invalid) as refused:
        clean_username(typed)
    assert refused.value.field == "username"


@pytest.mark.parametrize("typed", ["Ира", "Ира Петрова-Водкина", "O'Neil", "名前", "Ира 👩‍🚀", "И" * 64])
def test_people_may_be_called_as_they_are(typed: str) -> None:
    assert clean_display_name(f"  {typed} ") == typed


def test_a_name_is_one_line_with_single_spaces() -> None:
    assert clean_display_name(" Ира \n\t Петрова ") == "Ира Петрова"


@pytest.mark.parametrize(
    "typed", ["", " \n ", "И" * 65, "Ира\u202eавотреП", "\u200b", "Ира\0", "И\udcff", "\u2066Ира", "\ue000"]
)
def test_names_nobody_can_read_are_refused(typed: str) -> None:
    with pytest.raises(Invalid) as refused:
        clean_display_name(typed)
    assert refused.value.field == "display_name"


@pytest.mark.parametrize("typed", ["\u200d", "\u200d \u200d", "\u3164", "\u2800"])
def test_a_name_of_nothing_but_blank_signs_is_refused(typed: str) -> None:
    with pytest.raises(Invalid):
        clean_display_name(typed)

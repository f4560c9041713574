"""The editor's form: what a new one begins with, and what becomes of the values it sends."""

from __future__ import annotations

import pytest

from domain.characters.validation import check
from domain.errors import InvalidForm
from domain.model.character import AgeMark, Gender
from ui.editor.editor_page import fresh_form, values_of, with_typed

AUTHOR = 1


def test_a_new_character_is_private_until_it_is_published_and_of_no_gender_until_one_is_chosen() -> None:
    values = values_of(fresh_form(AUTHOR))
    assert (values["is_public"], values["gender"], values["age_mark"]) == (False, "", AgeMark.TWELVE)
    typed = {"name": "Матвей", "context": "Ты — Матвей."}
    with pytest.raises(InvalidForm) as refused:
        check(with_typed(fresh_form(AUTHOR), typed))
    assert [error.field for error in refused.value.errors] == ["gender"]
    check(with_typed(fresh_form(AUTHOR), typed | {"gender": "male"}))


def test_what_no_form_of_ours_sends_stays_as_it_was_saved() -> None:
    saved = with_typed(fresh_form(AUTHOR), {"name": "Матвей", "gender": "male", "age_mark": "16+"})
    filled = with_typed(saved, {"name": 7, "gender": "robot", "age_mark": "99+", "owner_id": 2})
    assert (filled.name, filled.gender, filled.age_mark) == ("Матвей", Gender.MALE, AgeMark.SIXTEEN)
    assert filled.owner_id == AUTHOR

"""Data exchanged with the book editor: a form goes there and back unchanged, and nothing malformed gets through."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from domain.books.book_room import MOST_ENTRIES
from domain.books.entry import Logic, Place
from domain.books.entry_check import CONTENT_LIMIT
from domain.books.entry_form import EntryForm, new_entry
from domain.books.entry_lines import StoredLine, page_of
from domain.language import LANGUAGES, Texts
from domain.llm.port import Role
from ui.books.book_editor import Ids, Values
from ui.books.book_shown import form_of, lines_shown, values_of
from ui.books.book_words import book_words

FULL = EntryForm(
    title="Москва",
    keys=("Москва", "/чай(ник)?/i"),
    secondary_keys=("река",),
    logic=Logic.NOT_ALL,
    content="Город.",
    is_on=False,
    is_constant=True,
    scan_depth=7,
    place=Place.AT_DEPTH,
    role=Role.USER,
    order=-2.5,
    priority=3,
    chance=40,
    sticky=2,
    group="города",
    only_by_entries=True,
)


def test_an_entry_goes_to_the_browser_and_back_unchanged() -> None:
    assert form_of(json.loads(json.dumps(values_of(FULL)))) == FULL


def test_a_line_says_what_is_wrong_with_its_keys() -> None:
    flawed = StoredLine(1, True, "", "/(/", 2, json.dumps(new_entry(EntryForm(keys=("/(/",), content="Тайна."))))
    sound = replace(flawed, id=2, entry=json.dumps(new_entry(EntryForm(keys=("кот",)))))
    shown = lines_shown(Texts("en"), page_of([flawed, sound], 0))
    assert [line[-1] for line in shown] == ["Key “/(/”: a bracket ( is never closed.", ""]


@pytest.mark.parametrize("spoiled", [None, True, 1.5, "x", [], ["x"]])
def test_what_is_spoiled_in_a_form_is_as_in_a_new_entry(spoiled: Any) -> None:
    """Unless it is of the right type: then the domain says what is wrong with it."""
    form, usual = form_of(dict.fromkeys(values_of(FULL), spoiled)), EntryForm()
    as_kept = tuple(spoiled) if isinstance(spoiled, list) else spoiled
    for name, value in vars(form).items():
        assert value == getattr(usual, name) or value == as_kept, name


def test_no_more_is_taken_than_a_book_and_an_entry_may_have() -> None:
    assert Ids().fits([*range(MOST_ENTRIES)])
    assert not Ids().fits([*range(MOST_ENTRIES + 1)])
    assert not Ids().fits([True])
    assert not Ids().fits([2**60])
    assert Values().fits(values_of(FULL) | {"version": "0"})
    assert Values().fits({"content": "ё" * (CONTENT_LIMIT + 1)}), "the domain says that it is too long"
    assert not Values().fits({"content": "ё" * 4 * CONTENT_LIMIT})
    assert not Values().fits({"keys": [["deeper"]]})
    assert not Values().fits({"content": {"deeper": 1}})
    assert not Values().fits([])


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_place_has_the_same_name_in_the_table_and_in_the_entry(language: str) -> None:
    options = book_words(Texts(language))["options"]
    for place in options["place"]:
        assert place["text"].startswith(options["places"][place["value"]]), "the table may only cut it short"

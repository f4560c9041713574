"""Form of an entry: read from what programs wrote, and written back where they read it."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import fields, replace
from typing import Any

import pytest

from domain.books.book_forms import as_book
from domain.books.entry import Logic, Place
from domain.books.entry_check import checked
from domain.books.entry_form import EntryForm, changes, form_of, new_entry, written_over
from domain.books.matching.expressions import expression_in, fault_of
from domain.llm.port import Role

OF_A_CARD: dict[str, Any] = {
    "keys": ["кот"],
    "secondary_keys": ["море"],
    "comment": "Заметка",
    "content": "Кот.",
    "constant": False,
    "selective": True,
    "insertion_order": 12,
    "enabled": True,
    "position": "after_char",
    "use_regex": False,
    "extensions": {
        "position": 4,
        "exclude_recursion": True,
        "display_index": 3,
        "probability": 40,
        "useProbability": True,
        "depth": 2,
        "selectiveLogic": 3,
        "group": "погода",
        "group_weight": 30,
        "prevent_recursion": True,
        "delay_until_recursion": 1,
        "scan_depth": 6,
        "match_whole_words": False,
        "case_sensitive": True,
        "automation_id": "",
        "role": 1,
        "vectorized": False,
        "sticky": 3,
        "cooldown": 4,
        "delay": 5,
    },
}
OF_A_WORLD_FILE: dict[str, Any] = {
    "entries": {
        "0": {
            "uid": 0,
            "key": ["кот"],
            "keysecondary": ["море"],
            "comment": "Заметка",
            "content": "Кот.",
            "constant": False,
            "selective": True,
            "selectiveLogic": 3,
            "order": 12,
            "position": 4,
            "disable": False,
            "excludeRecursion": True,
            "preventRecursion": True,
            "delayUntilRecursion": 1,
            "probability": 40,
            "useProbability": True,
            "depth": 2,
            "group": "погода",
            "groupWeight": 30,
            "scanDepth": 6,
            "role": 1,
            "caseSensitive": True,
            "matchWholeWords": False,
            "sticky": 3,
            "cooldown": 4,
            "delay": 5,
            "addMemo": True,
            "displayIndex": 3,
            "vectorized": False,
            "automationId": "",
        }
    }
}
MEANT = EntryForm(
    keys=("кот",),
    secondary_keys=("море",),
    logic=Logic.ALL,
    content="Кот.",
    comment="Заметка",
    is_case_sensitive=True,
    whole_words=False,
    scan_depth=6,
    place=Place.AT_DEPTH,
    depth=2,
    role=Role.USER,
    order=12,
    chance=40,
    sticky=3,
    cooldown=4,
    delay=5,
    group="погода",
    weight=30,
    is_found_by_entries=False,
    finds_entries=False,
    only_by_entries=True,
)
EDITED = EntryForm(
    title="Маяк",
    keys=("маяк", "башня"),
    secondary_keys=("ночь",),
    is_selective=False,
    logic=Logic.NONE,
    content="Маяк.",
    comment="Другая",
    is_on=False,
    is_constant=True,
    is_expression=True,
    scan_depth=1,
    place=Place.AFTER,
    depth=7,
    role=Role.ASSISTANT,
    order=-5,
    priority=9,
    chance=15,
    sticky=1,
    cooldown=2,
    delay=9,
    group="свет",
    weight=50,
)


def of_a_world_file() -> dict[str, Any]:
    book = as_book(deepcopy(OF_A_WORLD_FILE))
    assert book
    entry: dict[str, Any] = book["entries"][0]
    return entry


def test_a_card_and_a_world_file_of_sillytavern_say_the_same() -> None:
    assert form_of(OF_A_CARD) == form_of(of_a_world_file()) == MEANT


@pytest.mark.parametrize("name", [field.name for field in fields(EntryForm)])
@pytest.mark.parametrize("source", ["of a card", "of a world file", "new"])
def test_one_edited_field_is_read_again_as_it_was_edited_and_no_other_changes(source: str, name: str) -> None:
    found = {"of a card": OF_A_CARD, "of a world file": of_a_world_file(), "new": new_entry(EntryForm())}[source]
    before = form_of(found)
    if name == "depth":  # it means something only where the place is at a depth
        before = form_of(found := written_over(found, replace(before, place=Place.AT_DEPTH)))
    edited = replace(before, **{name: getattr(EDITED, name)})
    kept = deepcopy(found)
    assert changes(form_of(written_over(found, edited)), edited) == set()
    assert found == kept, "what was read stays as it is"


def test_what_is_not_edited_is_written_as_it_was() -> None:
    for found in (OF_A_CARD, of_a_world_file()):
        assert written_over(found, form_of(found)) == found


def test_other_programs_read_a_change_where_they_read_before() -> None:
    form = replace(MEANT, chance=70, whole_words=True, is_case_sensitive=False, scan_depth=None)
    more = written_over(OF_A_CARD, form)["extensions"]
    assert [more[name] for name in ("probability", "match_whole_words", "case_sensitive", "scan_depth")] == [
        70,
        True,
        False,
        None,
    ]
    world = written_over(of_a_world_file(), form)
    assert [world[name] for name in ("probability", "matchWholeWords", "case_sensitive", "scanDepth")] == [
        70,
        True,
        False,
        None,
    ]


def test_a_new_entry_is_one_that_v3_allows() -> None:
    entry = new_entry(checked(EntryForm(keys=("кот", " кот ", ""), content=" Кот.\r\nСпит. ")))
    assert {"keys", "content", "extensions", "enabled", "insertion_order", "use_regex"} <= entry.keys()
    assert (entry["keys"], entry["content"]) == (["кот"], "Кот.\nСпит.")


@pytest.mark.parametrize(
    ("written", "part"),
    [
        ("/(/", ""),
        ("/a)/", ""),
        ("/[a/", "[a"),
        ("/*a/", "*"),
        ("/a**/", "**"),
        ("/a{5000}/", "{5000}"),
        (r"/\1/", "\\1"),
        ("/a\\/", ""),
        ("/[z-a]/", "z-a"),
        ("/(?=a)/", "(?="),
        ("/((a{100}){100}){100}/", ""),
        (f"/{'a' * 1001}/", ""),
    ],
)
def test_what_is_wrong_with_an_expression_is_told(written: str, part: str) -> None:
    expression = expression_in(written, is_expression=False)
    assert expression
    fault = fault_of(expression)
    assert fault
    assert "{key}" in fault.text
    assert part in fault.part

"""Any JSON in any field of a lorebook's file: whatever it is, the book is read, listed, edited and fired."""

from __future__ import annotations

from itertools import chain
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.books.activation import CompiledBook
from domain.books.book_forms import AGNAI, CAMEL, NOVEL, RISU, SILLY, SWITCHES, as_book, entries_left_out, is_lorebook
from domain.books.book_rows import rows_of
from domain.books.conditions import Circumstances
from domain.books.entry_check import checked
from domain.books.entry_form import form_of, written_over
from domain.books.entry_json import IN_EXTENSIONS, ONLY_IN_A_WORLD, PLACES, as_in_a_card
from domain.books.entry_lines import StoredLine, found_among, page_of
from domain.cards.book_remarks import remarks_on
from domain.cards.json_text import storable

SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(["2", "кот", "@@depth 2"])
)
ANY_JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
).map(storable)
IN_AN_ENTRY = sorted(
    {path[-1] for path in chain.from_iterable(PLACES.values())}
    | {name for names in (SILLY, RISU, AGNAI, NOVEL) for name in (*names, *names.values())}
    | {*SWITCHES, *IN_EXTENSIONS, *ONLY_IN_A_WORLD, "extensions", "extentions", "disable", "mode", "activationPercent"}
    | {"contextConfig", "id"}
)
IN_A_BOOK = sorted(
    {*CAMEL, *CAMEL.values(), "name", "description", "extensions", "entries", "data", "spec", "kind", "type"}
)
USUAL = {"keys": ["кот"], "secondary_keys": ["дом"], "selective": True, "content": "Рыжий кот.", "enabled": True}
EXTENSIONS = st.dictionaries(st.sampled_from([*IN_AN_ENTRY, "risu_case_sensitive"]), ANY_JSON, max_size=4)
ENTRIES = st.builds(
    lambda more, extensions: USUAL | {"extensions": extensions} | more,
    st.dictionaries(st.sampled_from(IN_AN_ENTRY), ANY_JSON, max_size=4),
    EXTENSIONS,
)
NOTHING: list[Any] = [None, "", [], {}]
ONE_OF_EACH = [*NOTHING, True, False, 0, 4, -1, 1.5, 10**400, "кот", ["кот"], [[1]], {"кот": 1}]

as_slow_as_it_is = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def walk(file: dict[str, Any]) -> None:
    """Do everything that is ever done with a lorebook's file."""
    is_lorebook(file)
    book = as_book(file)
    if book is None:
        return
    entries_left_out(file, book)
    list(remarks_on(book))
    rows = rows_of(book)
    lines = [
        StoredLine(place, each.is_on, each.title, each.keys, each.tokens, each.entry)
        for place, each in enumerate(rows.entries)
    ]
    page_of(lines, 0)
    found_among(lines, "кот", 0, 100)
    for entry in book["entries"]:
        as_in_a_card(entry)
        form = form_of(entry)
        assert written_over(entry, checked(form, form)) == entry, "what nobody edits stays"
    columns = {
        "scan_depth": rows.scan_depth,
        "token_budget": rows.token_budget,
        "recursive_scanning": rows.is_recursive,
    }
    for read in (book, book | columns):
        CompiledBook(read).activate(["Дома рыжий кот."], Circumstances(messages=1, replies=1))


@as_slow_as_it_is
@given(ENTRIES)
def test_an_entry_with_anything_in_its_fields_can_be_used(entry: dict[str, Any]) -> None:
    walk({"entries": [entry]})


@as_slow_as_it_is
@given(
    st.dictionaries(st.sampled_from(IN_A_BOOK), ANY_JSON, max_size=4), st.sampled_from(("", "entries", "data")), ENTRIES
)
def test_a_book_with_anything_in_its_fields_can_be_used(
    book: dict[str, Any], entries: str, entry: dict[str, Any]
) -> None:
    walk(book | ({entries: [entry]} if entries else {}))


@pytest.mark.parametrize("name", IN_AN_ENTRY)
def test_no_kind_of_value_in_a_field_of_an_entry_breaks_the_book(name: str) -> None:
    for value in ONE_OF_EACH:
        walk({"entries": [USUAL | {name: value}, USUAL | {"extensions": {name: value}}]})


@pytest.mark.parametrize("name", IN_A_BOOK)
def test_no_kind_of_value_in_a_field_of_a_book_breaks_it(name: str) -> None:
    for value in ONE_OF_EACH:
        walk({"entries": [USUAL], name: value})
        walk({"spec": "lorebook_v3", "data": {"entries": [USUAL], name: value}})

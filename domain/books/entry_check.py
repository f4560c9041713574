"""Validation of an entry's form. Only changed fields are checked, so that what came from a file can stay."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from domain.books.entry import HIGHEST_CHANCE
from domain.books.entry_form import EntryForm, changes
from domain.books.matching.expressions import expression_in, fault_of
from domain.books.matching.keys import LONGEST_KEY
from domain.errors import Invalid, InvalidForm
from domain.model.book import TITLE_LIMIT
from domain.text import clean_text, is_visible, on_one_line

MOST_KEYS = 100
CONTENT_LIMIT = 20_000
COMMENT_LIMIT = 2_000
GROUP_LIMIT = 100
SHOWN_OF_A_KEY = 60
RANGES: dict[str, tuple[float, float]] = {
    "scan_depth": (0, 100),
    "depth": (0, 10_000),
    "order": (-1_000_000, 1_000_000),
    "priority": (-1_000_000, 1_000_000),
    "chance": (0, HIGHEST_CHANCE),
    "sticky": (0, 10_000),
    "cooldown": (0, 10_000),
    "delay": (0, 10_000),
    "weight": (1, 10_000),
}
TEXTS = {"title": TITLE_LIMIT, "content": CONTENT_LIMIT, "comment": COMMENT_LIMIT, "group": GROUP_LIMIT}
ON_LINES = ("content", "comment")


def checked(form: EntryForm, before: EntryForm | None = None) -> EntryForm:
    """The cleaned form. Raises `InvalidForm` with an `Invalid` for each field that is not valid."""
    changed = set(vars(form)) if before is None else changes(before, form)
    errors: list[Invalid] = []
    clean: dict[str, Any] = {}
    for field in changed:
        try:
            clean[field] = _clean(form, field)
        except Invalid as error:
            errors.append(error)
    if "is_expression" in changed - {"keys"} and form.is_expression:
        errors += _not_expressions(form)
    if errors:
        raise InvalidForm(errors)
    return replace(form, **clean)


def _clean(form: EntryForm, field: str) -> Any:
    value = getattr(form, field)
    if field in TEXTS:
        text = clean_text(value, field, TEXTS[field])
        return text if field in ON_LINES else on_one_line(text)
    if field in ("keys", "secondary_keys"):
        return _keys(value, field, are_expressions=form.is_expression)
    if field in RANGES and value is not None:
        least, most = RANGES[field]
        if not least <= value <= most:
            raise Invalid("A number from {least} to {most}.", field=field, least=least, most=most)
    return value


def _not_expressions(form: EntryForm) -> list[Invalid]:
    """Errors in keys that were words until now and become regular expressions."""
    try:
        _keys(form.keys, "keys", are_expressions=True)
    except Invalid as error:
        return [error]
    return []


def _keys(typed: tuple[str, ...], field: str, *, are_expressions: bool) -> tuple[str, ...]:
    keys = tuple(dict.fromkeys(clean for key in typed if (clean := on_one_line(key))))
    if len(keys) > MOST_KEYS:
        raise Invalid("At most {limit} keys.", field=field, limit=MOST_KEYS)
    for key in keys:
        expression = expression_in(key, is_expression=are_expressions)
        if expression is None and len(key) > LONGEST_KEY:
            raise Invalid("A key can be at most {limit} characters long.", field=field, limit=LONGEST_KEY)
        if not is_visible(key):
            raise Invalid("This text has invisible characters in it. Please type it again.", field=field)
        fault = fault_of(expression) if expression else None
        if fault:
            raise Invalid(fault.text, field=field, key=key[:SHOWN_OF_A_KEY], part=fault.part)
    return keys

"""Data table (component): an admin list as one element, however many rows there are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Literal, Protocol, TypeVar

from nicegui import ui

from domain.language import Texts

Cell = str | Mapping[str, Any]
"""A text, or {"text", "href", "title", "picture", "note", "chips": [{"text", "tone"}], "bar": 0…1}, or
{"fold": the summary line, "lines": [str, …]}. ui/admin/shell/cells.py makes them.
"""
Row = Mapping[str, Cell]


class Identified(Protocol):
    @property
    def id(self) -> int: ...


Line = TypeVar("Line", bound=Identified)


@dataclass(frozen=True)
class Column:
    """`sort` is the order's name, as the feed knows it; a leading "-" reverses it, "" is not sortable."""

    key: str
    label: str
    sort: str = ""
    is_number: bool = False
    """True for numbers and moments: aligned right, and sorted with the largest first."""
    is_cut: bool = False
    """True to cut the text to one line, however long it is."""


@dataclass(frozen=True, kw_only=True)
class LineColumn(Column, Generic[Line]):
    """A column of a list with its cell: all that a new column needs if the rows have its value already."""

    cell: Callable[[Line], Cell]


def rows_of(columns: Sequence[LineColumn[Line]], lines: Iterable[Line]) -> list[dict[str, Any]]:
    """The rows as the feed returns them."""
    return [{"id": line.id, **{each.key: each.cell(line) for each in columns}} for line in lines]


@dataclass(frozen=True)
class Filter:
    """A filter field above the list; its value goes into the page's address under `name`."""

    name: str
    label: str
    kind: Literal["search", "number", "select", "date"]
    options: Sequence[tuple[str, str]] = ()
    """Values with their labels. The first value is "", for any."""
    hint: str = ""


class AdminRows(ui.element, component="admin_rows.js"):
    """A small table inside a page, with rows given at once."""

    def __init__(self, columns: Sequence[Column], rows: Sequence[Row], *, caption: str, empty: str) -> None:
        super().__init__()
        self._props["columns"] = [_column(each) for each in columns]
        self._props["rows"] = list(rows)
        self._props["caption"] = caption
        self._props["empty"] = empty

    def show(self, rows: Sequence[Row]) -> None:
        self._props["rows"] = list(rows)
        self.update()


class AdminTable(ui.element, component="admin_table.js"):
    """A list that its `feed` sorts, filters and pages (keyset); the query is kept in the page's address.

    `feed` gets the names of `filters`, `sort`, `after` and what is `fixed`, and answers {"rows": [row, …],
    "next": the following page's `after`, or null, "said": «128 человек»}.
    """

    def __init__(
        self,
        _: Texts,
        feed: str,
        columns: Sequence[Column],
        filters: Sequence[Filter] = (),
        *,
        caption: str,
        empty: str,
        sort: str = "",
        fixed: Mapping[str, str | int] | None = None,
    ) -> None:
        super().__init__()
        self._props["url"] = feed
        self._props["columns"] = [_column(each) for each in columns]
        self._props["filters"] = [
            {"name": each.name, "label": each.label, "kind": each.kind, "options": each.options, "hint": each.hint}
            for each in filters
        ]
        self._props["fixed"] = {name: str(value) for name, value in (fixed or {}).items()}
        self._props["sort"] = sort
        self._props["labels"] = {
            "caption": caption,
            "empty": empty,
            "filters": _("Filters"),
            "none": _("No matches. Try a broader search."),
            "widen": _("Show all"),
            "sort": _("Sort by"),
            "pages": _("Pages"),
            "next": _("Next"),
            "back": _("Back"),
            "first": _("Back to start"),
            "failed": _("Couldn't load the list."),
            "retry": _("Try again"),
        }

    def reload(self) -> None:
        """Fetch the list again."""
        self.run_method("load")


def _column(column: Column) -> dict[str, Any]:
    return {
        "key": column.key,
        "label": column.label,
        "sort": column.sort,
        "number": column.is_number,
        "cut": column.is_cut,
    }

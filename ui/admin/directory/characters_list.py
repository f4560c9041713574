"""Admin list of characters: its columns, its filters, its query, its rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from domain.admin.characters import CharacterFilter, CharacterOrder, CharacterRow, CharacterState
from domain.language import Texts
from domain.model.character import AgeMark
from ui.admin.shell.admin_table import AdminTable, Cell, Filter, LineColumn, rows_of
from ui.admin.shell.cells import Tone, chip, moment, numbered
from ui.admin.shell.period import day_begins, day_ends
from ui.request.visitor import Reader
from ui.widgets.picture_urls import portrait_address

FEED = "/admin/feed/characters"
USUAL_ORDER = f"-{CharacterOrder.UPDATED}"
TONES: dict[CharacterState, Tone] = {
    CharacterState.HIDDEN: "warn",
    CharacterState.TO_MEND: "warn",
    CharacterState.BLOCKED: "bad",
}


def character_state_names(_: Texts) -> dict[CharacterState, str]:
    return {
        CharacterState.FREE: _("no restrictions"),
        CharacterState.HIDDEN: _("hidden from the gallery"),
        CharacterState.TO_MEND: _("needs changes"),
        CharacterState.BLOCKED: _("blocked"),
    }


def characters_list(reader: Reader, *, fixed: Mapping[str, int] | None = None) -> AdminTable:
    """All characters, or with `fixed` those of one author."""
    _ = reader._
    columns = [column for column in _columns(reader) if not fixed or column.key != "author"]
    return AdminTable(
        _,
        FEED,
        columns,
        () if fixed else _filters(_),
        caption=_("Characters"),
        empty=_("No characters yet."),
        sort=USUAL_ORDER,
        fixed=fixed,
    )


def _filters(_: Texts) -> list[Filter]:
    return [
        Filter("search", _("Search"), "search", hint=_("Name or ID")),
        Filter("state", _("Status"), "select", [("", _("any")), *character_state_names(_).items()]),
        Filter(
            "seen_by",
            _("Visible to"),
            "select",
            [("", _("any visibility")), ("all", _("everyone")), ("one", _("the author"))],
        ),
        Filter("age", _("Age rating"), "select", [("", _("all")), *((mark, mark) for mark in AgeMark)]),
        Filter("reports", _("Reports"), "select", [("", _("all")), ("1", _("reported"))]),
        Filter("since", _("Created from"), "date"),
        Filter("until", _("to"), "date"),
    ]


def characters_filter(reader: Reader, asked: Mapping[str, str], author_id: int | None) -> CharacterFilter:
    """The query in the address; invalid values are ignored."""
    state, age = asked.get("state", ""), asked.get("age", "")
    return CharacterFilter(
        words=asked.get("search", ""),
        author_id=author_id,
        state=CharacterState(state) if state in set(CharacterState) else None,
        is_public={"all": True, "one": False}.get(asked.get("seen_by", "")),
        age_mark=AgeMark(age) if age in set(AgeMark) else None,
        has_reports=bool(asked.get("reports")),
        made_since=day_begins(reader, asked.get("since", "")),
        made_until=day_ends(reader, asked.get("until", "")),
    )


def characters_rows(reader: Reader, characters: list[CharacterRow]) -> list[dict[str, Any]]:
    return rows_of(_columns(reader), characters)


def character_chips(_: Texts, state: CharacterState, *, is_public: bool) -> list[dict[str, str]]:
    """A character without restrictions, as most are, needs no mark."""
    private = [] if is_public else [chip(_("private"))]
    if state == CharacterState.FREE:
        return private
    return [*private, chip(character_state_names(_)[state], TONES[state])]


def _columns(reader: Reader) -> list[LineColumn[CharacterRow]]:
    _ = reader._
    return [
        LineColumn("name", _("Name"), CharacterOrder.NAME, cell=lambda character: _name(_, character)),
        LineColumn(
            "author",
            _("Author"),
            cell=lambda character: {"text": character.author, "href": f"/admin/users/{character.author_id}"},
        ),
        LineColumn("age", _("Age rating"), cell=lambda character: character.age_mark.value),
        LineColumn(
            "state",
            _("Status"),
            cell=lambda character: {"chips": character_chips(_, character.state, is_public=character.is_public)},
        ),
        LineColumn(
            "talks",
            _("Conversations"),
            CharacterOrder.TALKS,
            is_number=True,
            cell=lambda character: _.number(character.talks),
        ),
        LineColumn(
            "reports",
            _("Open reports"),
            is_number=True,
            cell=lambda character: _.number(character.reports) if character.reports else "",
        ),
        LineColumn(
            "updated",
            _("Updated"),
            CharacterOrder.UPDATED,
            is_number=True,
            cell=lambda character: moment(reader, character.updated_at),
        ),
    ]


def _name(_: Texts, character: CharacterRow) -> Cell:
    token = character.picture_token
    return {
        "text": character.name,
        "href": f"/admin/characters/{character.id}",
        "picture": f"/pictures/{token}/face.webp" if token else portrait_address(character.name, character.portrait),
        "note": numbered(_, character.id),
    }

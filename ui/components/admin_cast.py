"""Admin list of characters: its columns, its filters, its query, its rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from domain.admin.cast import CastOrder, CastSought, CharacterRow, CharacterState
from domain.characters.character import AgeMark, Character
from domain.language import Texts
from ui.components.admin_cells import Tone, chip, moment
from ui.components.admin_period import day_begins, day_ends
from ui.components.admin_table import AdminTable, Column, Filter
from ui.pictures import character_picture, portrait_address
from ui.visitor import Reader

FEED = "/admin/feed/characters"
USUAL_ORDER = f"-{CastOrder.UPDATED}"
TONES: dict[CharacterState, Tone] = {
    CharacterState.HIDDEN: "warn",
    CharacterState.TO_MEND: "warn",
    CharacterState.BLOCKED: "bad",
}


def character_state_names(_: Texts) -> dict[CharacterState, str]:
    return {
        CharacterState.FREE: _("free"),
        CharacterState.HIDDEN: _("hidden from the gallery"),
        CharacterState.TO_MEND: _("to be mended"),
        CharacterState.BLOCKED: _("blocked"),
    }


def cast_list(reader: Reader, *, fixed: Mapping[str, int] | None = None) -> AdminTable:
    """All characters, or with `fixed` those of one author."""
    _ = reader._
    columns = [
        Column("name", _("Name"), CastOrder.NAME),
        Column("author", _("Author")),
        Column("age", _("Age mark")),
        Column("state", _("State")),
        Column("talks", _("Conversations"), CastOrder.TALKS, is_number=True),
        Column("reports", _("Open reports"), is_number=True),
        Column("updated", _("Changed"), CastOrder.UPDATED, is_number=True),
    ]
    if fixed:
        columns = [column for column in columns if column.key != "author"]
    return AdminTable(
        _,
        FEED,
        columns,
        () if fixed else _filters(_),
        caption=_("Characters"),
        empty=_("There are no characters yet."),
        sort=USUAL_ORDER,
        fixed=fixed,
    )


def _filters(_: Texts) -> list[Filter]:
    return [
        Filter("search", _("Search"), "search", hint=_("Name or number")),
        Filter("state", _("State"), "select", [("", _("any")), *character_state_names(_).items()]),
        Filter(
            "seen_by", _("Seen by"), "select", [("", _("no matter")), ("all", _("everybody")), ("one", _("the author"))]
        ),
        Filter("age", _("Age mark"), "select", [("", _("no matter")), *((mark, mark) for mark in AgeMark)]),
        Filter("reports", _("Reports"), "select", [("", _("no matter")), ("1", _("reported"))]),
        Filter("since", _("Made from"), "date"),
        Filter("until", _("to, included"), "date"),
    ]


def cast_sought(reader: Reader, asked: Mapping[str, str], author_id: int | None) -> CastSought:
    """The query in the address; invalid values are ignored."""
    state, age = asked.get("state", ""), asked.get("age", "")
    return CastSought(
        words=asked.get("search", ""),
        author_id=author_id,
        state=CharacterState(state) if state in set(CharacterState) else None,
        is_public={"all": True, "one": False}.get(asked.get("seen_by", "")),
        age_mark=AgeMark(age) if age in set(AgeMark) else None,
        has_reports=bool(asked.get("reports")),
        made_since=day_begins(reader, asked.get("since", "")),
        made_until=day_ends(reader, asked.get("until", "")),
    )


def cast_rows(reader: Reader, characters: list[CharacterRow]) -> list[dict[str, Any]]:
    return [_row(reader, character) for character in characters]


def character_link(character: Character) -> dict[str, Any]:
    picture = character_picture(character, "face")
    note = f"№ {character.id}"
    return {"text": character.name, "href": f"/admin/characters/{character.id}", "picture": picture, "note": note}


def character_chips(_: Texts, state: CharacterState, *, is_public: bool) -> list[dict[str, str]]:
    """A character without restrictions, as most are, needs no mark."""
    private = [] if is_public else [chip(_("private"))]
    if state == CharacterState.FREE:
        return private
    return [*private, chip(character_state_names(_)[state], TONES[state])]


def _row(reader: Reader, character: CharacterRow) -> dict[str, Any]:
    _, token = reader._, character.picture_token
    return {
        "id": character.id,
        "name": {
            "text": character.name,
            "href": f"/admin/characters/{character.id}",
            "picture": f"/pictures/{token}/face.webp"
            if token
            else portrait_address(character.name, character.portrait),
            "note": f"№ {character.id}",
        },
        "author": {"text": character.author, "href": f"/admin/users/{character.author_id}"},
        "age": character.age_mark.value,
        "state": {"chips": character_chips(_, character.state, is_public=character.is_public)},
        "talks": _.number(character.talks),
        "reports": _.number(character.reports) if character.reports else "",
        "updated": moment(reader, character.updated_at),
    }

"""Versions feed: the versions of a character, and how a version differs from a later state, as JSON."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse

from domain.characters.fields import BY_NAME, Kind, field_labels
from domain.characters.version_diff import FieldChange, Mark, Piece
from domain.characters.versions import Against, VersionLine, VersionList
from domain.language import N_, Texts
from domain.model.character import Gender
from ui.app import App
from ui.request.http import NOT_KEPT
from ui.request.visitor import Reader, reader_of
from ui.widgets.labels import gender_words, language_words


def versions_feed(app: App) -> APIRouter:
    router = APIRouter(include_in_schema=False)
    kept = app.characters.versions

    @router.get("/feed/characters/{character_id}/versions")
    async def versions(character_id: int, request: Request) -> JSONResponse:
        reader = await reader_of(app, request)
        found = await kept.of(reader.must_be_logged_in(), character_id)
        return JSONResponse(_list_shown(reader, found), headers=NOT_KEPT)

    @router.get("/feed/characters/{character_id}/versions/{version_id}")
    async def comparison(
        character_id: int, version_id: int, request: Request, against: Annotated[Against, Query()] = Against.NOW
    ) -> JSONResponse:
        reader = await reader_of(app, request)
        changes = await kept.compare(reader.must_be_logged_in(), character_id, version_id, against)
        return JSONResponse({"changes": [_change_shown(reader._, each) for each in changes]}, headers=NOT_KEPT)

    return router


def _list_shown(reader: Reader, found: VersionList) -> dict[str, Any]:
    """The list in the shape versions_window.js expects (`VersionsShown` in ui/types.d.ts)."""
    _ = reader._
    note = _("The photo and who can see the character stay as they are now.")
    if found.has_book:
        note += " " + _("So does the lorebook: versions don't include it.")
    return {"lines": [_line_shown(reader, each) for each in found.lines], "note": note}


def _line_shown(reader: Reader, line: VersionLine) -> dict[str, Any]:
    _ = reader._
    names = ", ".join(field_labels(_)[name] for name in line.changed)
    changed = N_("Changed: {fields}") if line.by_author else N_("Changed by an admin: {fields}")
    until = _("Replaced: {moment}", moment=reader.moment(line.replaced_at))
    return {"id": line.id, "until": until, "changed": _(changed, fields=names)}


def _change_shown(_: Texts, change: FieldChange) -> dict[str, Any]:
    """`apart`: the pieces are separate values, not parts of one text."""
    name, kind = change.name, BY_NAME[change.name].kind
    values = Piece(Mark.REMOVED, _value(_, name, change.before)), Piece(Mark.ADDED, _value(_, name, change.after))
    label = field_labels(_)[name]
    return {
        "label": f"{label} {change.number}" if change.number else label,
        "pieces": [{"mark": piece.mark, "text": piece.text} for piece in change.pieces or values],
        "apart": kind not in (Kind.LINE, Kind.TEXT, Kind.TEXTS),
    }


def _value(_: Texts, name: str, value: Any) -> str:
    """A choice or a number as the editor shows it."""
    if value is None:
        return _("as in the settings")
    match name:
        case "gender":
            return gender_words(_)[Gender(value)]
        case "language":
            return language_words(_).get(value, _("Detect from the text"))
        case "is_public":
            return _("Everyone") if value else _("Only me")
        case "portrait":
            return str(value + 1)
        case _name:
            return value if isinstance(value, str) else _.number(value)

"""Cards API: characters come in from card files of other programs, and leave as such files, alone or in a ZIP."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import StreamingResponse
from pydantic import ValidationError
from starlette.datastructures import UploadFile

from domain.accounts.sessions import Caller
from domain.accounts.sessions_list import Visitor
from domain.cards.card_export import MOST_AT_ONCE
from domain.cards.faults import IsLorebook
from domain.cards.report import report_of
from domain.cards.writing import CardKind
from domain.characters.visibility import Private
from domain.errors import Invalid
from domain.language import Texts
from domain.model.character import Character, Gender
from domain.model.character_card import FILE_NAME_LIMIT
from storage.columns import LARGEST_ID
from ui.api.bearer import BearerAuth
from ui.api.card_schemas import CardFields, CardImported
from ui.api.characters import fill
from ui.api.errors import documented, seed_errors
from ui.api.schemas import CharacterUpdate, ClientId, Id
from ui.api.serializers import character_shown
from ui.app import App
from ui.request.attachment import attachment, blocks_of, in_turn
from ui.request.authenticate_first import authenticate_first
from ui.request.http import NOT_KEPT
from ui.request.visitor import read_preferences
from ui.widgets.picture_urls import portrait_colours

FORM = "multipart/form-data"
MEGABYTE = 1024 * 1024
BINARY = {"schema": {"type": "string", "format": "binary"}}
TAKES_A_FILE: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            FORM: {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {
                        "file": {"type": "string", "format": "binary"},
                        "fields": {
                            "type": "string",
                            "description": "JSON as `PATCH /api/characters/{character_id}` takes it: what goes before "
                            "what the card says.",
                        },
                    },
                }
            },
            "application/octet-stream": BINARY,
        },
    }
}
"""Value for `openapi_extra` of routes that take a form with the file, or the file alone."""

As = Annotated[CardKind, Query(alias="as", description="PNG and `json` hold versions 2 and 3, or version 3.")]
Secrets = Annotated[
    bool, Query(description="Whether what only the model reads goes along; it never does for others' characters.")
]


def cards(app: App) -> APIRouter:
    auth = BearerAuth(app)
    router = APIRouter(prefix="/characters", tags=["cards"], route_class=authenticate_first(auth.ask))
    _add_import(router, app, auth)
    _add_exports(router, app, auth)
    return router


def _add_import(router: APIRouter, app: App, auth: BearerAuth) -> None:
    @router.post(
        "/import",
        status_code=201,
        responses=documented(401, 403, 409, 507) | {200: {"model": CardImported, "description": "With `preview`"}},
        openapi_extra=TAKES_A_FILE,
    )
    async def import_character(
        request: Request,
        response: Response,
        visitor: Annotated[Visitor, Depends(auth.visitor)],
        *,
        preview: Annotated[bool, Query(description="Only tell what the file says.")] = False,
        file_name: Annotated[
            str, Query(max_length=FILE_NAME_LIMIT, description="Of a file that is the whole body.")
        ] = "",
        client_id: ClientId = "",
    ) -> CardImported:
        """Make a private character of a card: PNG, JSON or YAML (versions 1 to 3 and other programs' forms) or CHARX,
        at most 50 MB. What the file brought is kept and comes back with an export.
        """
        _ = Texts(read_preferences(request.headers).language)
        data, name, body = await _sent(request, file_name)
        with _lorebooks_sent_on():
            if preview:
                found = await app.cards.importing.preview(visitor.caller, data, name)
                response.status_code = 200
                return CardImported(character=None, fields=CardFields.of(found.fields), report=report_of(found, _))
            made, found = await app.cards.importing.keep(visitor.caller, data, name, _chosen(body), client_id=client_id)
        shown = character_shown(made, visitor.user)
        return CardImported(character=shown, fields=CardFields.of(found.fields), report=report_of(found, _))


def _add_exports(router: APIRouter, app: App, auth: BearerAuth) -> None:
    @router.get("/export", response_class=StreamingResponse, responses=_a_file("application/zip", 401, 403, 404, 409))
    async def export_characters(
        caller: Annotated[Caller, Depends(auth.caller)],
        ids: Annotated[list[Annotated[int, Query(ge=1, le=LARGEST_ID)]], Query(max_length=MOST_AT_ONCE)],
        kind: As = CardKind.PNG,
        *,
        secrets: Secrets = True,
    ) -> StreamingResponse:
        """The cards of several characters as a ZIP archive; those that you may not see are left out."""
        pieces = await app.cards.exporting.export_many(caller, ids, kind, portrait_colours, secrets=secrets)
        headers = {"Content-Disposition": attachment("", "characters", "zip"), **NOT_KEPT}
        return StreamingResponse(pieces, media_type="application/zip", headers=headers)

    @router.get(
        "/{character_id}/export",
        response_class=StreamingResponse,
        responses=_a_file("application/octet-stream", 401, 403, 404, 409),
    )
    async def export_character(
        character_id: Id,
        caller: Annotated[Caller, Depends(auth.caller)],
        kind: As = CardKind.PNG,
        *,
        secrets: Secrets = True,
    ) -> StreamingResponse:
        """The character as a card file."""
        with seed_errors({Private: (403, "Private character")}):
            file = await app.cards.exporting.export(caller, character_id, kind, portrait_colours, secrets=secrets)
        name, _dot, suffix = file.name.rpartition(".")
        headers = {"Content-Disposition": attachment(name, f"character-{character_id}", suffix), **NOT_KEPT}
        return StreamingResponse(in_turn(blocks_of(file.data)), media_type=file.media_type, headers=headers)


@contextmanager
def _lorebooks_sent_on() -> Generator[None]:
    try:
        yield
    except IsLorebook as error:
        raise Invalid(
            "This is a lorebook, not a character. Send it to POST /api/books/import, which makes a world of it.",
            field="file",
        ) from error


def _a_file(media_type: str, *statuses: int) -> dict[int | str, dict[str, Any]]:
    content = dict.fromkeys({media_type, "image/png", "application/json", "application/zip"}, BINARY)
    return documented(*statuses) | {200: {"description": "The file", "content": content}}


async def _sent(request: Request, file_name: str) -> tuple[bytes, str, CharacterUpdate]:
    """The file, its name, and the fields that take precedence over those of the file."""
    if not request.headers.get("content-type", "").lower().startswith(FORM):
        return await request.body(), file_name, CharacterUpdate()
    async with request.form(max_files=1, max_fields=1, max_part_size=MEGABYTE) as form:
        file, fields = form.get("file"), form.get("fields")
        if not isinstance(file, UploadFile):
            raise Invalid("Choose a file.", field="file")
        try:
            body = CharacterUpdate.model_validate_json(fields) if isinstance(fields, str) else CharacterUpdate()
        except ValidationError as error:
            mistakes = [each | {"loc": ("body", "fields", *each["loc"])} for each in error.errors(include_url=False)]
            raise RequestValidationError(mistakes) from error
        return await file.read(), (file.filename or "")[-FILE_NAME_LIMIT:], body


def _chosen(body: CharacterUpdate) -> dict[str, Any]:
    filled = Character(owner_id=0, name="", gender=Gender.OTHER)
    return {field: getattr(filled, field) for field in fill(filled, body)}

"""Export routes of the pages: a character as a card file, and several as an archive."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse

from domain.cards.card_export import MOST_AT_ONCE
from domain.cards.writing import CardKind
from storage.columns import LARGEST_ID
from ui.app import App
from ui.request.attachment import attachment, blocks_of, in_turn
from ui.request.http import NOT_KEPT
from ui.request.visitor import reader_of
from ui.widgets.picture_urls import portrait_colours

Id = Annotated[int, Query(ge=1, le=LARGEST_ID)]


def export_routes(app: App) -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.get("/export/characters.zip")
    async def export_some(
        request: Request,
        ids: Annotated[list[Id], Query(alias="id", max_length=MOST_AT_ONCE)],
        kind: Annotated[CardKind, Query(alias="as")] = CardKind.PNG,
        *,
        secrets: bool = True,
    ) -> Response:
        reader = await reader_of(app, request)
        caller = reader.must_be_logged_in()
        pieces = await app.cards.exporting.export_many(caller, ids, kind, portrait_colours, secrets=secrets)
        headers = {"Content-Disposition": attachment(reader._("Characters"), "characters", "zip"), **NOT_KEPT}
        return StreamingResponse(pieces, media_type="application/zip", headers=headers)

    @router.get("/export/characters/{character_id}")
    async def export(
        character_id: int,
        request: Request,
        kind: Annotated[CardKind, Query(alias="as")] = CardKind.PNG,
        *,
        secrets: bool = True,
    ) -> Response:
        """Without `secrets`, what only the model sees is left out even for the author."""
        reader = await reader_of(app, request)
        caller = reader.must_be_logged_in()
        card = await app.cards.exporting.export(caller, character_id, kind, portrait_colours, secrets=secrets)
        name, _dot, suffix = card.name.rpartition(".")
        headers = {"Content-Disposition": attachment(name, f"character-{character_id}", suffix), **NOT_KEPT}
        return StreamingResponse(in_turn(blocks_of(card.data)), media_type=card.media_type, headers=headers)

    return router

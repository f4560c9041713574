"""Card routes of the pages: a file is previewed, then kept as a character or a world. The browser sends it both times,
so that it is not stored here in between.
"""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse

from domain.accounts.sessions import Caller
from domain.cards.faults import IsLorebook
from domain.cards.png_chunks import is_png
from domain.errors import InvalidForm
from domain.model.character import AgeMark, Gender
from domain.model.character_card import FILE_NAME_LIMIT
from domain.text import without_unstorable
from ui.app import App
from ui.cards.report_view import MOST_ENTRIES, report_view, world_view
from ui.request.authenticate_first import authenticate_first
from ui.request.http import NOT_KEPT
from ui.request.visitor import reader_of

FileName = Annotated[str, Query(max_length=10 * FILE_NAME_LIMIT)]
PLACES = re.compile(r"\d{1,3}(,\d{1,3})*")


def card_routes(app: App) -> APIRouter:
    async def ask(request: Request) -> None:
        request.state.reader = await reader_of(app, request)
        request.state.reader.must_be_logged_in()

    router = APIRouter(include_in_schema=False, route_class=authenticate_first(ask))

    @router.post("/feed/cards/preview")
    async def look(request: Request, name: FileName = "") -> JSONResponse:
        """Preview the file in the body, in the reader's language."""
        reader, data, name = request.state.reader, await request.body(), _file_name(name)
        try:
            found = await app.cards.importing.preview(_caller(request), data, name)
            report = await report_view(app, reader, found, is_picture=is_png(data))
        except IsLorebook:
            report = await world_view(reader, await app.cards.book_import.preview(_caller(request), data, name), name)
        return JSONResponse({"report": report}, headers=NOT_KEPT)

    @router.post("/feed/cards")
    async def take_in(
        request: Request,
        name: FileName = "",
        gender: Gender | None = None,
        age_mark: AgeMark | None = None,
        turned: str = "",
        *,
        client_id: str = "",
    ) -> JSONResponse:
        """Create a private character from the file, or a world if it is a lorebook. `turned` are the positions of
        entries that were switched in the preview. Idempotent by `client_id`.
        """
        caller, data, name = _caller(request), await request.body(), _file_name(name)
        chosen = {field: value for field, value in (("gender", gender), ("age_mark", age_mark)) if value}
        try:
            character, _found = await app.cards.importing.keep(
                caller, data, name, chosen, _places(turned), client_id=client_id
            )
        except InvalidForm as form:  # the page has no form whose fields could be marked
            raise form.errors[0] from form
        except IsLorebook:
            world, _book = await app.cards.book_import.keep_as_world(caller, data, name, client_id=client_id)
            return JSONResponse({"made": {"name": world.name, "url": f"/worlds/{world.id}"}}, headers=NOT_KEPT)
        page = f"/characters/{character.id}"
        made = {"name": character.name, "url": page, "edit_url": f"{page}/edit", "chat_url": f"{page}/chat"}
        return JSONResponse({"made": made}, headers=NOT_KEPT)

    return router


def _caller(request: Request) -> Caller:
    caller: Caller = request.state.reader.must_be_logged_in()
    return caller


def _file_name(name: str) -> str:
    return without_unstorable(name)[-FILE_NAME_LIMIT:]


def _places(turned: str) -> set[int]:
    places = map(int, turned.split(",")) if PLACES.fullmatch(turned) else ()
    return {place for place in places if place < MOST_ENTRIES}

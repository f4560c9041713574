"""Books API: lorebooks come in from files of other programs, and leave as such files."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from domain.accounts.sessions import Caller
from domain.cards.reading import BookFile
from domain.cards.report import BookReport, report_of_book
from domain.language import Texts
from domain.model.book import Book
from domain.model.character_card import FILE_NAME_LIMIT
from ui.api.bearer import BearerAuth
from ui.api.book_schemas import BookOut
from ui.api.books import shown
from ui.api.errors import documented
from ui.api.schemas import ClientId, Id
from ui.app import App
from ui.request.attachment import attachment, blocks_of, in_turn
from ui.request.authenticate_first import authenticate_first
from ui.request.http import NOT_KEPT
from ui.request.visitor import read_preferences

THE_FILE: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}
"""Value for `openapi_extra` of routes whose whole body is the file."""
TAKEN = documented(401, 403, 404, 409)

FileName = Annotated[str, Query(max_length=FILE_NAME_LIMIT, description="A world without a name is called like it.")]


class BookImported(BaseModel):
    book: BookOut
    report: Annotated[BookReport, Field(description="What was read and what was left out, in words.")]


def book_files(app: App) -> APIRouter:
    auth = BearerAuth(app)
    router = APIRouter(tags=["books"], route_class=authenticate_first(auth.ask))
    _add_imports(router, app, auth)
    _add_export(router, app, auth)
    return router


def _add_imports(router: APIRouter, app: App, auth: BearerAuth) -> None:
    async def imported(request: Request, caller: Caller, book: Book, found: BookFile) -> BookImported:
        _ = Texts(read_preferences(request.headers).language)
        view = await app.cards.books.view(caller, book.id)
        return BookImported(book=shown(view), report=report_of_book(found, _))

    @router.post("/books/import", status_code=201, responses=TAKEN, openapi_extra=THE_FILE)
    async def import_world(
        request: Request,
        caller: Annotated[Caller, Depends(auth.caller)],
        file_name: FileName = "",
        client_id: ClientId = "",
    ) -> BookImported:
        """Make a world of a lorebook: version 3, SillyTavern's, Agnai's, RisuAI's, NovelAI's, or the one in a card."""
        data = await request.body()
        book, found = await app.cards.book_import.keep_as_world(caller, data, file_name, client_id=client_id)
        return await imported(request, caller, book, found)

    @router.post("/characters/{character_id}/book/import", status_code=201, responses=TAKEN, openapi_extra=THE_FILE)
    async def import_into_character(
        request: Request,
        character_id: Id,
        caller: Annotated[Caller, Depends(auth.caller)],
        *,
        replaces: Annotated[bool, Query(description="Whether they take the place of those that are there.")] = False,
        file_name: FileName = "",
        client_id: ClientId = "",
    ) -> BookImported:
        """Put the entries of such a file into the book of a character of yours."""
        book, found = await app.cards.book_import.keep_in_character(
            caller, character_id, await request.body(), file_name, replaces=replaces, client_id=client_id
        )
        return await imported(request, caller, book, found)

    @router.post("/books/{book_id}/import", status_code=201, responses=TAKEN, openapi_extra=THE_FILE)
    async def import_into_book(
        request: Request,
        book_id: Id,
        caller: Annotated[Caller, Depends(auth.caller)],
        file_name: Annotated[str, Query(max_length=FILE_NAME_LIMIT)] = "",
        client_id: ClientId = "",
    ) -> BookImported:
        """Append the entries of such a file to an existing book, which may be a world. Its settings stay."""
        book, found = await app.cards.book_import.keep_in_book(
            caller, book_id, await request.body(), file_name, client_id=client_id
        )
        return await imported(request, caller, book, found)


def _add_export(router: APIRouter, app: App, auth: BearerAuth) -> None:
    @router.get(
        "/books/{book_id}/export",
        response_class=StreamingResponse,
        responses=TAKEN | {200: {"description": "A `lorebook_v3` file", "content": {"application/json": {}}}},
    )
    async def export_book(book_id: Id, caller: Annotated[Caller, Depends(auth.caller)]) -> StreamingResponse:
        """A book as a file, with all that it came with."""
        file = await app.cards.book_export.export(caller, book_id)
        name, _dot, suffix = file.name.rpartition(".")
        headers = {"Content-Disposition": attachment(name, f"book-{book_id}", suffix), **NOT_KEPT}
        return StreamingResponse(in_turn(blocks_of(file.data)), media_type=file.media_type, headers=headers)

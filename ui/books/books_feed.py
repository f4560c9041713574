"""Books feed: a book and its entries as JSON, and the import and export of books as files."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse

from domain.books.book_entries import LARGEST_PAGE
from domain.books.book_room import MOST_ENTRIES
from domain.cards.reading import BookFile
from domain.cards.report import report_of_book
from domain.text import without_unstorable
from ui.app import App
from ui.books.book_shown import book_shown, entry_shown, lines_shown
from ui.request.authenticate_first import authenticate_first
from ui.request.http import NOT_KEPT
from ui.request.visitor import Reader, reader_of

LONGEST_SEARCH = 100
LONGEST_FILE_NAME = 200


def book_address(book_id: int) -> str:
    return f"/feed/books/{book_id}"


def books_feed(app: App) -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.get("/feed/books/{book_id}")
    async def lines(
        book_id: int, request: Request, offset: Annotated[int, Query(ge=0, le=MOST_ENTRIES)] = 0
    ) -> Response:
        """A page of entries, and whether there are more."""
        reader = await reader_of(app, request)
        caller = reader.must_be_logged_in()
        book = await app.cards.books.view(caller, book_id)
        page = await app.cards.entries.lines(caller, book_id, offset=offset, limit=LARGEST_PAGE)
        shown = {
            "book": book_shown(book, app.settings.llm_prompt, editable=True) | {"revision": page.revision},
            "more": offset + len(page.lines) < page.entries,
        }
        return await _packed(lambda: shown | {"entries": lines_shown(reader._, page.lines)})

    @router.get("/feed/books/{book_id}/found")
    async def found(book_id: int, request: Request, q: str = "") -> Response:
        """The ids of the entries that contain these words, in any place."""
        caller = (await reader_of(app, request)).must_be_logged_in()
        words = without_unstorable(q[:LONGEST_SEARCH])
        page = await app.cards.entries.lines(caller, book_id, words, limit=LARGEST_PAGE)
        return await _packed(lambda: {"ids": [each.id for each in page.lines]})

    @router.get("/feed/books/{book_id}/entries/{entry_id}")
    async def entry(book_id: int, entry_id: int, request: Request) -> Response:  # noqa: ARG001 - part of the address
        reader = await reader_of(app, request)
        view = await app.cards.entries.entry(reader.must_be_logged_in(), entry_id)
        return JSONResponse(entry_shown(reader._, view), headers=NOT_KEPT)

    @router.get("/export/books/{book_id}.json")
    async def export(book_id: int, request: Request) -> Response:
        caller = (await reader_of(app, request)).must_be_logged_in()
        file = await app.cards.book_export.export(caller, book_id)
        name = f"attachment; filename=\"book-{book_id}.json\"; filename*=UTF-8''{quote(file.name, safe='')}"
        return Response(file.data, media_type=file.media_type, headers={"Content-Disposition": name, **NOT_KEPT})

    router.include_router(_files(app))
    return router


def _files(app: App) -> APIRouter:
    """Uploads of book files; the body of a request is the file itself. Idempotent by `client_id`."""

    async def ask(request: Request) -> None:
        request.state.reader = await reader_of(app, request)
        request.state.reader.must_be_logged_in()

    router = APIRouter(route_class=authenticate_first(ask))

    @router.post("/feed/characters/{character_id}/book/file")
    async def into_character(character_id: int, request: Request, name: str = "", client_id: str = "") -> JSONResponse:
        reader: Reader = request.state.reader
        caller, data = reader.must_be_logged_in(), await request.body()
        _, found = await app.cards.book_import.keep_in_character(
            caller, character_id, data, name[-LONGEST_FILE_NAME:], client_id=client_id
        )
        return JSONResponse(_taken_in(reader, found))

    @router.post("/feed/books/{book_id}/file")
    async def into_book(book_id: int, request: Request, name: str = "", client_id: str = "") -> JSONResponse:
        reader: Reader = request.state.reader
        caller, data = reader.must_be_logged_in(), await request.body()
        _, found = await app.cards.book_import.keep_in_book(
            caller, book_id, data, name[-LONGEST_FILE_NAME:], client_id=client_id
        )
        return JSONResponse(_taken_in(reader, found))

    @router.post("/feed/worlds/file")
    async def as_world(request: Request, name: str = "", client_id: str = "") -> JSONResponse:
        reader: Reader = request.state.reader
        caller, data = reader.must_be_logged_in(), await request.body()
        book, found = await app.cards.book_import.keep_as_world(
            caller, data, name[-LONGEST_FILE_NAME:], client_id=client_id
        )
        return JSONResponse(_taken_in(reader, found) | {"url": f"/worlds/{book.id}"})

    return router


def _taken_in(reader: Reader, found: BookFile) -> dict[str, str]:
    report = report_of_book(found, reader._)
    return {"words": " ".join((*report.summary, *report.dropped, *report.idle))}


async def _packed(make: Callable[[], dict[str, Any]]) -> Response:
    """Serialise thousands of entries in a thread, so that they do not block the event loop."""
    return await asyncio.to_thread(lambda: JSONResponse(make(), headers=NOT_KEPT))

"""Dialog feed: the list of my dialogs and the search in it, as JSON; export of a dialog as a file, and import."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator
from datetime import tzinfo
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse, StreamingResponse

from domain.chat.dialog_line import SearchResult
from domain.chat.dialog_search import FOUND, search_words
from domain.chat.dialogs import LISTED
from domain.chat.transcript.export import Transcript, as_json, as_markdown, as_text
from domain.chat.transcript.saved_dialog import read_json
from domain.errors import NotFound
from storage.text_search import ENDING
from ui.app import App
from ui.chat.dialogs.dialog_lines import dialog_lines
from ui.request.attachment import BLOCK, attachment, in_turn
from ui.request.http import NOT_KEPT
from ui.request.visitor import Reader, reader_even_blocked, reader_of

KINDS: dict[str, tuple[str, Callable[[Transcript, Reader], Iterable[str]]]] = {
    "md": ("text/markdown", lambda transcript, reader: as_markdown(transcript, _zone(reader), reader._)),
    "txt": ("text/plain", lambda transcript, reader: as_text(transcript, _zone(reader), reader._)),
    "json": ("application/json", lambda transcript, _: as_json(transcript)),
}
"""File formats by extension: media type, and the function that writes one."""


def dialog_routes(app: App) -> APIRouter:
    router = APIRouter(include_in_schema=False)
    _add_list(router, app)
    _add_files(router, app)
    return router


def _add_list(router: APIRouter, app: App) -> None:
    @router.get("/feed/dialogs")
    async def mine(request: Request, search: str = "") -> JSONResponse:
        reader = await reader_of(app, request)
        caller = reader.must_be_logged_in()
        if words := await asyncio.to_thread(search_words, search):
            found = await app.chat.dialogs.find(caller, words)
            lines, said, note = found.lines, _found(reader, found), ""
        else:
            lines = await app.chat.dialogs.list_own(caller)
            said, note = "", _left_out(reader, len(lines))
        shown = await asyncio.to_thread(dialog_lines, reader, lines)
        body = {"dialogs": shown, "said": said, "note": note, "words": [word.split(ENDING) for word in words]}
        return JSONResponse(body, headers=NOT_KEPT)

    @router.get("/feed/dialogs/{dialog_id}/found")
    async def found_in(dialog_id: int, request: Request, search: str = "") -> JSONResponse:
        """The messages of one dialog that a search found, to step through."""
        reader = await reader_of(app, request)
        caller = reader.must_be_logged_in()
        words = await asyncio.to_thread(search_words, search)
        found = await app.chat.dialogs.find_in(caller, dialog_id, words)
        return JSONResponse({"found": found}, headers=NOT_KEPT)

    @router.post("/feed/dialogs/{dialog_id}/turn/{message_id}", status_code=204)
    async def turn_to(dialog_id: int, message_id: int, request: Request) -> None:
        """Called before opening a message that a search found: it may be on another branch."""
        reader = await reader_of(app, request)
        await app.chat.dialogs.switch_to(reader.must_be_logged_in(), dialog_id, message_id)


def _add_files(router: APIRouter, app: App) -> None:
    @router.post("/feed/dialogs/import")
    async def take_in(request: Request) -> JSONResponse:
        """Import a saved conversation, the file as body."""
        reader = await reader_of(app, request)
        caller = reader.must_be_logged_in()
        saved = await asyncio.to_thread(read_json, await request.body())
        return JSONResponse({"url": f"/chat/{await app.chat.dialogs.import_dialog(caller, saved)}"})

    @router.get("/export/dialogs/{dialog_id}.{kind}")
    async def export(dialog_id: int, kind: str, request: Request) -> Response:
        reader = await reader_even_blocked(app, request)
        caller = reader.must_be_logged_in()
        if kind not in KINDS:
            raise NotFound("This chat doesn't exist.")
        transcript = await app.chat.dialogs.transcript(caller, dialog_id)
        media_type, write = KINDS[kind]
        blocks = await asyncio.to_thread(lambda: list(_blocks(write(transcript, reader))))
        headers = {"Content-Disposition": attachment(transcript.title, f"beseda-{dialog_id}", kind), **NOT_KEPT}
        return StreamingResponse(in_turn(blocks), media_type=f"{media_type}; charset=utf-8", headers=headers)


def _blocks(pieces: Iterable[str]) -> Iterator[bytes]:
    block = bytearray()
    for piece in pieces:
        block += piece.encode()
        if len(block) > BLOCK:
            yield bytes(block)
            block.clear()
    yield bytes(block)


def _zone(reader: Reader) -> tzinfo:
    return ZoneInfo(reader.preferences.zone)


def _found(reader: Reader, found: SearchResult) -> str:
    _ = reader._
    count = len(found.lines)
    if not found.is_whole:
        return _.plural(
            "{n} chat found so far. There's too much text to search all of it: add a word to narrow it down.",
            "{n} chats found so far. There's too much text to search all of it: add a word to narrow it down.",
            count,
        )
    if not count:
        return _("Nothing found.")
    if count == FOUND:
        return _("The first {n} matches.", n=count)
    return _.plural("{n} chat found", "{n} chats found", count)


def _left_out(reader: Reader, count: int) -> str:
    if count < LISTED:
        return ""
    return reader._("These are your last {n} chats. Search finds the others, too.", n=count)

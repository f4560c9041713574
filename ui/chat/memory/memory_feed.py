"""Memory feed: what is remembered of a dialog, for the bar and the panel, as JSON."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from ui.app import App
from ui.chat.memory.memory_words import bar_shown, panel_shown
from ui.request.http import NOT_KEPT
from ui.request.visitor import reader_of


def memory_feed(app: App) -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.get("/feed/dialogs/{dialog_id}/memory/bar")
    async def bar(dialog_id: int, request: Request) -> JSONResponse:
        reader = await reader_of(app, request)
        remembered = await app.chat.memory.bar(reader.must_be_logged_in(), dialog_id)
        return JSONResponse(bar_shown(reader._, remembered), headers=NOT_KEPT)

    @router.get("/feed/dialogs/{dialog_id}/memory")
    async def panel(dialog_id: int, request: Request) -> JSONResponse:
        reader = await reader_of(app, request)
        remembered = await app.chat.memory.overview(reader.must_be_logged_in(), dialog_id)
        shown = await asyncio.to_thread(panel_shown, reader, remembered)
        return JSONResponse(shown, headers=NOT_KEPT)

    return router

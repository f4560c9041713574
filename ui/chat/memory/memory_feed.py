"""Memory feed: serves what is remembered of a dialog to the bar and the panel, as JSON."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse

from ui.app import App
from ui.chat.memory.memory_words import bar_shown, panel_shown
from ui.chat.memory.prompt_words import prompt_shown, sizes_shown
from ui.request.http import NOT_KEPT
from ui.request.visitor import reader_of

MOST_SUMMED_UP = 500
"""Maximum number of chapters behind sums in one response."""


def memory_feed(app: App) -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.get("/feed/dialogs/{dialog_id}/memory/bar")
    async def bar(dialog_id: int, request: Request) -> JSONResponse:
        reader = await reader_of(app, request)
        remembered = await app.chat.memory.bar(reader.must_be_logged_in(), dialog_id)
        return JSONResponse(bar_shown(reader._, remembered), headers=NOT_KEPT)

    @router.get("/feed/dialogs/{dialog_id}/memory")
    async def panel(
        dialog_id: int, request: Request, summed_up: Annotated[int, Query(ge=0, le=MOST_SUMMED_UP)] = 0
    ) -> JSONResponse:
        reader = await reader_of(app, request)
        caller = reader.must_be_logged_in()
        remembered = await app.chat.memory.overview(caller, dialog_id, summed_up=summed_up)
        dialog = (await app.chat.chat.refresh(caller, dialog_id, set())).dialog
        shown = await asyncio.to_thread(panel_shown, reader, remembered)
        return JSONResponse(shown | sizes_shown(reader._, app.chat.model_choice, dialog), headers=NOT_KEPT)

    @router.get("/feed/dialogs/{dialog_id}/prompt")
    async def prompt(dialog_id: int, request: Request) -> JSONResponse:
        """The prompt that the model would read next."""
        reader = await reader_of(app, request)
        view = await app.chat.chat.next_prompt(reader.must_be_logged_in(), dialog_id)
        return JSONResponse(prompt_shown(reader._, view), headers=NOT_KEPT)

    return router

"""History feed: the bubbles that our own components fetch, as plain JSON (cards: gallery_feed.py).

Long content is fetched, not sent as NiceGUI elements: a history of 250 messages costs 3 ms instead of 78.
"""

from __future__ import annotations

import asyncio

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from ui.app import App
from ui.chat.bubbles import bubbles, window_shown
from ui.request.http import NOT_KEPT
from ui.request.visitor import reader_of


def history_feed(app: App) -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.get("/feed/dialogs/{dialog_id}")
    async def history(
        dialog_id: int,
        request: Request,
        before: int | None = None,
        after: int | None = None,
        around: int | None = None,
    ) -> JSONResponse:
        """A window of the conversation: the end, or the part before, after or around a message."""
        reader = (await reader_of(app, request)).on_trial()
        caller = reader.must_be_logged_in()
        conversation = await app.chat.chat.open(caller, dialog_id, before=before, after=after, around=around)
        messages = await asyncio.to_thread(bubbles, reader, conversation)
        return JSONResponse(window_shown(conversation, messages, f"/feed/dialogs/{dialog_id}"), headers=NOT_KEPT)

    return router

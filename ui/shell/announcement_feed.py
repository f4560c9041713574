"""Announcement feed: what is announced to everybody, as JSON for ui/shell/announcements.js."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from domain.clock import now
from ui.app import App
from ui.request.http import NOT_KEPT
from ui.request.visitor import read_preferences
from ui.shell.announcements import FEED, announced


def announcement_feed(app: App) -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.get(FEED)
    async def announcements(request: Request) -> JSONResponse:
        """With the milliseconds after which to ask again, if something is scheduled."""
        shown = await app.admin.announcements.now(read_preferences(request.headers).language)
        changes_at = app.admin.announcements.next_change()
        wait = max(0, int((changes_at - now()).total_seconds() * 1000)) if changes_at else None
        return JSONResponse({"announcements": announced(shown), "next": wait}, headers=NOT_KEPT)

    return router

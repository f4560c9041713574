"""Data export: the file with everything that a person has here, and the link to it."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse
from nicegui import ui

from ui.app import App
from ui.request.http import NOT_KEPT
from ui.request.visitor import Reader, reader_even_blocked

EVERYTHING = "/export/everything.zip"


def data_export_routes(app: App) -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.get(EVERYTHING)
    async def everything(request: Request) -> StreamingResponse:
        """For blocked people too. It is streamed while it is written, so that no proxy times out."""
        reader = await reader_even_blocked(app, request)
        zone = ZoneInfo(reader.preferences.zone)
        pieces = await app.accounts.data_export.begin(reader.must_be_logged_in(), zone, reader._)
        headers = {"Content-Disposition": 'attachment; filename="beseda.zip"', **NOT_KEPT}
        return StreamingResponse(pieces, media_type="application/zip", headers=headers)

    return router


def data_export_link(words: str) -> None:
    link = ui.link(words, EVERYTHING).classes("button quiet start")
    link.props["download"] = "beseda.zip"


def data_export_section(reader: Reader) -> None:
    _ = reader._
    ui.label(_("One file with your profile, your characters and their photos, and all your chats.")).classes("lead")
    data_export_link(_("Download everything"))

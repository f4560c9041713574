"""First admin page: behind the link that a server without an admin prints at its start."""

from __future__ import annotations

from fastapi import Request
from fastapi.responses import HTMLResponse
from nicegui import ui

from domain.errors import NotFound
from ui.app import App
from ui.request.errors import show_errors
from ui.request.visitor import Reader, door, reader_of
from ui.shell.frame import page, sheet
from ui.shell.not_found import dead_link_page
from ui.widgets.heading import Heading

ADDRESS = "/first-admin/{token}"


def register(app: App) -> None:
    @page(ADDRESS)
    async def first_admin(token: str, request: Request) -> HTMLResponse | None:
        """Read-only: nobody becomes an admin by opening it."""
        reader = await reader_of(app, request)
        _ = reader._
        try:
            await app.accounts.first_admin.check(token)
        except NotFound as error:
            return dead_link_page(reader, error)
        with sheet(app, reader, _("First admin")):
            Heading(_("Run this server"))
            ui.label(
                _("It has no admin yet. This link appears only in its log and lets you become the first.")
            ).classes("lead")
            if reader.user:
                _claim(app, reader, token)
            else:
                _ways_in(reader, token)
        return None


def _claim(app: App, reader: Reader, token: str) -> None:
    _ = reader._

    async def claim() -> None:
        with show_errors(reader):
            await app.accounts.first_admin.claim(reader.must_be_logged_in(), token)
            ui.navigate.to("/admin")

    name = reader.must_be_somebody().display_name
    ui.label(_("You're logged in as {name}.", name=name)).classes("muted")
    ui.button(_("Become admin"), on_click=claim).props("unelevated color=primary autofocus data-once").classes("full")


def _ways_in(reader: Reader, token: str) -> None:
    _, here = reader._, ADDRESS.format(token=token)
    ui.link(_("Sign up"), door("/sign-up", here)).classes("button")
    ui.link(_("Log in"), door("/log-in", here)).classes("button quiet")
    ui.label(_("If you end up somewhere else afterwards, open the link again: it works until it's used.")).classes(
        "muted"
    )

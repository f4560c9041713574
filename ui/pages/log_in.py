"""Logging in by e-mail or username."""

from __future__ import annotations

from fastapi import Request
from nicegui import ui

from ui.app import App
from ui.components.heading import Heading
from ui.errors import told_to
from ui.frame import enter, frame, page
from ui.visitor import Reader, local_address, reader_of


def register(app: App) -> None:
    @page("/log-in")
    async def log_in(request: Request, next: str = "/") -> None:  # noqa: A002 - the address people see
        reader = await reader_of(app, request)
        with frame(app, reader, reader._("Log in")), ui.element("div").classes("sheet").props("id=content"):
            _form(app, reader, local_address(next))


def _form(app: App, reader: Reader, then: str) -> None:
    _ = reader._

    async def log_in() -> None:
        with told_to(reader, {"password": password}):
            enter(await app.accounts.log_in(login.value, password.value), then)

    Heading(_("Log in"))
    with ui.element("form").on("submit.prevent", log_in).props("novalidate"):
        login = ui.input(_("E-mail or username")).props("outlined name=username autocomplete=username autofocus")
        password = ui.input(_("Password"), password=True, password_toggle_button=True).props(
            "outlined name=password autocomplete=current-password"
        )
        ui.button(_("Log in")).props("unelevated color=primary type=submit").classes("full")
    with ui.element("div").classes("aside muted"):
        ui.label(_("New here?"))
        ui.link(_("Sign up"), "/sign-up")

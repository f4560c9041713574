"""Signing up: the address, the letter, and what is chosen after opening its link."""

from __future__ import annotations

from urllib.parse import quote

from fastapi import Request
from fastapi.responses import HTMLResponse
from nicegui import ui

from domain.errors import NotFound
from ui.app import App
from ui.components.heading import Heading
from ui.errors import sentence, told_to
from ui.frame import enter, frame, page
from ui.pages.lost import lost_page
from ui.visitor import Reader, reader_of


def register(app: App) -> None:
    @page("/sign-up")
    async def ask_address(request: Request) -> None:
        reader = await reader_of(app, request)
        with frame(app, reader, reader._("Sign up")), ui.element("div").classes("sheet").props("id=content"):
            _address_form(app, reader)

    @page("/sign-up/letter")
    async def letter_sent(request: Request, to: str = "") -> None:
        reader = await reader_of(app, request)
        with frame(app, reader, reader._("Letter sent")), ui.element("div").classes("sheet").props("id=content"):
            _letter_sent(app, reader, to)

    @page("/sign-up/{token}")
    async def finish(token: str, request: Request) -> HTMLResponse | None:
        """Opened by the link. Only looking: mail scanners open links too, so nothing is consumed here."""
        reader = await reader_of(app, request)
        try:
            email = await app.accounts.email_of_link(token)
        except NotFound as error:
            return HTMLResponse(lost_page(reader.preferences, sentence(reader, error)), 404)
        with frame(app, reader, reader._("Sign up")), ui.element("div").classes("sheet").props("id=content"):
            _finish_form(app, reader, token, email)
        return None


def _address_form(app: App, reader: Reader) -> None:
    _ = reader._

    async def ask() -> None:
        with told_to(reader, {"email": email}):
            await app.accounts.request_sign_up(email.value, reader.preferences.language)
            ui.navigate.to(f"/sign-up/letter?to={_quoted(email.value)}")

    Heading(_("Sign up"))
    ui.label(_("We send a letter with a link. No password is needed yet.")).classes("lead")
    with ui.element("form").on("submit.prevent", ask).props("novalidate"):
        email = ui.input(_("E-mail")).props(
            "outlined type=email name=email autocomplete=email inputmode=email autofocus"
        )
        ui.button(_("Send the letter")).props("unelevated color=primary type=submit").classes("full")
    with ui.element("div").classes("aside muted"):
        ui.label(_("Already have an account?"))
        ui.link(_("Log in"), "/log-in")


def _letter_sent(app: App, reader: Reader, to: str) -> None:
    _ = reader._

    async def open_by_code() -> None:
        with told_to(reader, {"code": code}):
            token = await app.accounts.open_by_code(to, code.value)
            ui.navigate.to(f"/sign-up/{token}")

    async def send_again() -> None:
        again.disable()
        with told_to(reader):
            await app.accounts.request_sign_up(to, reader.preferences.language)
            ui.notify(_("A new letter is on its way; the old link is no longer good."), position="top")
        ui.timer(60, again.enable, once=True)

    Heading(_("Letter sent"))
    ui.label(
        _("We have written to {address}. Open the link in the letter, or type its code here.", address=to)
    ).classes("lead")
    if app.accounts.letters_are_printed:
        ui.label(
            _("This server has no mail set up: the letter is printed in the log of the server, in a frame.")
        ).classes("letter-note")
    with ui.element("form").on("submit.prevent", open_by_code).props("novalidate"):
        code = (
            ui.input(_("Code from the letter"))
            .props("outlined name=code inputmode=numeric autocomplete=one-time-code maxlength=6 autofocus")
            .classes("code")
        )
        ui.button(_("Continue")).props("unelevated color=primary type=submit").classes("full")
    with ui.element("div").classes("aside muted"):
        again = ui.button(_("Send again"), on_click=send_again).props("flat dense")
        ui.link(_("Another address"), "/sign-up")


def _finish_form(app: App, reader: Reader, token: str, address: str) -> None:
    _ = reader._

    async def finish() -> None:
        fields = {"display_name": display_name, "username": username, "password": password}
        with told_to(reader, fields):
            ticket = await app.accounts.complete_sign_up(token, password.value, username.value, display_name.value)
            enter(ticket, then="/")

    Heading(_("Almost there"))
    ui.label(_("Your address: {address}", address=address)).classes("lead")
    with ui.element("form").on("submit.prevent", finish).props("novalidate"):
        display_name = ui.input(_("What to call you")).props("outlined name=name autocomplete=name autofocus")
        username = ui.input(_("Username, if you like")).props("outlined name=username autocomplete=username")
        username.props["hint"] = _("Latin letters and digits; for logging in")
        password = ui.input(_("Password"), password=True, password_toggle_button=True).props(
            "outlined name=password autocomplete=new-password"
        )
        password.props["hint"] = _("8 characters or more")
        ui.button(_("Finish")).props("unelevated color=primary type=submit").classes("full")


def _quoted(address: str) -> str:
    return quote(address.strip(), safe="@")

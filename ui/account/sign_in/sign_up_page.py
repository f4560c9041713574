"""Sign-up pages: the address, the letter, and the form behind its link."""

from __future__ import annotations

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse
from nicegui import ui

from domain.errors import NotFound
from domain.model.character import Character
from domain.services.groups import AccountServices
from ui.account.sign_in.acquaintance import welcome_first
from ui.account.sign_in.agreement import agreement
from ui.account.sign_in.letter_sent import address_form, letter_sent, new_password_field
from ui.account.sign_in.provider_buttons import provider_buttons
from ui.account.sign_in.what_for import character_waiting, what_for
from ui.app import App
from ui.request.errors import show_errors
from ui.request.visitor import Reader, browser_of, device_of, door, reader_of, safe_redirect
from ui.shell.frame import page, sheet
from ui.shell.not_found import dead_link_page
from ui.shell.session_posts import exchange_ticket
from ui.widgets.heading import Heading


def register(app: App) -> None:
    @page("/sign-up")
    async def ask_address(request: Request, next: str = "/") -> RedirectResponse | None:  # noqa: A002 - the address people see
        reader, then = await reader_of(app, request), safe_redirect(next)
        if reader.account:
            return RedirectResponse(then, 303)
        about = await character_waiting(app, reader, then)
        with sheet(app, reader, reader._("Sign up")):
            _address_form(app.accounts, reader, then, about)
        return None

    @page("/sign-up/letter")
    async def sent(request: Request, to: str = "", next: str = "/") -> None:  # noqa: A002 - the address people see
        reader = await reader_of(app, request)
        with sheet(app, reader, reader._("Check your email")):
            letter_sent(
                app.settings,
                reader,
                to,
                app.accounts.sign_up,
                app.accounts.sign_up.request,
                link_page="/sign-up",
                ask_page="/sign-up",
                then=safe_redirect(next),
            )

    @page("/sign-up/{token}")
    async def finish(token: str, request: Request) -> HTMLResponse | None:
        """Opened by the link. Read-only: mail scanners open links too, so nothing is consumed here."""
        reader = await reader_of(app, request)
        try:
            link = await app.accounts.sign_up.link_of(token, browser_of(request))
        except NotFound as error:
            return dead_link_page(reader, error, "/sign-up")
        with sheet(app, reader, reader._("Sign up")):
            _finish_form(app.accounts, reader, request, token, link.email, then=safe_redirect(link.next))
        return None


def _address_form(accounts: AccountServices, reader: Reader, then: str, about: Character | None) -> None:
    _ = reader._

    Heading(_("Sign up"))
    if about:
        what_for(_, about)
    ui.label(_("We'll email you a link and a code. You can set a password later.")).classes("lead")
    address_form(reader, accounts.sign_up.request, "/sign-up/letter", then)
    provider_buttons(accounts, reader, then)
    agreement(_)
    with ui.element("div").classes("aside muted"):
        ui.label(_("Already have an account?"))
        ui.link(_("Log in"), door("/log-in", then))


def _finish_form(
    accounts: AccountServices, reader: Reader, request: Request, token: str, address: str, *, then: str
) -> None:
    _ = reader._
    browser, device = browser_of(request), device_of(request)

    async def finish() -> None:
        fields = {"display_name": display_name, "username": username, "password": password}
        with show_errors(reader, fields):
            ticket = await accounts.sign_up.complete(
                token, password.value, username.value, display_name.value, browser=browser, device=device
            )
            exchange_ticket(ticket, welcome_first(then))

    Heading(_("Almost there"))
    ui.label(_("Your address: {address}", address=address)).classes("lead")
    with ui.element("form").on("submit.prevent", finish).props("novalidate"):
        display_name = ui.input(_("Your name")).props("outlined name=name autocomplete=name autofocus")
        username = ui.input(_("Username (optional)")).props("outlined name=username autocomplete=username")
        username.props["hint"] = _("Latin letters and digits. You can log in with it instead of your email")
        password = new_password_field(_, _("Password"))
        ui.button(_("Finish")).props("unelevated color=primary type=submit").classes("full")

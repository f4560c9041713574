"""Log-in pages: by e-mail or username and password, or by a letter, whose link also lets one set a new password."""

from __future__ import annotations

from functools import partial

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse
from nicegui import ui

from domain.errors import NotFound
from domain.model.character import Character
from domain.services.groups import AccountServices
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

FRAGMENT_SCRIPT = """<script>(() => {
  const asked = new URLSearchParams(location.search)
  const next = asked.get("next")
  if (location.hash.length < 2 || !next || next.includes("#")) return
  asked.set("next", next + location.hash)
  location.replace(`${location.pathname}?${asked}`)
})()</script>"""
"""Adds the fragment of this page's address to `next`: browsers send it to no server, but keep it through redirects."""


def register(app: App) -> None:
    @page("/log-in")
    async def log_in(request: Request, next: str = "/") -> RedirectResponse | None:  # noqa: A002 - the address people see
        reader, then = await reader_of(app, request), safe_redirect(next)
        if reader.account:
            return RedirectResponse(then, 303)
        ui.add_head_html(FRAGMENT_SCRIPT)
        about = await character_waiting(app, reader, then)
        with sheet(app, reader, reader._("Log in")):
            _password_form(app.accounts, reader, request, then, about)
        return None

    @page("/log-in/letter")
    async def ask_address(request: Request, next: str = "/") -> None:  # noqa: A002 - the address people see
        reader = await reader_of(app, request)
        with sheet(app, reader, reader._("Log in with an email link")):
            _address_form(app.accounts, reader, browser_of(request), safe_redirect(next))

    @page("/log-in/letter/sent")
    async def sent(request: Request, to: str = "", next: str = "/") -> None:  # noqa: A002 - the address people see
        reader = await reader_of(app, request)
        with sheet(app, reader, reader._("Check your email")):
            letter_sent(
                app.settings,
                reader,
                to,
                app.accounts.log_in,
                partial(app.accounts.log_in.request, browser=browser_of(request)),
                link_page="/log-in",
                ask_page="/log-in/letter",
                then=safe_redirect(next),
            )

    @page("/log-in/{token}")
    async def by_letter(token: str, request: Request) -> HTMLResponse | None:
        """Opened by the link. Read-only: mail scanners open links too, so nothing is consumed here."""
        reader = await reader_of(app, request)
        try:
            link = await app.accounts.log_in.link_of(token, browser_of(request))
        except NotFound as error:
            return dead_link_page(reader, error, "/log-in/letter")
        with sheet(app, reader, reader._("Log in")):
            _link_forms(app.accounts, reader, request, token, link.email, then=safe_redirect(link.next))
        return None


def _password_form(
    accounts: AccountServices, reader: Reader, request: Request, then: str, about: Character | None
) -> None:
    _ = reader._
    browser, device = browser_of(request), device_of(request)

    async def log_in() -> None:
        with show_errors(reader, {"password": password}):
            ticket = await accounts.log_in.by_password(login.value, password.value, device, reader.ip, browser=browser)
            exchange_ticket(ticket, then)

    Heading(_("Log in"))
    if about:
        what_for(_, about)
    with ui.element("form").on("submit.prevent", log_in).props("novalidate"):
        login = ui.input(_("Email or username")).props("outlined name=username autocomplete=username autofocus")
        password = ui.input(_("Password"), password=True, password_toggle_button=True).props(
            "outlined name=password autocomplete=current-password"
        )
        ui.button(_("Log in")).props("unelevated color=primary type=submit").classes("full")
    ui.link(_("Forgot your password? Log in with an email link"), door("/log-in/letter", then)).classes("button quiet")
    provider_buttons(accounts, reader, then)
    with ui.element("div").classes("aside muted"):
        ui.label(_("New here?"))
        ui.link(_("Sign up"), door("/sign-up", then))


def _address_form(accounts: AccountServices, reader: Reader, browser: str, then: str) -> None:
    _ = reader._

    Heading(_("Log in with an email link"))
    ui.label(_("We'll email you a link. You can also set a new password there.")).classes("lead")
    address_form(reader, partial(accounts.log_in.request, browser=browser), "/log-in/letter/sent", then)
    with ui.element("div").classes("aside muted"):
        ui.label(_("Remember your password?"))
        ui.link(_("Log in"), door("/log-in", then))


def _link_forms(
    accounts: AccountServices, reader: Reader, request: Request, token: str, address: str, *, then: str
) -> None:
    _ = reader._
    browser, device = browser_of(request), device_of(request)

    async def log_in() -> None:
        with show_errors(reader):
            exchange_ticket(await accounts.log_in.by_letter(token, browser, device), then)

    async def set_password() -> None:
        with show_errors(reader, {"password": password}):
            exchange_ticket(await accounts.log_in.with_new_password(token, password.value, browser, device), then)

    Heading(_("Log in"))
    ui.label(_("Your address: {address}", address=address)).classes("lead")
    ui.button(_("Log in"), on_click=log_in).props("unelevated color=primary autofocus").classes("full")
    with ui.element("details").classes("fold"):
        with ui.element("summary"):
            ui.label(_("Set a new password"))
        with ui.element("form").on("submit.prevent", set_password).props("novalidate"):
            ui.label(_("You will be logged out on all other devices.")).classes("muted")
            # Password managers need to know which account the password belongs to.
            ui.input(value=address).props("name=username autocomplete=username readonly").classes("hidden")
            password = new_password_field(_, _("New password"))
            ui.button(_("Save and log in")).props("unelevated color=primary type=submit").classes("full")

"""Profile page: the person as characters know them, appearance, log-in, devices, data, deletion of the account."""

from __future__ import annotations

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse
from nicegui import ui

from domain.errors import NotFound
from domain.services.groups import AccountServices
from ui.account.about_me import AboutMe
from ui.account.appearance import appearance_settings
from ui.account.credentials import EmailForm, PasswordForm, UsernameForm
from ui.account.data_export import data_export_section
from ui.account.delete_account import delete_account_section
from ui.account.device_list import DeviceList
from ui.account.linked_accounts import LinkedAccounts
from ui.account.my_quota import my_quota
from ui.app import App
from ui.request.errors import show_errors
from ui.request.visitor import Reader, log_in_address, reader_of
from ui.shell.frame import frame, page, sheet
from ui.shell.not_found import dead_link_page
from ui.widgets.heading import Heading


def register(app: App) -> None:
    @page("/profile")
    async def profile(request: Request) -> RedirectResponse | None:
        reader = await reader_of(app, request)
        if reader.caller is None:
            return RedirectResponse(log_in_address("/profile"), 303)
        asks_old = await app.accounts.profile.asks_old_password(reader.caller)
        linked = await app.accounts.identities.list_own(reader.caller)
        devices = await app.accounts.sessions.list_own(reader.caller)
        budget = await app.admin.quotas.own_budget(reader.caller)
        offered = await app.characters.interests.offered(reader._.language)
        _ = reader._
        with frame(app, reader, _("Profile")), ui.element("div").classes("profile").props("id=content"):
            Heading(_("Profile"))
            with _section():
                about = AboutMe(app, reader, offered)
            if budget:
                with _section(_("Replies")):
                    my_quota(reader, budget)
            with _section(_("Appearance")):
                appearance_settings(app, reader, before_reload=about.save)
            with _section(_("Login and security")):
                UsernameForm(app.accounts, reader)
                PasswordForm(app.accounts, reader, asks_old=asks_old)
                EmailForm(app.accounts, reader)
                LinkedAccounts(app.accounts, reader, linked)
            with _section(_("My devices")):
                DeviceList(app.accounts, reader, devices)
            with _section(_("My data")):
                data_export_section(reader)
            with _section():
                delete_account_section(app.accounts, reader)
        return None

    @page("/profile/email/{token}")
    async def confirm(token: str, request: Request) -> HTMLResponse | None:
        """Opened by the link. Read-only: mail scanners open links too, so nothing is consumed here."""
        reader = await reader_of(app, request)
        try:
            email = await app.accounts.profile.new_email_of(token)
        except NotFound as error:
            return dead_link_page(reader, error, "/profile")
        _ = reader._
        with sheet(app, reader, _("New email")):
            _confirm_form(app.accounts, reader, token, email)
        return None


def _section(title: str = "") -> ui.element:
    section = ui.element("section").classes("sheet wide")
    if title:
        with section:
            Heading(title, level=2)
    return section


def _confirm_form(accounts: AccountServices, reader: Reader, token: str, email: str) -> None:
    _ = reader._

    async def confirm() -> None:
        with show_errors(reader):
            await accounts.profile.confirm_email(token)
            ui.navigate.to("/profile" if reader.caller else "/log-in")

    Heading(_("New email"))
    ui.label(_("Your account will now use {address}.", address=email)).classes("lead")
    ui.button(_("Confirm address"), on_click=confirm).props("unelevated color=primary").classes("full")

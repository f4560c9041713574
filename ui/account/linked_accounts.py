"""Linked accounts (OAuth): accounts of other sites that open this one, to be linked and unlinked."""

from __future__ import annotations

import json

from nicegui import ui

from domain.accounts.providers import Provider
from domain.services.groups import AccountServices
from ui.account.sign_in.provider_buttons import DOORS, provider_mark, provider_refusal
from ui.request.errors import show_errors
from ui.request.visitor import Reader
from ui.widgets.heading import Heading


class LinkedAccounts:
    """Empty if no provider is enabled. `linked` are those linked to the account already."""

    def __init__(self, accounts: AccountServices, reader: Reader, linked: list[Provider]) -> None:
        self._accounts = accounts
        self._reader = reader
        self._caller = reader.must_be_logged_in()
        if not accounts.identities.providers:
            return
        Heading(reader._("Other sites"), level=3)
        provider_refusal(accounts, reader)
        self._list = ui.element("ul").classes("devices")
        self._show(linked)

    def _show(self, linked: list[Provider]) -> None:
        self._list.clear()
        with self._list:
            for provider in self._accounts.identities.providers:
                self._line(provider, is_linked=provider in linked)

    def _line(self, provider: Provider, *, is_linked: bool) -> None:
        _ = self._reader._
        name = _(provider.name)
        with ui.element("li").classes("device"):
            provider_mark(provider)
            with ui.element("div").classes("grow"):
                ui.label(name).classes("device-name")
                ui.label(_("can open your account") if is_linked else _("not linked")).classes("muted")
            if is_linked:
                button = ui.button(_("Unlink"), on_click=lambda: self._unlink(provider)).props("flat color=negative")
                button.props["aria-label"] = _("Unlink {provider}", provider=name)
            else:
                button = ui.button(_("Link"), on_click=lambda: self._link(provider)).props("flat color=primary")
                button.props["aria-label"] = _("Link {provider}", provider=name)

    def _link(self, provider: Provider) -> None:
        """The browser sends a POST and follows the answer: a websocket cannot set the cookie for the return."""
        ui.run_javascript(
            f"fetch({json.dumps(f'{DOORS}/{provider.key}')}, {{method: 'POST'}})"
            ".then(answer => answer.ok ? answer.json() : {address: '/log-in?next=/profile'})"
            ".then(told => { location.href = told.address })"
        )

    async def _unlink(self, provider: Provider) -> None:
        with show_errors(self._reader):
            await self._accounts.identities.unlink(self._caller, provider)
            self._show(await self._accounts.identities.list_own(self._caller))

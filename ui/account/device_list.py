"""Active sessions: the browsers and programs where somebody is logged in, each to be logged out from here."""

from __future__ import annotations

from nicegui import ui

from domain.accounts.sessions import LoginMethod
from domain.accounts.sessions_list import Device
from domain.services.groups import AccountServices
from ui.request.errors import show_errors
from ui.request.visitor import Reader


class DeviceList:
    def __init__(self, accounts: AccountServices, reader: Reader, devices: list[Device]) -> None:
        self._accounts = accounts
        self._reader = reader
        self._caller = reader.must_be_logged_in()
        self._list = ui.element("ul").classes("devices")
        self._end_all = ui.button(reader._("Log out all others"), on_click=self._end_others).props(
            "outline color=negative"
        )
        self._end_all.classes("start")
        self._show(devices)

    def _show(self, devices: list[Device]) -> None:
        self._list.clear()
        with self._list:
            for device in devices:
                self._line(device)
        self._end_all.set_visibility(len(devices) > 1)

    def _line(self, device: Device) -> None:
        _ = self._reader._
        name = device.name or _("Unknown device")
        with ui.element("li").classes("device"):
            with ui.element("div").classes("grow"):
                ui.label(name).classes("device-name")
                ui.label(_("this device") if device.is_this else self._used(device)).classes("muted")
                ui.label(self._came(device)).classes("muted")
            if not device.is_this:
                end = ui.button(_("Log out"), on_click=lambda: self._end(device)).props("flat color=negative")
                end.props["aria-label"] = _("Log out: {device}", device=name)

    def _used(self, device: Device) -> str:
        return self._reader._("last used: {moment}", moment=self._reader.moment(device.seen_at))

    def _came(self, device: Device) -> str:
        _, moment = self._reader._, self._reader.moment(device.created_at)
        match device.method:
            case LoginMethod.PASSWORD:
                return _("logged in with a password: {moment}", moment=moment)
            case LoginMethod.LETTER:
                return _("logged in by email: {moment}", moment=moment)
            case LoginMethod.PROVIDER:
                return _("logged in with another site: {moment}", moment=moment)
            case LoginMethod.PROGRAM:
                return _("API token, since {moment}", moment=moment)

    async def _end(self, device: Device) -> None:
        with show_errors(self._reader):
            await self._accounts.sessions.end(self._caller, device.session_id)
            self._show(await self._accounts.sessions.list_own(self._caller))

    async def _end_others(self) -> None:
        with show_errors(self._reader):
            await self._accounts.sessions.end_others(self._caller)
            self._show(await self._accounts.sessions.list_own(self._caller))

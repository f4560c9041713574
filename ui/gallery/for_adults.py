"""Adult content notice: shown in place of a character marked 18+ to people who do not see those; it names nobody."""

from __future__ import annotations

from nicegui import ui

from domain.model.user import is_surely_adult
from ui.app import App
from ui.request.visitor import Reader, door
from ui.shell.frame import sheet
from ui.widgets.heading import Heading


def for_adults(app: App, reader: Reader, address: str) -> None:
    _ = reader._
    with sheet(app, reader, _("For adults")):
        Heading(_("For adults"))
        ui.label(
            _("This character is marked 18+. Such characters stay off until you are of age and turn them on.")
        ).classes("lead")
        with ui.element("div").classes("actions"):
            if reader.account is None:
                ui.link(_("Sign up"), door("/sign-up", address)).classes("button")
                ui.link(_("Log in"), door("/log-in", address)).classes("button quiet")
            elif is_surely_adult(reader.account.birth_year):
                ui.link(_("Turn them on in the profile"), "/profile").classes("button")
            elif reader.account.birth_year is None:
                ui.link(_("Add your year of birth in the profile"), "/profile").classes("button")
            ui.link(_("To the gallery"), "/").classes("button quiet")

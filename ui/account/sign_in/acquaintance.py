"""Getting acquainted: the form that is shown once, right after a sign-up, and its address."""

from __future__ import annotations

from nicegui import ui

from domain.accounts.tastes import Tastes
from ui.account.sign_in.about_fields import form_of_address_field, gender_field, year_field
from ui.account.sign_in.interest_picker import InterestPicker
from ui.app import App
from ui.request.errors import show_errors
from ui.request.visitor import Reader, door
from ui.widgets.heading import Heading

WELCOME = "/welcome"
UNLESS_OF_A_LIST = "(event) => { if (!event.target.closest('[aria-expanded=true]')) emit() }"
"""JavaScript handler of Esc that leaves the key to an open list, which Quasar closes when the key is released."""


def welcome_first(then: str) -> str:
    """The address to go on to after a sign-up, and from there to `then`."""
    return door(WELCOME, then)


class Acquaintance:
    """`offered` are interests to choose from; `then` is the address to go on to afterwards."""

    def __init__(self, app: App, reader: Reader, offered: list[str], then: str) -> None:
        self._app = app
        self._reader = reader
        self._then = then
        _, person = reader._, reader.must_be_somebody()
        Heading(_("Let's get acquainted"))
        ui.label(
            _("Characters will address you the way you prefer, and the gallery will begin with what you like.")
        ).classes("lead")
        with ui.element("form").on("submit.prevent", self._save).props("novalidate") as form:
            form.on("keydown.esc", self._skip, js_handler=UNLESS_OF_A_LIST)
            self._name = ui.input(_("Your name"), value=person.display_name)
            self._name.props("outlined name=name autocomplete=name autofocus")
            with ui.element("div").classes("pair"):
                self._gender = gender_field(_, person)
                self._form = form_of_address_field(_, person)
            self._year = year_field(_, person)
            self._interests = InterestPicker(reader, person.interests, offered)
            ui.button(_("Save and continue")).props("unelevated color=primary type=submit").classes("full")
            ui.button(_("Skip"), on_click=self._skip).props("flat type=button").classes("full")

    async def _save(self) -> None:
        person = self._reader.must_be_somebody()
        fields = {
            "display_name": self._name,
            "gender": self._gender,
            "form_of_address": self._form,
            "birth_year": self._year,
        }
        with show_errors(self._reader, fields):
            await self._app.accounts.profile.save(
                self._reader.must_be_logged_in(),
                str(self._name.value or ""),
                person.about,
                str(self._gender.value or ""),
                str(self._form.value or ""),
                tastes=Tastes(str(self._year.value or ""), self._interests.read(), shows_adult=person.shows_adult),
            )
            ui.navigate.to(self._then)

    def _skip(self) -> None:
        ui.navigate.to(self._then)

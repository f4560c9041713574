"""Profile form: what characters know about the person: picture, name, a few words, form of address."""

from __future__ import annotations

from collections.abc import Sequence

from nicegui import ui
from nicegui.events import GenericEventArguments

from domain.accounts.tastes import Tastes
from domain.model.user import ABOUT_LIMIT
from domain.pictures.photos import BYTES_LIMIT
from ui.account.sign_in.about_fields import form_of_address_field, gender_field, year_field
from ui.account.sign_in.interest_picker import InterestPicker
from ui.app import App
from ui.request.errors import ShowsError, show_errors
from ui.request.notice import notify
from ui.request.visitor import Reader
from ui.shell.account_menu import show_avatar
from ui.widgets.photo_picker import PhotoPicker, photo_labels
from ui.widgets.picture_urls import person_picture, portrait_address
from ui.widgets.unsaved_text import guard, text_is_saved


class AboutMe:
    """The picture is saved as soon as it is chosen, the rest by the button. `offered` are interests to choose from."""

    def __init__(self, app: App, reader: Reader, offered: Sequence[str]) -> None:
        self._app = app
        self._reader = reader
        self._caller = reader.must_be_logged_in()
        self._photo()
        with ui.element("form").on("submit.prevent", self._save_and_say).props("novalidate"):
            self._fields()
            self._tastes(offered)
            ui.button(reader._("Save")).props("unelevated color=primary type=submit").classes("start")

    def _photo(self) -> None:
        person = self._reader.must_be_somebody()
        picker = PhotoPicker(
            "/feed/photos",
            photo_labels(self._reader._),
            picture=person_picture(person, "face") if person.picture_token else "",
            without=portrait_address(person.display_name),
            limit=BYTES_LIMIT,
            size="face",
        ).classes("round")
        picker.on("picked", self._choose_picture)
        picker.on("removed", self._choose_picture)

    def _fields(self) -> None:
        _, person = self._reader._, self._reader.must_be_somebody()
        self._name = ui.input(_("Your name"), value=person.display_name)
        self._name.props("outlined name=name autocomplete=name")
        self._about = guard(ui.textarea(_("About me"), value=person.about))
        self._about.props("outlined autogrow counter name=about")
        with self._about.add_slot("counter"):
            count = ui.label(self._counted(person.about))
        self._about.on_value_change(lambda event: count.set_text(self._counted(str(event.value or ""))))
        self._about.props["hint"] = _("Characters take this into account when they reply")
        with ui.element("div").classes("pair"):
            self._gender = gender_field(_, person)
            self._form = form_of_address_field(_, person)

    def _tastes(self, offered: Sequence[str]) -> None:
        _, person = self._reader._, self._reader.must_be_somebody()
        self._year = year_field(_, person)
        self._interests = InterestPicker(self._reader, person.interests, offered)
        self._adult = ui.checkbox(_("Show characters marked 18+"), value=person.shows_adult)

    def _counted(self, typed: str) -> str:
        _ = self._reader._
        return f"{_.number(len(typed))} / {_.number(ABOUT_LIMIT)}"

    async def save(self) -> bool:
        """Save the fields; returns False if one of them is refused, which is then shown at that field."""
        fields: dict[str, ShowsError] = {
            "display_name": self._name,
            "about": self._about,
            "gender": self._gender,
            "form_of_address": self._form,
            "birth_year": self._year,
        }
        with show_errors(self._reader, fields):
            person = await self._app.accounts.profile.save(
                self._caller,
                str(self._name.value or ""),
                str(self._about.value or ""),
                str(self._gender.value or ""),
                str(self._form.value or ""),
                tastes=Tastes(str(self._year.value or ""), self._interests.read(), shows_adult=bool(self._adult.value)),
            )
            show_avatar(person)
            text_is_saved()
            return True
        return False

    async def _save_and_say(self) -> None:
        if await self.save():
            notify(self._reader._("Saved."))

    async def _choose_picture(self, event: GenericEventArguments) -> None:
        with show_errors(self._reader):
            chosen = event.args["picture_id"] if isinstance(event.args, dict) else None
            show_avatar(await self._app.pictures.avatars.choose(self._caller, chosen))

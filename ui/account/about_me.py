"""Profile form: what characters know of the person: picture, name, a few words, form of address."""

from __future__ import annotations

from nicegui import ui
from nicegui.events import GenericEventArguments

from domain.model.user import FormOfAddress, PersonGender
from domain.pictures.photos import BYTES_LIMIT
from ui.app import App
from ui.request.errors import ShowsError, show_errors
from ui.request.notice import notify
from ui.request.visitor import Reader
from ui.widgets.photo_picker import PhotoPicker, photo_labels
from ui.widgets.picture_urls import person_picture, portrait_address


class AboutMe:
    """The picture is saved as soon as it is chosen, the rest by the button."""

    def __init__(self, app: App, reader: Reader) -> None:
        self._app = app
        self._reader = reader
        self._caller = reader.must_be_logged_in()
        self._photo()
        with ui.element("form").on("submit.prevent", self._save_and_say).props("novalidate"):
            self._fields()
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
        self._name = ui.input(_("What to call you"), value=person.display_name)
        self._name.props("outlined name=name autocomplete=name")
        self._about = ui.textarea(_("About me"), value=person.about)
        self._about.props("outlined autogrow counter name=about")
        self._about.props["hint"] = _("Characters read this when they answer you")
        with ui.element("div").classes("pair"):
            genders = {"": _("not given"), PersonGender.FEMALE.value: _("female"), PersonGender.MALE.value: _("male")}
            self._gender = ui.select(genders, label=_("My gender"), value=person.gender.value).props("outlined")
            forms = {
                "": _("as it comes"),
                FormOfAddress.INFORMAL.value: _("informally: «ты»"),
                FormOfAddress.FORMAL.value: _("formally: «Вы»"),
            }
            self._form = ui.select(forms, label=_("How to address me"), value=person.form_of_address.value)
            self._form.props("outlined")

    async def save(self) -> bool:
        """Save the fields; False when one of them is refused, which is then said at that field."""
        fields: dict[str, ShowsError] = {
            "display_name": self._name,
            "about": self._about,
            "gender": self._gender,
            "form_of_address": self._form,
        }
        with show_errors(self._reader, fields):
            await self._app.accounts.profile.save(
                self._caller,
                str(self._name.value or ""),
                str(self._about.value or ""),
                str(self._gender.value or ""),
                str(self._form.value or ""),
            )
            return True
        return False

    async def _save_and_say(self) -> None:
        if await self.save():
            notify(self._reader._("Saved."))

    async def _choose_picture(self, event: GenericEventArguments) -> None:
        with show_errors(self._reader):
            chosen = event.args["picture_id"] if isinstance(event.args, dict) else None
            await self._app.pictures.avatars.choose(self._caller, chosen)

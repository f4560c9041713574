"""Making and changing a character."""

from __future__ import annotations

from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse
from nicegui import ui

from domain.characters.character import (
    INTERESTS_LIMIT,
    AgeMark,
    Character,
    Gender,
)
from domain.characters.photos import BYTES_LIMIT
from domain.errors import NotAllowed, NotFound
from ui.app import App
from ui.components.greetings import Greetings
from ui.components.heading import Heading
from ui.components.photo_picker import PhotoPicker, photo_labels
from ui.components.questions import confirmed
from ui.components.words import gender_words
from ui.errors import ShowsError, sentence, told_to
from ui.frame import frame, page
from ui.pages.lost import lost_page
from ui.pictures import character_picture, portrait_address
from ui.visitor import Reader, log_in_address, reader_of


def register(app: App) -> None:
    @page("/characters/new")
    async def make(request: Request) -> RedirectResponse | None:
        reader = await reader_of(app, request)
        if reader.user is None:
            return RedirectResponse(log_in_address("/characters/new"), 303)
        fresh = Character(owner_id=reader.user.id or 0, name="", gender=Gender.FEMALE)
        with frame(app, reader, reader._("New character")):
            Editor(app, reader, fresh)
        return None

    @page("/characters/{character_id:id}/edit")
    async def change(character_id: int, request: Request) -> HTMLResponse | RedirectResponse | None:
        reader = await reader_of(app, request)
        if reader.caller is None:
            return RedirectResponse(log_in_address(request.url.path), 303)
        try:
            character = await app.characters.get_own(reader.caller, character_id)
        except (NotFound, NotAllowed) as error:
            return HTMLResponse(lost_page(reader.preferences, sentence(reader, error)), 404)
        with frame(app, reader, character.name):
            Editor(app, reader, character)
        return None


class Editor:
    """The form over one character. It writes into its own copy; only saving reaches the domain."""

    def __init__(self, app: App, reader: Reader, character: Character) -> None:
        self._app = app
        self._reader = reader
        self._character = character
        self._fields: dict[str, ShowsError] = {}
        _ = reader._
        with ui.element("div").classes("sheet wide").props("id=content"):
            Heading(_("Edit") if character.id else _("New character"))
            with ui.element("form").on("submit.prevent", self._save).props("novalidate").classes("editor"):
                self._photo()
                self._main()
                self._words()
                self._buttons()

    def _photo(self) -> None:
        picker = PhotoPicker(
            "/feed/photos",
            photo_labels(self._reader._),
            picture=character_picture(self._character, "large") if self._character.picture_token else "",
            without=portrait_address(self._character.name or "?"),
            limit=BYTES_LIMIT,
        )
        picker.on("picked", lambda event: self._take("picture_token", event.args["picture_id"]))
        picker.on("removed", lambda: self._take("picture_token", None))

    def _main(self) -> None:
        _ = self._reader._
        character = self._character
        self._line("name", _("Name"))
        with ui.element("div").classes("pair"):
            self._choice("gender", _("Gender"), dict(gender_words(_)), character.gender)
            self._choice("age_mark", _("Age"), {mark: mark.value for mark in AgeMark}, character.age_mark)
        self._line("teaser", _("In one line"))
        interests = ui.input_chips(
            _("Interests"),
            value=list(character.interests),
            new_value_mode="add-unique",
            on_change=lambda event: self._take("interests", list(event.value or [])),
        ).props(f"outlined hide-dropdown-icon max-values={INTERESTS_LIMIT}")
        interests.props["hint"] = _("Type one and press Enter")
        self._fields["interests"] = interests

    def _words(self) -> None:
        _ = self._reader._
        self._text("bio", _("About the character"), _("People read this in the gallery and on its page"))
        self._text("greeting", _("Greeting"), _("The first words in every chat; empty, and the person begins"))
        self._greetings = Greetings(
            _, self._character.other_greetings, lambda texts: self._take("other_greetings", texts)
        )
        self._text("context", _("Context"), _("For the model only: who this is, how it speaks, what it knows"))
        ui.switch(
            _("Public: everybody finds it in the gallery"),
            value=self._character.is_public,
            on_change=lambda event: self._take("is_public", event.value),
        )

    def _buttons(self) -> None:
        _ = self._reader._
        with ui.element("div").classes("actions"):
            ui.button(_("Save")).props("unelevated color=primary type=submit")
            if self._character.id:
                ui.space()
                ui.button(_("Delete"), on_click=self._ask_to_delete).props("flat color=negative type=button")

    def _line(self, name: str, label: str) -> None:
        self._fields[name] = ui.input(
            label, value=getattr(self._character, name), on_change=lambda event: self._take(name, event.value or "")
        ).props(f"outlined counter name={name}")

    def _text(self, name: str, label: str, hint: str) -> None:
        text = ui.textarea(
            label, value=getattr(self._character, name), on_change=lambda event: self._take(name, event.value or "")
        ).props(f"outlined autogrow counter name={name}")
        text.props["hint"] = hint
        self._fields[name] = text

    def _choice(self, name: str, label: str, options: dict[Any, str], value: object) -> None:
        self._fields[name] = (
            ui.select(options, label=label, value=value, on_change=lambda event: self._take(name, event.value))
            .props("outlined")
            .classes("grow")
        )

    def _take(self, field: str, value: object) -> None:
        setattr(self._character, field, value)

    async def _save(self) -> None:
        with told_to(self._reader, self._fields | self._greetings.fields):
            saved = await self._app.characters.save(self._reader.must_be_logged_in(), self._character)
            ui.navigate.to(f"/characters/{saved.id}")

    async def _ask_to_delete(self) -> None:
        _ = self._reader._
        question = _("Delete {name}?", name=self._character.name)
        if await confirmed(_, question, _("It leaves the gallery for good. Conversations with it stay readable.")):
            with told_to(self._reader):
                await self._app.characters.delete(self._reader.must_be_logged_in(), self._character.id or 0)
                ui.navigate.to("/mine")

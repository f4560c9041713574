"""Card pictures: in the editor, the pictures that the character's card brought, to choose a portrait and a chat
background from.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from functools import partial

from nicegui import ui

from domain.cards.asset_pictures import AssetPicture
from ui.app import App
from ui.request.errors import show_errors
from ui.request.visitor import Reader
from ui.widgets.picture import picture


class CardPictures:
    """Loads the pictures when the person asks for them. `take` receives the token of the chosen portrait, which is
    saved with the form. The picture behind the chat changes at once.
    """

    def __init__(self, app: App, reader: Reader, character_id: int, take: Callable[[str], None]) -> None:
        self._pictures = app.cards.pictures
        self._reader = reader
        self._caller = reader.must_be_logged_in()
        self._character_id = character_id
        self._take = take
        self._buttons: dict[int | None, ui.button] = {}
        with ui.element("div").classes("card-pictures").props("role=group tabindex=-1") as self._place:
            self._place.props["aria-label"] = reader._("Pictures from the card")
            self._opener = ui.button(reader._("Pictures from the card"), on_click=self._open, color=None)
            self._opener.props("flat no-caps").classes("button quiet")

    async def _open(self) -> None:
        self._opener.disable()
        with show_errors(self._reader):
            offered, has_background = await self._pictures.offered(self._caller, self._character_id)
            self._place.run_method("focus")  # the pressed button disappears
            self._place.clear()
            with self._place:
                self._lay_out(offered, has_background=has_background)
            return
        self._opener.enable()

    def _lay_out(self, offered: list[AssetPicture], *, has_background: bool) -> None:
        _ = self._reader._
        portraits = [each for each in offered if each.may_be_portrait]
        backgrounds = sorted(
            (each for each in offered if each.may_stand_behind), key=lambda each: each.may_be_portrait
        )  # emotions last
        if not offered:
            ui.label(_("There are no pictures in the card that can be shown.")).classes("muted")
        if portraits:
            with self._group(_("Portrait from the card")):
                for each in portraits:
                    _thumbnail(each, _("Portrait: {name}", name=each.name), partial(self._portrait, each.number))
        if backgrounds:
            with self._group(_("Chat background")):
                for each in backgrounds:
                    words = _("Chat background: {name}", name=each.name)
                    self._buttons[each.number] = _thumbnail(each, words, partial(self._stand_behind, each.number))
                nothing = ui.button(_("No background"), on_click=partial(self._stand_behind, None), color=None)
                self._buttons[None] = nothing.props("flat no-caps").classes("button quiet")
            shown = next((each.number for each in backgrounds if each.is_behind), None)
            if shown is not None or not has_background:
                self._press(shown)
        self._said = ui.label().classes("muted").props("role=status")

    def _group(self, title: str) -> ui.element:
        group = ui.element("div").classes("card-pictures-group").props("role=group")
        group.props["aria-label"] = title
        with group:
            ui.label(title).classes("muted card-pictures-title")
        return group

    async def _portrait(self, number: int) -> None:
        _ = self._reader._
        self._said.text = _("Preparing the picture…")
        with show_errors(self._reader):
            self._take(await self._pictures.take_portrait(self._caller, self._character_id, number))
            self._said.text = _("Chosen. Save the character to keep it.")
            return
        self._said.text = ""

    async def _stand_behind(self, number: int | None) -> None:
        _ = self._reader._
        self._said.text = _("Preparing the picture…")
        with show_errors(self._reader):
            await self._pictures.choose_background(self._caller, self._character_id, number)
            self._press(number)
            self._said.text = _("Chats have no background now.") if number is None else _("Saved for all chats.")
            return
        self._said.text = ""

    def _press(self, number: int | None) -> None:
        for each, button in self._buttons.items():
            button.props["aria-pressed"] = str(each == number).lower()
            button.update()


def _thumbnail(shown: AssetPicture, name: str, choose: Callable[[], object]) -> ui.button:
    with ui.button(on_click=choose, color=None).props("flat no-caps").classes("card-picture") as button:
        picture(f"data:image/webp;base64,{b64encode(shown.thumbnail).decode()}")
    button.props["aria-label"] = name
    button.props["title"] = shown.name
    return button

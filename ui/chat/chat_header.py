"""Chat header: the character of the chat page, the mark of a demo, and the menu of the chat."""

from __future__ import annotations

from collections.abc import Callable

from nicegui import ui

from domain.chat.dialog_line import DialogLine
from domain.chat.history_page import Conversation
from ui.chat.dialogs.dialog_menu import DialogMenu
from ui.request.visitor import Reader
from ui.shell.frame import page_title
from ui.widgets.dialog import name_dialog
from ui.widgets.icons import BACK, MENU, PERSON
from ui.widgets.picture import picture
from ui.widgets.picture_urls import character_picture


class ChatHeader:
    """`draw` fills the header of the page's frame; what its buttons open is made, and assigned here, after that."""

    def __init__(self, reader: Reader, conversation: Conversation, *, is_demo: bool) -> None:
        self._reader = reader
        self._dialog = conversation.dialog
        self._character = conversation.character
        self._is_demo = is_demo
        self._is_trial = conversation.reader.is_trial
        self._name: ui.link
        self.name = conversation.dialog.title or conversation.character.name
        self.open_list: Callable[[], object]
        self.open_panel: Callable[[], object]

    def draw(self) -> None:
        _, page_of_character = self._reader._, f"/characters/{self._character.id}"
        if not self._is_trial:
            with ui.link(target="/chat").classes("chat-back") as back:
                ui.icon(BACK)
            back.props["aria-label"] = _("My chats")
        _icon(MENU, _("Chats"), lambda: self.open_list()).classes("menu-button")  # noqa: PLW0108 - named later
        with ui.element("div").classes("chat-head"):
            with ui.link(target=page_of_character).props("tabindex=-1 aria-hidden=true"):
                picture(character_picture(self._character, "face")).classes("chat-avatar")
            with ui.element("div").classes("chat-titles"):
                self._name = ui.link(self.name, page_of_character).classes("chat-name")
                if self._is_demo:
                    note = ui.button(_("demo mode"), on_click=lambda: _explain_demo(self._reader), color=None)
                    note.props("flat no-caps").classes("demo-note").props["aria-haspopup"] = "dialog"
        if not self._is_trial:
            DialogMenu(self._dialog, self.name, _("Actions: {name}"))
        _icon(PERSON, _("About the character"), lambda: self.open_panel())  # noqa: PLW0108 - as above

    def show(self, line: DialogLine) -> None:
        """The chat has changed: it may have another name."""
        self._name.text = line.name
        ui.page_title(page_title(self._reader, line.name))


def _icon(path: str, label: str, on_click: Callable[[], object]) -> ui.button:
    button = ui.button(icon=path, on_click=on_click).props("flat round dense")
    button.props["aria-label"] = label
    return button


def _explain_demo(reader: Reader) -> None:
    _ = reader._
    with ui.dialog() as dialog, ui.card().classes("demo-window"):
        name_dialog(dialog, _("Demo mode"))
        ui.label(
            _(
                "A small built-in program answers here. Its lines are written in advance, and it understands little. "
                "To talk with characters as they were meant to be, Beseda needs a language model."
            )
        )
        if reader.user and reader.user.is_admin:
            ui.label(
                _("Put API_KEY and FOLDER_ID into the .env file and restart. The README explains how to get them.")
            )
            ui.link(_("Status"), "/admin/state")
        else:
            ui.label(_("Whoever runs this server can connect one. The README explains how.")).classes("muted")
        with ui.element("div").classes("actions"):
            ui.button(_("Got it"), on_click=dialog.close).props("unelevated autofocus")
    dialog.on("hide", dialog.delete)  # not earlier, since closing it restores the focus
    dialog.open()

"""Worlds of a chat: a dialog in which the person chooses which of their worlds the character knows in it."""

from __future__ import annotations

from nicegui import ui

from domain.accounts.sessions import Caller
from domain.books.book_view import BookView
from domain.services.groups import CardServices
from ui.request.errors import show_errors
from ui.request.visitor import Reader
from ui.widgets.dialog import name_dialog


async def choose_worlds(cards: CardServices, reader: Reader, dialog_id: int) -> None:
    _, caller = reader._, reader.must_be_logged_in()
    with show_errors(reader):
        worlds = await cards.books.worlds(caller)
        attached = {each.id for each in await cards.worlds.of_dialog(caller, dialog_id)}
        with ui.dialog() as dialog, ui.card():
            name_dialog(dialog, _("Worlds in this chat"))
            said = _("What they contain is known from the next reply on.") if worlds else _("You have no worlds yet.")
            ui.label(said).classes("muted")
            for world in worlds:
                _switch(cards, reader, dialog_id, world, is_attached=world.id in attached)
            with ui.element("div").classes("actions"):
                ui.link(_("My worlds"), "/worlds").classes("button quiet")
                ui.button(_("Close"), on_click=dialog.close).props("unelevated autofocus")
        dialog.on("hide", dialog.delete)  # not earlier, since closing it restores the focus
        dialog.open()


def _switch(cards: CardServices, reader: Reader, dialog_id: int, world: BookView, *, is_attached: bool) -> None:
    _, caller = reader._, reader.must_be_logged_in()

    async def change() -> None:
        nonlocal is_attached
        if bool(field.value) is is_attached:
            return  # this code has reset it, because the change was refused
        with show_errors(reader):
            await _keep(cards, caller, world.id, dialog_id, is_attached=not is_attached)
            is_attached = not is_attached
        field.set_value(is_attached)

    entries = _.plural("{n} entry", "{n} entries", world.entries)
    field = ui.checkbox(f"{world.name} · {entries}", value=is_attached, on_change=change)


async def _keep(cards: CardServices, caller: Caller, world_id: int, dialog_id: int, *, is_attached: bool) -> None:
    change = cards.worlds.attach_to_dialog if is_attached else cards.worlds.detach_from_dialog
    await change(caller, world_id, dialog_id)

"""«Мои миры»: a person's books that belong to no character, and the page of each."""

from __future__ import annotations

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse
from nicegui import ui

from domain.books.book_view import BookView
from domain.errors import NotFound
from ui.app import App
from ui.books.book_panel import BookPanel
from ui.books.world_import import WorldImport
from ui.books.world_name import ask_name
from ui.request.errors import sentence, show_errors
from ui.request.visitor import Reader, log_in_address, reader_of
from ui.shell.frame import frame, page
from ui.shell.not_found import not_found_page
from ui.widgets.confirm import offer_undo
from ui.widgets.heading import Heading


def register(app: App) -> None:
    @page("/worlds")
    async def worlds(request: Request) -> RedirectResponse | None:
        reader = await reader_of(app, request)
        if reader.caller is None:
            return RedirectResponse(log_in_address("/worlds"), 303)
        own = await app.cards.books.worlds(reader.caller)
        with frame(app, reader, reader._("My worlds")), ui.element("div").classes("reading").props("id=content"):
            _WorldList(app, reader, own)
        return None

    @page("/worlds/{book_id:id}")
    async def world(book_id: int, request: Request) -> HTMLResponse | RedirectResponse | None:
        reader = await reader_of(app, request)
        if reader.caller is None:
            return RedirectResponse(log_in_address(request.url.path), 303)
        try:
            book = await app.cards.books.view(reader.caller, book_id)
        except NotFound as error:
            return HTMLResponse(not_found_page(reader.preferences, sentence(reader, error)), 404)
        if book.character_id is not None:
            return RedirectResponse(f"/characters/{book.character_id}/edit#knowledge", 303)
        with frame(app, reader, book.name), ui.element("div").classes("page").props("id=content"):
            _World(app, reader, book)
        return None


FOCUS = "document.getElementById('new-world').focus({ preventScroll: true })"
"""JavaScript that moves the focus to the button for a new world: the pressed button disappears with its line."""


class _WorldList:
    def __init__(self, app: App, reader: Reader, worlds: list[BookView]) -> None:
        self._app = app
        self._reader = reader
        self._caller = reader.must_be_logged_in()
        _ = reader._
        with ui.element("div").classes("worlds-head"):
            Heading(_("My worlds"))
            ui.button(_("New world"), on_click=self._make).props("unelevated id=new-world")
            WorldImport("/feed/worlds/file", _)
        ui.label(
            _("A world is a book of your own: attach it to characters and chats, and they will know what is in it.")
        ).classes("lead")
        with ui.element("ul").classes("worlds") as self._place:
            for each in worlds:
                self._line(each)
        self._nothing = ui.label(_("No worlds yet.")).classes("empty")
        self._nothing.set_visibility(not worlds)

    def _line(self, world: BookView) -> None:
        _ = self._reader._
        with ui.element("li").classes("world") as line:
            with ui.element("div").classes("world-what"):
                ui.link(world.name, f"/worlds/{world.id}").classes("world-name")
                ui.label(world_sums(self._reader, world)).classes("muted")
                if words := attached_words(self._reader, world):
                    ui.label(words).classes("muted")
            ui.button(_("Delete"), on_click=lambda: self._delete(world, line)).props("flat color=negative").props[
                "aria-label"
            ] = _("Delete “{name}”", name=world.name)

    def _make(self) -> None:
        _ = self._reader._

        async def make(name: str) -> None:
            made = await self._app.cards.books.create_world(self._caller, name)
            ui.navigate.to(f"/worlds/{made.id}")

        ask_name(self._reader, _("New world"), "", _("Create"), make)

    async def _delete(self, world: BookView, line: ui.element) -> None:
        _ = self._reader._
        with show_errors(self._reader):
            await self._app.cards.books.delete(self._caller, world.id)
            line.set_visibility(False)
            self._count()
            ui.run_javascript(FOCUS)

            async def take_back() -> None:
                with show_errors(self._reader):
                    await self._app.cards.books.restore(self._caller, world.id)
                    line.set_visibility(True)
                    self._count()

            offer_undo(_, _("World deleted."), take_back)

    def _count(self) -> None:
        self._nothing.set_visibility(not any(line.visible for line in self._place.default_slot.children))


class _World:
    def __init__(self, app: App, reader: Reader, world: BookView) -> None:
        self._app = app
        self._reader = reader
        self._world = world
        _ = reader._
        with ui.element("div").classes("worlds-head"):
            self._title = Heading(world.name)
            ui.button(_("Rename"), on_click=self._rename).props("flat")
            ui.link(_("My worlds"), "/worlds").classes("button quiet")
        if world.attached_to or world.chats:
            with ui.element("p").classes("muted world-attached"):
                ui.label(_("Attached to:"))
                for each in world.attached_to:
                    ui.link(each.name, f"/characters/{each.id}/edit#knowledge")
                if world.chats:
                    ui.label(_.plural("{n} chat", "{n} chats", world.chats))
        else:
            ui.label(
                _("Not attached to anything yet: attach a world in a character's editor (“Knowledge”) or in a chat.")
            ).classes("muted")
        BookPanel(app, reader, world)

    def _rename(self) -> None:
        _ = self._reader._

        async def rename(name: str) -> None:
            self._world = await self._app.cards.books.change(
                self._reader.must_be_logged_in(), self._world.id, name=name
            )
            self._title.set_text(self._world.name)
            ui.page_title(self._world.name)

        ask_name(self._reader, _("Rename"), self._world.name, _("Save"), rename)


def world_sums(reader: Reader, world: BookView) -> str:
    _ = reader._
    entries = _.plural("{n} entry", "{n} entries", world.entries)
    return f"{entries} · {_.plural('{n} token', '{n} tokens', world.tokens_on)} · {reader.moment(world.changed_at)}"


def attached_words(reader: Reader, world: BookView) -> str:
    """Names of what the world is attached to, in words; empty if it is attached to nothing."""
    _, names = reader._, [each.name for each in world.attached_to]
    if world.chats:
        names.append(_.plural("{n} chat", "{n} chats", world.chats))
    return _("Attached to: {names}", names=", ".join(names)) if names else ""

"""Knowledge: what a character knows, as the editor shows it: its own book, and the worlds attached to it."""

from __future__ import annotations

from dataclasses import dataclass

from nicegui import ui

from domain.books.book_view import BookView
from domain.model.character import Character
from ui.app import App
from ui.books.book_panel import BookPanel
from ui.request.errors import show_errors
from ui.request.visitor import Reader


@dataclass(frozen=True)
class Knowledge:
    """`worlds` are those that the reader may attach: their own, if the character is theirs, otherwise none."""

    app: App
    reader: Reader
    character: Character
    book: BookView | None
    attached: list[BookView]
    worlds: list[BookView]

    def lay_out(self) -> None:
        with BookPanel(self.app, self.reader, self.book, self.character.id).element:
            _AttachedWorlds(self)


async def known_by(app: App, reader: Reader, character: Character) -> Knowledge:
    caller = reader.must_be_logged_in()
    is_own = character.owner_id == caller.user_id
    return Knowledge(
        app,
        reader,
        character,
        await app.cards.books.of_character(caller, character.id),
        await app.cards.worlds.of_character(caller, character.id),
        await app.cards.books.worlds(caller) if is_own else [],
    )


class _AttachedWorlds:
    def __init__(self, knowledge: Knowledge) -> None:
        self._reader = knowledge.reader
        self._caller = knowledge.reader.must_be_logged_in()
        self._worlds = knowledge.app.cards.worlds
        self._character_id = knowledge.character.id
        self._is_own = knowledge.character.owner_id == self._caller.user_id
        self._known = {each.id: each.name for each in (*knowledge.worlds, *knowledge.attached)}
        self._attached = [each.id for each in knowledge.attached]
        _ = self._reader._
        with ui.element("details").classes("fold attached-worlds"):
            with ui.element("summary"):
                ui.label(_("Worlds"))
            self._list = ui.element("ul").classes("attached-list")
            self._nothing = ui.label(_("No world is attached.")).classes("muted")
            if self._is_own:
                self._choice = ui.select({}, label=_("Attach a world"), on_change=self._attach).props("outlined dense")
                ui.link(_("My worlds"), "/worlds")
        self._show()

    def _show(self) -> None:
        _ = self._reader._
        self._list.clear()
        with self._list:
            for world_id in self._attached:
                with ui.element("li").classes("attached-world"):
                    ui.link(self._known[world_id], f"/worlds/{world_id}")
                    if self._is_own:
                        name = self._known[world_id]
                        button = ui.button(
                            _("Detach"), on_click=lambda world_id=world_id: self._detach(world_id)
                        ).props("flat dense")
                        button.props["aria-label"] = _("Detach: {name}", name=name)
        self._nothing.set_visibility(not self._attached)
        if self._is_own:
            left = {each: name for each, name in self._known.items() if each not in self._attached}
            self._choice.set_options(left, value=None)
            self._choice.set_visibility(bool(left))

    async def _attach(self) -> None:
        world_id = self._choice.value
        if world_id is None:
            return
        with show_errors(self._reader):
            await self._worlds.attach(self._caller, world_id, self._character_id)
            self._attached = [*self._attached, world_id]
        self._show()

    async def _detach(self, world_id: int) -> None:
        with show_errors(self._reader):
            await self._worlds.detach(self._caller, world_id, self._character_id)
            self._attached = [each for each in self._attached if each != world_id]
        self._show()

"""Versions in the editor: the window that shows them, and going back to one, which can be undone on the page that
follows.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from nicegui import ui
from nicegui.events import GenericEventArguments

from domain.errors import InvalidForm
from domain.model.character import Character
from ui.app import App
from ui.editor.versions_window import VersionsWindow
from ui.request.errors import refusal_of, sentence, show_errors
from ui.request.visitor import Reader
from ui.widgets.confirm import offer_undo

RESTORED = "restored"
"""Query parameter of the editor: id of the version that holds the character's state before the last going back."""


class EditorVersions:
    """`leave` goes to an address and drops what is typed. `in_turn` is the lock that everything that saves holds."""

    def __init__(
        self, app: App, reader: Reader, character: Character, in_turn: asyncio.Lock, leave: Callable[[str], None]
    ) -> None:
        self._app = app
        self._reader = reader
        self._caller = reader.must_be_logged_in()
        self._character_id = character.id
        self._in_turn = in_turn
        self._leave = leave
        self._client = ui.context.client
        self._window: VersionsWindow | None = None

    def open(self, event: GenericEventArguments) -> None:
        """Open the window. It is only added now, with its script, since most visits never need it."""
        if self._window is None:
            with self._client.content:
                self._window = VersionsWindow(f"/feed/characters/{self._character_id}/versions", self._reader._)
            self._window.on("restore", self._restore)
        self._window.open(unsaved=bool(event.args["unsaved"]))

    async def offer_undo(self, version_id: str) -> None:
        """Offer to undo going back, on the page that follows it. Nothing has changed since if that version is still the
        newest.
        """
        versions = await self._app.characters.versions.of(self._caller, self._character_id)
        if versions.lines and str(versions.lines[0].id) == version_id:
            _, newest = self._reader._, versions.lines[0].id
            offer_undo(_, _("The character is replaced with its older version."), lambda: self._undo(newest))

    async def _restore(self, event: GenericEventArguments) -> None:
        with show_errors(self._reader):  # people who are logged out or blocked are redirected
            refusal = await refusal_of(self._go_back(int(event.args["version"])))
            if refusal and self._window:
                first = refusal.errors[0] if isinstance(refusal, InvalidForm) else refusal
                self._window.refuse(sentence(self._reader, first))

    async def _go_back(self, version_id: int) -> None:
        async with self._in_turn:
            restored = await self._app.characters.versions.restore(self._caller, self._character_id, version_id)
            undone_by = f"?{RESTORED}={restored.before_id}" if restored.before_id else ""
            self._leave(f"/characters/{self._character_id}/edit{undone_by}")

    async def _undo(self, version_id: int) -> None:
        with show_errors(self._reader):
            async with self._in_turn:
                await self._app.characters.versions.restore(self._caller, self._character_id, version_id)
                self._leave(f"/characters/{self._character_id}/edit")

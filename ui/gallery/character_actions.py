"""Character actions: what can be done from its card and from its page, each by one call of the domain."""

from __future__ import annotations

from collections.abc import Callable

from nicegui import ui

from domain.accounts.sessions import Caller
from domain.errors import NeedsAccount, RateLimited
from ui.app import App
from ui.request.errors import show_errors
from ui.request.visitor import Reader, device_of, door, log_in_address
from ui.shell.session_posts import exchange_ticket
from ui.widgets.confirm import ask_confirmation, offer_undo
from ui.widgets.report_dialog import report


class CharacterActions:
    """`changed` is called when a character was deleted or restored."""

    def __init__(self, app: App, reader: Reader, changed: Callable[[], object]) -> None:
        self._app = app
        self._reader = reader
        self._changed = changed

    async def perform(self, name: str, character_id: int, title: str) -> None:
        """`name` is begin, duplicate, report or delete; whoever is not logged in is asked to log in first."""
        caller = self._reader.caller
        if caller is None:
            if name == "begin":
                await self._begin_trial(character_id)
            else:
                ui.navigate.to(log_in_address(f"/characters/{character_id}"))
            return
        with show_errors(self._reader):
            match name:
                case "begin":
                    zone = self._reader.preferences.zone
                    dialog_id = await self._app.chat.chat.begin(caller, character_id, zone=zone)
                    ui.navigate.to(f"/chat/{dialog_id}")
                case "duplicate":
                    copied = await self._app.characters.duplicates.duplicate(caller, character_id)
                    ui.navigate.to(f"/characters/{copied.id}/edit")
                case "report":
                    await report(self._app.moderation, self._reader, character_id, title)
                case "delete":
                    await self._delete(caller, character_id, title)

    async def _begin_trial(self, character_id: int) -> None:
        """Begin a trial for a stranger; if none is allowed, they are asked to sign up, with the character named."""
        reader, request = self._reader, ui.context.client.request
        with show_errors(reader):
            try:
                begun = await self._app.accounts.trials.begin(
                    reader.trial.caller if reader.trial else None,
                    character_id,
                    language=reader.preferences.language,
                    ip=reader.ip,
                    device=device_of(request),
                    zone=reader.preferences.zone,
                )
            except (NeedsAccount, RateLimited):
                ui.navigate.to(door("/sign-up", f"/characters/{character_id}/chat"))
                return
            if begun.ticket:
                exchange_ticket(begun.ticket, f"/chat/{begun.dialog_id}")
            else:
                ui.navigate.to(f"/chat/{begun.dialog_id}")

    async def _delete(self, caller: Caller, character_id: int, title: str) -> None:
        _ = self._reader._
        question = _("Delete “{name}”?", name=title)
        if await ask_confirmation(_, question, _("Existing chats can still be read.")):
            await self._app.characters.characters.delete(caller, character_id)
            self._changed()
            self.offer_to_take_back(character_id)

    async def offer_to_take_back_if_allowed(self, character_id: int) -> None:
        """Offer it for an id from the page's address, which may be made up."""
        caller = self._reader.caller
        if caller and await self._app.characters.duplicates.may_restore(caller, character_id):
            self.offer_to_take_back(character_id)

    def offer_to_take_back(self, character_id: int) -> None:
        async def restore() -> None:
            with show_errors(self._reader):
                await self._app.characters.duplicates.restore(self._reader.must_be_logged_in(), character_id)
                self._changed()

        offer_undo(self._reader._, self._reader._("Character deleted."), restore)

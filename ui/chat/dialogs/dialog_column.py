"""Dialog sidebar: passes actions in the list of dialogs on to the domain, and shows changes made elsewhere."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from nicegui import background_tasks, ui
from nicegui.events import GenericEventArguments

from domain.bin import KEPT_IN_BIN
from domain.chat.dialog_line import DialogLine
from domain.chat.tree.events import DialogListChanged
from domain.errors import AppError, Blocked, SignedOut
from domain.language import Texts
from ui.app import App
from ui.chat.dialogs.dialog_lines import dialog_lines
from ui.chat.dialogs.dialog_list import DialogList
from ui.request.errors import sentence, show_errors
from ui.request.live import follow_events, look_again_after_gaps
from ui.request.visitor import Reader
from ui.widgets.confirm import ask_confirmation, offer_undo

AT_MOST_EVERY = 0.5  # seconds between two updates of the list
NOT_AT_ONCE = 0.05
"""Seconds before the first update: a message just sent is on its way to the model, and the list can wait for it."""


class DialogColumn:
    """`here` is the dialog that is open on this page; `follow_here` is called with its changes; `reveal` shows a hidden
    list.
    """

    def __init__(
        self,
        app: App,
        reader: Reader,
        *,
        here: int | None = None,
        reveal: Callable[[], object] = lambda: None,
        follow_here: Callable[[DialogLine], object] = lambda _line: None,
    ) -> None:
        self._app = app
        self._reader = reader
        self._caller = reader.must_be_logged_in()
        self._here = here
        self._follow_here = follow_here
        self._changed: set[int] = set()
        self._telling = False
        self._client = ui.context.client
        self._list = DialogList("/feed/dialogs", _labels(reader._), here=here)
        self._list.on("reveal", lambda: reveal())  # noqa: PLW0108 - without the event's arguments
        self._list.on("action", self._do)
        follow_events(app.bus, DialogListChanged, self._note, about=self._caller.user_id)
        look_again_after_gaps(app.bus, self._look_again)

    async def _do(self, event: GenericEventArguments) -> None:
        dialogs, dialog_id = self._app.chat.dialogs, int(event.args["id"])
        with show_errors(self._reader):
            match event.args["name"]:
                case "rename":
                    await self._rename(dialog_id, str(event.args["title"]))
                case "pin":
                    await dialogs.pin(self._caller, dialog_id, pinned=True)
                case "unpin":
                    await dialogs.pin(self._caller, dialog_id, pinned=False)
                case "delete":
                    await self._delete(dialog_id)

    async def _rename(self, dialog_id: int, title: str) -> None:
        try:
            await self._app.chat.dialogs.rename(self._caller, dialog_id, title)
        except SignedOut:
            raise
        except AppError as error:
            self._list.rename_refused(sentence(self._reader, error))
        else:
            self._list.renamed()

    async def _delete(self, dialog_id: int) -> None:
        _ = self._reader._
        for line in await self._app.chat.dialogs.lines(self._caller, [dialog_id]):
            question = _("Delete the chat “{name}”?", name=line.name)
            explanation = _("You can restore it from “Recently deleted” for {n} days.", n=KEPT_IN_BIN.days)
            if not await ask_confirmation(_, question, explanation):
                return
        await self._app.chat.dialogs.delete(self._caller, dialog_id)
        if dialog_id == self._here:
            ui.navigate.to(f"/chat?deleted={dialog_id}")
        else:
            self.offer_to_take_back(dialog_id)

    def offer_to_take_back(self, dialog_id: int) -> None:
        async def undelete() -> None:
            with show_errors(self._reader):
                await self._app.chat.dialogs.restore(self._caller, dialog_id)

        offer_undo(self._reader._, self._reader._("Chat deleted."), undelete)

    async def _look_again(self) -> None:
        self._list.refresh()

    def _note(self, fact: DialogListChanged) -> None:
        self._changed.add(fact.dialog_id)
        if not self._telling:
            self._telling = True
            background_tasks.create(self._tell(), name="following the list of dialogs", context=self._client)

    async def _tell(self) -> None:
        """Send the changed lines: the first soon, those right after it in one batch (throttled)."""
        try:
            await asyncio.sleep(NOT_AT_ONCE)
            while self._changed:
                ids, self._changed = self._changed, set()
                lines = await self._app.chat.dialogs.lines(self._caller, ids)
                gone = ids - {line.dialog.id for line in lines}
                self._list.follow(dialog_lines(self._reader, lines), sorted(gone))
                for line in lines:
                    if line.dialog.id == self._here:
                        self._follow_here(line)
                await asyncio.sleep(AT_MOST_EVERY)
        except (SignedOut, Blocked):
            return  # the page closes for the same reason
        finally:
            self._telling = False


def _labels(_: Texts) -> dict[str, str]:
    return {
        "list": _("Chats"),
        "empty": _("No chats yet. Find someone to talk to in the gallery."),
        "failed": _("Couldn't load your chats."),
        "retry": _("Try again"),
        "running": _("typing…"),
        "search": _("Search chats"),
        "placeholder": _("Search"),
        "more": _("Actions: {name}"),
        "rename": _("Rename"),
        "pin": _("Pin"),
        "unpin": _("Unpin"),
        "download": _("Download"),
        "md": _("Formatted text (Markdown)"),
        "txt": _("Plain text"),
        "json": _("For import (JSON)"),
        "delete": _("Delete"),
        "rename_title": _("Rename chat"),
        "name": _("Chat name"),
        "name_hint": _("Leave empty to use the character's name."),
        "save": _("Save"),
        "cancel": _("Cancel"),
    }

"""Chat page: one conversation, with the list of the person's dialogs beside it, the bubbles, the composer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse
from nicegui import Client, ui
from nicegui.events import GenericEventArguments

from domain.accounts.sessions import Caller
from domain.chat.branches import ShownInstead
from domain.chat.history_page import Conversation
from domain.errors import AppError, NeedsAccount, NotFound, RateLimited, SignedOut
from domain.language import N_
from domain.model.dialog import MESSAGE_LIMIT, Feedback
from ui.app import App
from ui.chat.backdrop.backdrop import Backdrop
from ui.chat.chat_header import ChatHeader
from ui.chat.chat_log import ChatLog, ask_early, log_labels
from ui.chat.composer import Composer, composer_labels
from ui.chat.composer_lock import ComposerLock
from ui.chat.dialog_events import DialogEvents
from ui.chat.dialog_panel import dialog_panel
from ui.chat.dialogs.dialog_column import DialogColumn
from ui.chat.dialogs.find_bar import FindBar
from ui.chat.key_help import KeyHelp
from ui.chat.memory.chat_memory import ChatMemory
from ui.chat.memory.memory_words import forgotten_words
from ui.chat.trial_panel import TrialPanel
from ui.request.errors import ask_to_log_in, sentence, show_errors
from ui.request.visitor import Reader, door, log_in_address, reader_of
from ui.shell.frame import frame, page
from ui.shell.not_found import not_found_page
from ui.widgets.confirm import ask_confirmation, offer_undo
from ui.widgets.covering_drawer import mind_focus
from ui.widgets.heading import Heading
from ui.widgets.labels import made_up_note
from ui.widgets.report_dialog import report

ADDRESS = "/chat/{dialog_id:id}"
LONGEST_COUNTDOWN = 3600
"""Maximum seconds of a countdown. For a longer wait the moment is given instead."""
DELETED = {
    None: N_("Deleted."),
    ShownInstead.EARLIER: N_("Deleted. The earlier version is shown again."),
    ShownInstead.LATER: N_("Deleted. The later version is shown again."),
}


def register(app: App) -> None:
    @page(ADDRESS)
    async def chat(dialog_id: int, request: Request) -> HTMLResponse | RedirectResponse | None:
        reader = (await reader_of(app, request)).on_trial()
        if reader.caller is None:
            return RedirectResponse(log_in_address(request.url.path), 303)
        try:
            conversation = await app.chat.chat.look(reader.caller, dialog_id)  # the log fetches the messages
        except NotFound as error:
            return HTMLResponse(not_found_page(reader.preferences, sentence(reader, error)), 404)

        header = ChatHeader(reader, conversation, is_demo=app.chat.chat.is_demo)
        feed = f"/feed/dialogs/{dialog_id}"
        ui.add_head_html(ask_early(feed))
        with frame(app, reader, header.name, header.draw):
            # Quasar opens it where there is room; NiceGUI would have the server ask the browser and wait.
            with ui.left_drawer(value=False, bordered=True).props("width=280 show-if-above").classes("side") as drawer:
                ui.link(reader._("New chat"), "/").classes("button quiet")
                if not conversation.reader.is_trial:
                    DialogColumn(app, reader, here=dialog_id, reveal=drawer.show, follow_here=header.show)
            mind_focus(drawer)
            header.open_list = drawer.toggle
            chat_page = ChatPage(app, reader, conversation)
            header.open_panel = dialog_panel(
                *(app.chat, app.cards, reader, conversation.dialog, conversation.character),
                open_memory=chat_page.open_memory,
                backdrop=chat_page.backdrop,
            )
            KeyHelp(reader._)
            if chat_page.trial:
                await chat_page.trial.look()
        return None


def dialog_of(client: Client) -> int | None:
    """The dialog whose page this is, if it is one's."""
    return int(client.request.path_params["dialog_id"]) if client.page.path == ADDRESS else None


class ChatPage:
    """One open page of a dialog: passes the person's actions on. DialogEvents shows what happens in the dialog."""

    def __init__(self, app: App, reader: Reader, conversation: Conversation) -> None:
        self._app = app
        self._reader = reader
        self._caller = reader.must_be_logged_in()
        self._dialog_id = conversation.dialog.id
        self._character = conversation.character
        ui.context.client.content.classes("chat-page").props("id=content")
        self.backdrop = Backdrop(app, reader, conversation) if conversation.background_token else None
        Heading(reader._("Chat: {name}", name=conversation.character.name)).classes("visually-hidden")
        feed = f"/feed/dialogs/{self._dialog_id}"
        if not conversation.reader.is_trial:
            FindBar(reader._, feed)
        self._log = ChatLog(feed, log_labels(reader._))
        self._memory = self._remembered(conversation)
        self._composer = Composer(composer_labels(reader._), draft_key=f"draft-{self._dialog_id}", limit=MESSAGE_LIMIT)
        ui.label(made_up_note(reader._, self._character)).classes("made-up-note")
        self._actions = self._known_actions()
        self._listen_to_person()
        self._events = DialogEvents(app, reader, conversation, self._log, self._composer)
        ComposerLock(app, reader, conversation, self._composer)
        is_trial = conversation.reader.is_trial
        self.trial = TrialPanel(app, reader, conversation, self._log, self._composer) if is_trial else None

    def _remembered(self, conversation: Conversation) -> ChatMemory | None:
        if conversation.reader.is_trial:
            return None
        return ChatMemory(self._app, self._reader, self._dialog_id, expected=conversation.dialog.memory_version > 0)

    def open_memory(self) -> None:
        if self._memory:
            self._memory.open()

    def _listen_to_person(self) -> None:
        self._log.on("act", self._act)
        self._log.on("edit", self._edit)
        self._log.on("rewrite", self._rewrite)
        self._composer.on("send", self._send)
        self._composer.on("stop", self._stop)

    async def _send(self, event: GenericEventArguments) -> None:
        text, client_id = str(event.args["text"]), str(event.args["client_id"])
        if refusal := await self._refusal(self._send_and_show(text, client_id)):
            self._composer.refused(client_id, sentence(self._reader, refusal), _countdown(refusal))
        else:
            self._composer.accepted(client_id)

    async def _send_and_show(self, text: str, client_id: str) -> None:
        zone = self._reader.preferences.zone
        sent = await self._app.chat.chat.send(self._caller, self._dialog_id, text, client_id, zone=zone)
        if sent:
            await self._events.show_own(sent)

    async def _edit(self, event: GenericEventArguments) -> None:
        await self._save(event, self._app.chat.branches.edit)

    async def _rewrite(self, event: GenericEventArguments) -> None:
        await self._save(event, self._app.chat.branches.rewrite_reply)

    async def _save(
        self, event: GenericEventArguments, save: Callable[[Caller, int, str, str], Awaitable[None]]
    ) -> None:
        message_id, client_id = int(event.args["id"]), str(event.args["client_id"])
        if refusal := await self._refusal(save(self._caller, message_id, str(event.args["text"]), client_id)):
            self._log.edit_refused(client_id, sentence(self._reader, refusal))
        else:
            self._log.edited(client_id)

    async def _refusal(self, action: Awaitable[None]) -> AppError | None:
        """Await the action; returns its refusal, to be shown beside the typed text."""
        try:
            await action
        except AppError as error:
            if isinstance(error, NeedsAccount) and self.trial:
                await self.trial.look_again()
            if isinstance(error, SignedOut):  # the text is kept, and is back after the log-in
                ask_to_log_in(f"/chat/{self._dialog_id}")
            return error
        return None

    async def _stop(self) -> None:
        with show_errors(self._reader):
            await self._app.chat.chat.stop(self._caller, self._dialog_id)

    async def _act(self, event: GenericEventArguments) -> None:
        action, message_id = str(event.args["action"]), int(event.args["id"])
        with show_errors(self._reader):
            if action in self._actions:
                await self._actions[action](message_id)

    def _known_actions(self) -> dict[str, Callable[[int], Awaitable[None]]]:
        """Actions on a message, by the names that the log uses."""
        branches, dialogs, caller = self._app.chat.branches, self._app.chat.dialogs, self._caller
        return {
            "retry": partial(branches.regenerate, caller),
            "regenerate": partial(branches.regenerate, caller),
            "answer": partial(branches.answer, caller),
            "continue": partial(branches.continue_reply, caller),
            "previous": lambda message_id: branches.switch_branch(caller, message_id, -1),
            "next": lambda message_id: branches.switch_branch(caller, message_id, 1),
            "return": partial(dialogs.switch_to, caller, self._dialog_id),
            "branch": self._branch,
            "delete": self._delete,
            "report": self._report,
            "sign-up": self._sign_up,
            "thumb-up": partial(self._rate, Feedback.UP),
            "thumb-down": partial(self._rate, Feedback.DOWN),
            "unrate": partial(self._rate, None),
            "hide": partial(self._hide, hidden=True),
            "show": partial(self._hide, hidden=False),
            "pin": self._pin,
            "unpin": self._unpin,
        }

    async def _branch(self, message_id: int) -> None:
        ui.navigate.to(f"/chat/{(await self._app.chat.copies.copy_up_to(self._caller, message_id)).id}")

    async def _sign_up(self, _message_id: int) -> None:
        ui.navigate.to(door("/sign-up", f"/chat/{self._dialog_id}"))

    async def _rate(self, feedback: Feedback | None, message_id: int) -> None:
        _ = self._reader._
        await self._app.chat.marks.rate(self._caller, message_id, feedback)
        self._log.say(_("Thanks, your rating is saved.") if feedback else _("Rating removed."))

    async def _hide(self, message_id: int, *, hidden: bool) -> None:
        _ = self._reader._
        await self._app.chat.marks.hide(self._caller, message_id, hidden=hidden)
        self._log.say(
            _("The model no longer reads this message.") if hidden else _("The model reads this message again.")
        )

    async def _pin(self, message_id: int) -> None:
        await self._app.chat.memory.pin_message(self._caller, self._dialog_id, message_id)
        self._log.say(self._reader._("Pinned: the character always keeps this in mind."))

    async def _unpin(self, message_id: int) -> None:
        await self._app.chat.memory.unpin_message(self._caller, self._dialog_id, message_id)
        self._log.say(self._reader._("Unpinned."))

    async def _report(self, message_id: int) -> None:
        await report(self._app.moderation, self._reader, self._character.id, self._character.name, message_id)

    async def _delete(self, message_id: int) -> None:
        _ = self._reader._
        gone = await self._app.chat.memory.goes_with(self._caller, message_id)
        if await ask_confirmation(_, _("Delete this message and everything after it?"), forgotten_words(_, gone)):
            instead = await self._app.chat.branches.delete(self._caller, message_id)
            offer_undo(_, _(DELETED[instead]), lambda: self._undelete(message_id))

    async def _undelete(self, message_id: int) -> None:
        with show_errors(self._reader):
            await self._app.chat.branches.restore(self._caller, message_id)


def _countdown(refusal: AppError) -> int:
    """The seconds to count down until it may be tried again; 0 where only the moment is told."""
    wait = refusal.wait if type(refusal) is RateLimited else 0  # subclasses have their own sentences
    return wait if wait <= LONGEST_COUNTDOWN else 0

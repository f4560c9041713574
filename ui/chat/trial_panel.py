"""Trial panel: replaces the composer once somebody has said all they may before signing up."""

from __future__ import annotations

from nicegui import ui

from domain.chat.history_page import Conversation
from domain.chat.tree.events import ReplyEnded
from ui.account.sign_in.provider_buttons import provider_buttons
from ui.app import App
from ui.chat.chat_log import ChatLog
from ui.chat.composer import Composer
from ui.request.live import follow_events_async, look_again_after_gaps
from ui.request.visitor import Reader, door
from ui.widgets.heading import Heading
from ui.widgets.picture import picture
from ui.widgets.picture_urls import character_picture


class TrialPanel:
    """Shown as soon as the last reply has ended. The composer is only hidden: its draft stays, and is there again after
    the sign-up.
    """

    def __init__(self, app: App, reader: Reader, conversation: Conversation, log: ChatLog, composer: Composer) -> None:
        self._app = app
        self._caller = reader.must_be_logged_in()
        self._log = log
        self._composer = composer
        dialog_id, character = conversation.dialog.id, conversation.character
        _, then = reader._, f"/chat/{dialog_id}"
        with ui.element("section").classes("trial-panel") as self._panel:
            self._panel.props["aria-live"] = "polite"
            with ui.element("div").classes("what-for"):
                picture(character_picture(character, "face")).classes("what-for-face")
                with ui.element("div"):
                    Heading(_("To keep talking with {name}, you need an email address", name=character.name), level=2)
                    ui.label(_("This chat will stay yours, along with what you've typed.")).classes("muted")
            with ui.element("div").classes("actions"):
                ui.link(_("Sign up"), door("/sign-up", then)).classes("button")
                ui.link(_("Log in"), door("/log-in", then)).classes("button quiet")
            provider_buttons(app.accounts, reader, then)
        self._panel.set_visibility(False)
        follow_events_async(app.bus, ReplyEnded, self._look, about=dialog_id)
        look_again_after_gaps(app.bus, self.look_again)

    async def look(self) -> None:
        """Show the panel if the trial is over."""
        if await self._app.accounts.trials.is_over(self._caller):
            self._composer.set_visibility(False)
            self._panel.set_visibility(True)

    async def look_again(self) -> None:
        """`look`, for a page that shows messages already: they offer fewer actions once the trial is over."""
        was_over = self._panel.visible
        await self.look()
        if self._panel.visible and not was_over:
            self._log.refresh()

    async def _look(self, _fact: ReplyEnded) -> None:
        await self.look_again()

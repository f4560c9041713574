"""A conversation: the list of mine beside it, the bubbles, the composer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse
from nicegui import ui
from nicegui.events import GenericEventArguments

from domain.chat.chat import Conversation
from domain.chat.dialog import MESSAGE_LIMIT, State
from domain.chat.facts import MessageSent, ReplyEnded, ReplyGrew
from domain.errors import AppError, NotFound, SignedOut
from ui.app import App
from ui.components.bubbles import bubble
from ui.components.chat_log import ChatLog
from ui.components.composer import Composer
from ui.components.dialog_groups import dialog_groups
from ui.components.dialog_list import DialogList
from ui.components.heading import Heading
from ui.components.picture import picture
from ui.errors import sentence, told_to
from ui.frame import frame, page
from ui.live import hear, hear_and_read
from ui.pages.lost import lost_page
from ui.pictures import character_picture
from ui.visitor import Reader, log_in_address, reader_of


def register(app: App) -> None:
    @page("/chat")
    async def chats(request: Request) -> RedirectResponse | None:
        reader = await reader_of(app, request)
        if reader.caller is None:
            return RedirectResponse(log_in_address("/chat"), 303)
        with frame(app, reader, reader._("My chats")), ui.element("div").classes("sheet wide").props("id=content"):
            Heading(reader._("My chats"))
            await _list_of_dialogs(app, reader, here=None)
        return None

    @page("/chat/{dialog_id:int}")
    async def chat(dialog_id: int, request: Request) -> HTMLResponse | RedirectResponse | None:
        reader = await reader_of(app, request)
        if reader.caller is None:
            return RedirectResponse(log_in_address(request.url.path), 303)
        try:
            conversation = await app.chat.open(reader.caller, dialog_id)
        except NotFound as error:
            return HTMLResponse(lost_page(reader.preferences, sentence(reader, error)), 404)

        def bar() -> None:
            _bar(app, reader, conversation, lambda: drawer.toggle())  # noqa: PLW0108 - it is made below

        with frame(app, reader, conversation.character.name, bar):
            with ui.left_drawer(bordered=True).props("width=280").classes("side") as drawer:
                ui.link(reader._("New chat"), "/").classes("button quiet")
                listed = await _list_of_dialogs(app, reader, here=dialog_id)
            ChatPage(app, reader, conversation, listed)
        return None


async def _list_of_dialogs(app: App, reader: Reader, *, here: int | None) -> DialogList:
    _ = reader._
    lines = await app.chat.dialogs(reader.must_be_logged_in())
    return DialogList(
        dialog_groups(reader, lines, here),
        {
            "list": _("Chats"),
            "empty": _("No chats yet. Choose somebody in the gallery."),
            "running": _("typing…"),
        },
    )


def _bar(app: App, reader: Reader, conversation: Conversation, open_list: Callable[[], object]) -> None:
    """In the header: the way to the other chats, with whom this one is, and whether it is only a demo."""
    _, character = reader._, conversation.character
    button = ui.button(icon="menu", on_click=open_list).props("flat round dense").classes("menu-button")
    button.props["aria-label"] = _("Chats")
    with ui.link(target=f"/characters/{character.id}").classes("chat-head"):
        picture(character_picture(character, "small")).classes("chat-avatar")
        ui.label(character.name).classes("chat-name")
    if app.chat.is_demo:
        ui.label(_("demo mode")).classes("demo-note").tooltip(
            _("No language model is connected: a small built-in one answers.")
        )


class ChatPage:
    """One open page of a dialog. It shows what the domain tells, and passes gestures on."""

    def __init__(self, app: App, reader: Reader, conversation: Conversation, listed: DialogList) -> None:
        self._app = app
        self._reader = reader
        self._dialog_id = conversation.dialog.id or 0
        self._listed = listed
        ui.context.client.content.classes("chat-page").props("id=content")
        self._log = ChatLog(f"/feed/dialogs/{self._dialog_id}", self._log_labels())
        self._composer = Composer(self._composer_labels(), draft_key=f"draft-{self._dialog_id}", limit=MESSAGE_LIMIT)
        self._connect(conversation)

    def _connect(self, conversation: Conversation) -> None:
        bus, dialog_id = self._app.bus, self._dialog_id
        self._log.on("act", self._act)
        self._composer.on("send", self._send)
        self._composer.on("stop", self._stop)
        hear_and_read(bus, MessageSent, self._show_sent, about=dialog_id)
        hear(bus, ReplyGrew, self._show_growth, about=dialog_id)
        hear_and_read(bus, ReplyEnded, self._show_end, about=dialog_id)
        if not conversation.may_go_on:
            self._composer.close(
                self._reader._("This character is no longer here. You can still read the conversation.")
            )
        if any(message.state == State.RUNNING for message in conversation.messages):
            self._composer.replying(True)

    async def _send(self, event: GenericEventArguments) -> None:
        text, client_id = str(event.args["text"]), str(event.args["client_id"])
        try:
            await self._app.chat.send(self._reader.must_be_logged_in(), self._dialog_id, text, client_id)
        except SignedOut:
            ui.navigate.to(log_in_address(f"/chat/{self._dialog_id}"))
        except AppError as error:
            self._composer.refused(client_id, sentence(self._reader, error))
        else:
            self._composer.accepted(client_id)

    async def _stop(self) -> None:
        with told_to(self._reader):
            await self._app.chat.stop(self._reader.must_be_logged_in(), self._dialog_id)

    async def _act(self, event: GenericEventArguments) -> None:
        with told_to(self._reader):
            await self._app.chat.retry(self._reader.must_be_logged_in(), int(event.args["id"]))

    async def _show_sent(self, fact: MessageSent) -> None:
        if fact.replaced_id is not None:
            self._log.take_away(fact.replaced_id)
        for shown in await self._bubbles({fact.message_id, fact.reply_id}):
            self._log.append(shown)
        self._composer.replying(True)
        await self._refresh_list()

    def _show_growth(self, fact: ReplyGrew) -> None:
        self._log.delta(fact.reply_id, fact.at, fact.length, fact.text)

    async def _show_end(self, fact: ReplyEnded) -> None:
        for shown in await self._bubbles({fact.reply_id}):
            self._log.finish(shown)
        self._composer.replying(False)
        await self._refresh_list()

    async def _bubbles(self, ids: set[int | None]) -> list[dict[str, Any]]:
        conversation = await self._app.chat.open(self._reader.must_be_logged_in(), self._dialog_id)
        return [bubble(self._reader, conversation, each) for each in conversation.messages if each.id in ids]

    async def _refresh_list(self) -> None:
        lines = await self._app.chat.dialogs(self._reader.must_be_logged_in())
        self._listed.show(dialog_groups(self._reader, lines, self._dialog_id))

    def _log_labels(self) -> dict[str, str]:
        _ = self._reader._
        return {
            "log": _("Conversation"),
            "failed": _("The conversation could not be loaded."),
            "retry": _("Try again"),
            "down": _("To the newest"),
            "typing": _("typing…"),
        }

    def _composer_labels(self) -> dict[str, str]:
        _ = self._reader._
        return {
            "message": _("Message"),
            "placeholder": _("Write something…"),
            "send": _("Send"),
            "stop": _("Stop"),
            "wait": _("One moment: the reply before is still being written."),
            "too_long": _("A message has at most {limit} characters.", limit=MESSAGE_LIMIT),
        }

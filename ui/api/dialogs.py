"""Dialogs API: a person's dialogs, and a message with its reply: waited for, or streamed."""

import secrets
from typing import Annotated

from fastapi import APIRouter, Depends, Header, HTTPException, Request, Response
from fastapi.responses import StreamingResponse

from domain.accounts.sessions import Caller
from domain.characters.visibility import Private
from domain.errors import Invalid, ModelFault
from domain.language import Texts
from domain.llm.faults import sentence_for
from domain.model.dialog import State
from ui.api.bearer import BearerAuth
from ui.api.errors import Documented, documented, seed_errors
from ui.api.paging import PAGED, set_next_cursor
from ui.api.schemas import (
    MOST,
    ChatResponse,
    Cursor,
    DialogCopy,
    DialogOut,
    FeedbackGiven,
    Hiding,
    Id,
    Limit,
    MessageOut,
    StartOrContinueChat,
)
from ui.api.serializers import message_shown
from ui.api.sse import EVENTS, stream_reply
from ui.app import App
from ui.request.authenticate_first import authenticate_first
from ui.request.visitor import read_preferences

LIVE: Documented = {
    200: {
        "description": "The reply, once it is over; or, for `Accept: text/event-stream`, live: " + EVENTS,
        "content": {"text/event-stream": {"schema": {"type": "string"}}},
    }
}


def dialogs(app: App) -> APIRouter:
    auth = BearerAuth(app)
    router = APIRouter(prefix="/dialogs", tags=["dialogs"], route_class=authenticate_first(auth.ask))
    _add_dialogs(router, app, auth)
    _add_marks(router, app, auth)
    _add_sending(router, app, auth)
    return router


def _add_dialogs(router: APIRouter, app: App, auth: BearerAuth) -> None:
    @router.get("", responses=PAGED | documented(401, 403))
    async def my_dialogs(
        response: Response,
        caller: Annotated[Caller, Depends(auth.caller)],
        limit: Limit = MOST,
        cursor: Cursor = None,
    ) -> list[DialogOut]:
        """Your dialogs, newest first."""
        found = await app.chat.dialogs.page(caller, limit, cursor)
        set_next_cursor(response, [each.id for each in found], limit)
        return [
            DialogOut(id=each.id, user_id=each.user_id, character_id=each.character_id, started_at=each.started_at)
            for each in found
        ]

    @router.get("/{dialog_id}/messages", responses=PAGED | documented(401, 403, 404))
    async def get_messages(
        dialog_id: Id,
        response: Response,
        caller: Annotated[Caller, Depends(auth.caller)],
        limit: Limit = MOST,
        cursor: Cursor = None,
    ) -> list[MessageOut]:
        """The messages, oldest first. Changed on purpose: the character's `context` is not among them."""
        found = await app.chat.chat.page(caller, dialog_id, limit, cursor)
        set_next_cursor(response, [each.id for each in found], limit)
        return [message_shown(each) for each in found]

    @router.post("/copies", status_code=201, responses=documented(401, 403, 404, 409))
    async def copy_dialog(body: DialogCopy, caller: Annotated[Caller, Depends(auth.caller)]) -> DialogOut:
        """Begin another dialog that has the same past up to a message of yours or its reply."""
        made = await app.chat.copies.copy_up_to(caller, body.message_id)
        return DialogOut(id=made.id, user_id=made.user_id, character_id=made.character_id, started_at=made.started_at)


def _add_marks(router: APIRouter, app: App, auth: BearerAuth) -> None:
    @router.put("/messages/{message_id}/feedback", status_code=204, responses=documented(401, 403, 404, 409))
    async def rate_reply(message_id: Id, body: FeedbackGiven, caller: Annotated[Caller, Depends(auth.caller)]) -> None:
        """Give a reply in a dialog of yours a thumb up or down, or take it back."""
        await app.chat.marks.rate(caller, message_id, body.feedback)

    @router.put("/messages/{message_id}/hidden", status_code=204, responses=documented(401, 403, 404, 409))
    async def hide_message(message_id: Id, body: Hiding, caller: Annotated[Caller, Depends(auth.caller)]) -> None:
        """Hide a message of a dialog of yours from the model, or let it be read again, from the next reply on."""
        await app.chat.marks.hide(caller, message_id, hidden=body.hidden)


def _add_sending(router: APIRouter, app: App, auth: BearerAuth) -> None:
    @router.post(
        "/{character_id}/messages",
        response_model=ChatResponse,
        responses=LIVE | documented(401, 403, 404, 409, 502, 504),
    )
    async def send_message(
        character_id: Id,
        body: StartOrContinueChat,
        request: Request,
        caller: Annotated[Caller, Depends(auth.caller)],
        accept: Annotated[str, Header(include_in_schema=False)] = "",
    ) -> ChatResponse | StreamingResponse:
        """Send a message to a character and wait for the reply.

        The reply is written whether or not you wait: disconnect, and you find it in the dialog. One that broke off
        halfway has the `state` `interrupted` and the text so far.
        """
        client_id = body.client_msg_id or f"api-{secrets.token_hex(16)}"
        with seed_errors({Private: (403, "Private character")}):
            try:
                asked = await app.chat.replies.ask(
                    caller, character_id, body.message, client_id, dialog_id=body.dialog_id
                )
            except Invalid as refusal:
                refusal.field = "message"  # its name in this body
                raise
        if "text/event-stream" in accept:
            return stream_reply(app.chat, request, caller, asked)
        reply = await app.chat.replies.wait_until_ended(caller, asked, app.chat.replies.longest_wait)
        if reply.state == State.RUNNING:
            _ = Texts(read_preferences(request.headers).language)
            raise HTTPException(
                504, _("The reply is taking a while. It's still being written and will appear in the chat.")
            )
        if reply.state == State.FAILED:
            raise ModelFault(sentence_for(reply.fault))
        return ChatResponse(dialog_id=asked.dialog_id, assistant_message=message_shown(reply))

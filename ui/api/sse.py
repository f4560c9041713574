"""Server-sent events: a reply streamed while it is written. Disconnecting loses nothing: it is written to its end."""

import asyncio
from collections.abc import AsyncGenerator, Iterator

from fastapi import Request
from fastapi.responses import StreamingResponse
from fastapi.sse import format_sse_event
from pydantic import BaseModel

from domain.accounts.sessions import Caller
from domain.chat.ask import PendingReply
from domain.chat.tree.events import ReplyChunk, ReplyTakenBack
from domain.errors import AppError, ModelFault
from domain.llm.faults import sentence_for
from domain.model.dialog import Message, State
from domain.services.groups import ChatServices
from ui.api.errors import refusal
from ui.api.schemas import ChatResponse
from ui.api.serializers import message_shown
from ui.request.http import NOT_KEPT

HEARTBEAT = 15
"""Seconds of silence after which a comment is sent as a keep-alive, so that no proxy takes the connection for dead."""
EVENTS = (
    "`begun` once, `piece` for each piece of text, then `reply` with the answer as it would have been without "
    "streaming, or `error` with `status` and `detail`. A second `begun` says that the pieces before it were thoughts "
    "of the model, and the reply begins anew. The id of a piece says how many characters there are with it; "
    "send the same `client_msg_id` and the last id as `Last-Event-ID` to go on after a broken connection."
)


class Begun(BaseModel):
    dialog_id: int
    message_id: int


class Piece(BaseModel):
    at: int
    text: str


class Failed(BaseModel):
    status: int
    detail: str


def stream_reply(chat: ChatServices, request: Request, caller: Caller, asked: PendingReply) -> StreamingResponse:
    """The reply, from the beginning or from where `Last-Event-ID` says the client got to."""
    known = request.headers.get("last-event-id", "")
    is_count = known.isascii() and known.isdecimal() and len(known) < 8  # noqa: PLR2004 - digits
    received = Received(int(known) if is_count else 0)
    return StreamingResponse(
        _events(chat, request, caller, asked, received),
        media_type="text/event-stream",
        headers={**NOT_KEPT, "X-Accel-Buffering": "no"},
    )


class Received:
    """Length of the reply that this client has received, in code points; overlapping pieces are sent once."""

    def __init__(self, length: int) -> None:
        self._length = length

    def begin_anew(self) -> None:
        self._length = 0

    def more(self, at: int, text: str) -> Iterator[bytes]:
        """The event with what is new in `text`, which begins at code point `at` of the reply."""
        start = max(at, self._length)
        if new := text[start - at :]:
            self._length = start + len(new)
            yield _event("piece", Piece(at=start, text=new), str(self._length))


async def _events(
    chat: ChatServices, request: Request, caller: Caller, asked: PendingReply, received: Received
) -> AsyncGenerator[bytes]:
    try:
        with chat.replies.subscribe(caller, asked) as heard:  # before reading, so that nothing is missed in between
            yield _event("begun", Begun(dialog_id=asked.dialog_id, message_id=asked.reply_id))
            reply = await _unless_streamed(chat, caller, asked)
            for event in received.more(0, _text_so_far(chat, asked, reply)):
                yield event
            while reply is None or reply.state == State.RUNNING:
                try:
                    async with asyncio.timeout(HEARTBEAT):
                        fact = await heard.get()
                except TimeoutError:
                    yield b": still here\n\n"
                    continue
                if isinstance(fact, ReplyChunk):
                    for event in received.more(fact.at, fact.text):
                        yield event
                elif isinstance(fact, ReplyTakenBack):
                    received.begin_anew()
                    yield _event("begun", Begun(dialog_id=asked.dialog_id, message_id=asked.reply_id))
                else:
                    reply = await chat.replies.reply(caller, asked)
                    for event in received.more(0, _text_so_far(chat, asked, reply)):
                        yield event
        for event in _end(asked, reply, received):
            yield event
    except AppError as error:
        status, detail = refusal(request, error)
        yield _event("error", Failed(status=status, detail=str(detail)))


async def _unless_streamed(chat: ChatServices, caller: Caller, asked: PendingReply) -> Message | None:
    """The stored reply; None while it is streamed here, since the stored text lags behind."""
    return None if chat.replies.streamed_text(asked) is not None else await chat.replies.reply(caller, asked)


def _text_so_far(chat: ChatServices, asked: PendingReply, reply: Message | None) -> str:
    """The text so far of a reply that has not ended."""
    if reply is None:
        return chat.replies.streamed_text(asked) or ""
    return reply.text if reply.state == State.RUNNING else ""


def _end(asked: PendingReply, reply: Message, received: Received) -> Iterator[bytes]:
    if reply.state == State.FAILED:
        raise ModelFault(sentence_for(reply.fault))
    if reply.state != State.FILTERED:  # the filter's words replace the text instead of continuing it
        yield from received.more(0, reply.text)
    yield _event("reply", ChatResponse(dialog_id=asked.dialog_id, assistant_message=message_shown(reply)))


def _event(name: str, data: BaseModel, event_id: str | None = None) -> bytes:
    return format_sse_event(data_str=data.model_dump_json(), event=name, id=event_id)

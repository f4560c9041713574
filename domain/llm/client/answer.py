"""The answer of a model's server, read as it arrives: its text goes to ChatOpenAI, chunk by chunk, and whatever else it
says is recorded here.

It replaces the openai package's own stream, which takes heartbeats for events, drops what is not in OpenAI's own
format, and builds a tree of models from each chunk only for ChatOpenAI to turn them back into dictionaries.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping
from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING, Any, Self

from domain.llm.client.completion import DONE, Finish, Part, ServerError, parts_of
from domain.llm.client.event_stream import EventDecoder
from domain.text import SurrogateJoiner

if TYPE_CHECKING:
    from httpx2 import Response
    from openai import AsyncOpenAI, AsyncStream, Omit

AFTERWORD_PATIENCE = 3.0
"""Seconds from a finish reason to the end, unless the server says that it is over or more text comes. What comes within
them is read: token counts, and from some servers the rest of the text.
"""
DRAIN_PATIENCE = 0.2  # seconds to read the rest of an answer, so that its connection can be reused
EVENT_LINE = re.compile(r"[\w-]*:|(?:data|event|id|retry)$", re.MULTILINE)
"""Beginning of a line in an event stream, comments included."""
LONGEST_DOCUMENT = 8_000_000  # bytes of an answer that is not a stream


class Answer:
    """`is_replacement` tells whether a text that came with the finish reason `content_filter` is to be shown *instead
    of* the text before it, as YandexGPT's, or is its last piece.
    """

    def __init__(self, is_replacement: Callable[[str], bool]) -> None:
        self._is_replacement = is_replacement
        self._rejoined = SurrogateJoiner()
        self._has_pieces = False
        self._message = ""
        self.thoughts = ""
        self.refusal = ""
        self.replacement = ""
        self.finish: Finish | None = None
        self.wants_tool = False
        self.is_declared_over = False
        """Whether `[DONE]` came, or the answer was a single document, read to its end."""
        self.has_unreadable = False
        self.is_of_a_model = False
        """Whether anything came in the shape of a completion."""
        self.goes_on_after_finish = False
        """Whether this server names a finish reason before it has finished."""
        self.is_thinking = False
        """Whether the newest part consisted of thoughts."""
        self.error: object = None
        self.aside: object = None
        """The server's message in place of a reply, which it did not call an error."""
        self.tokens_in: int | None = None
        self.tokens_out: int | None = None
        self.stream: AnswerStream | None = None
        """The source of the answer, once the server has answered."""

    async def end(self) -> None:
        """Stop reading. The connection is closed, unless the answer was read to its end."""
        if self.stream:
            await self.stream.aclose()

    def take(self, data: str) -> str:
        """Record the data of an event; returns its text."""
        self.is_declared_over |= data.rpartition("\n")[2].strip('"').startswith(DONE)
        return "".join(map(self._text_of, parts_of(data)))

    def _text_of(self, part: Part) -> str:
        self.tokens_in = self.tokens_in if part.tokens_in is None else part.tokens_in
        self.tokens_out = self.tokens_out if part.tokens_out is None else part.tokens_out
        self.error = self.error or part.error
        self.aside = part.aside or self.aside
        self.has_unreadable |= part.is_unreadable
        self.is_of_a_model |= part.is_of_a_model
        self.thoughts += part.thoughts.removeprefix(self.thoughts) if part.is_message else part.thoughts
        self.refusal += part.refusal
        self.wants_tool |= part.wants_tool or part.finish is Finish.TOOL
        text = self._rejoined.feed(self._new_in(part))
        self.goes_on_after_finish |= bool(text and self.finish)
        if part.finish and not (part.finish is Finish.WHOLE and self.finish in {Finish.CUT_OFF, Finish.LIMIT}):
            self.finish = part.finish
        if not part.says_nothing:
            self.is_thinking = bool(part.thoughts and not text)
        if part.finish is Finish.FILTERED and self._is_replacement(text):
            self.replacement = text
            return ""
        return text

    def _new_in(self, part: Part) -> str:
        """The part's text without what came before. Messages in place of deltas hold either all the text so far or only
        what is new; after deltas they repeat what the deltas said.
        """
        if not part.is_message:
            self._has_pieces |= bool(part.text)
            return part.text
        if self._has_pieces:
            return ""
        new = part.text.removeprefix(self._message)
        self._message += new
        return new


class AnswerStream:
    """The stream that ChatOpenAI iterates over: one chunk per piece of the answer that arrives, the first for its head.

    A piece without text, such as a heartbeat or a thought, is a chunk without text: a sign of life.
    """

    def __init__(self, answer: Answer, response: Response) -> None:
        self._answer = answer
        answer.stream = self
        self._response = response
        self._bytes: AsyncGenerator[bytes] = response.aiter_bytes()
        self._decoder: EventDecoder | None = None
        self._document = b""
        self._has_begun = False
        self._is_over = False
        self._over_at: float | None = None  # in the event loop's time

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close the answer, whether or not it has been read to its end.

        Its generator is read until it ends by itself: nothing more comes after `[DONE]`, and once the connection is
        closed, reading fails. A generator of the HTTP library that is merely dropped is closed by the garbage
        collector, perhaps in another thread and while it runs.
        """
        self._is_over = True
        errors = _errors_of_a_connection()
        if self._answer.is_declared_over:
            with suppress(TimeoutError, *errors):
                async with asyncio.timeout(DRAIN_PATIENCE):
                    await self._read_rest()
        await self._response.aclose()
        with suppress(*errors):
            await self._read_rest()

    async def _read_rest(self) -> None:
        async for _ in self._bytes:
            pass

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> dict[str, Any]:
        if not self._has_begun:
            self._has_begun = True
            return _chunk("")
        if self._answer.error:
            raise ServerError(self._answer.error)
        if self._is_over or self._answer.is_declared_over:
            raise StopAsyncIteration
        received = await self._receive()
        text = "".join(self._texts_in(received))
        if received is None:
            self._is_over = True
            self._check_kind()
        return _chunk(text)

    async def _receive(self) -> bytes | None:
        """The next bytes; None at the end."""
        if self._answer.finish and self._over_at is None:
            self._over_at = asyncio.get_running_loop().time() + AFTERWORD_PATIENCE
        try:
            async with asyncio.timeout_at(None if self._answer.goes_on_after_finish else self._over_at):
                return await anext(self._bytes, None)
        except TimeoutError:
            return None

    def _texts_in(self, received: bytes | None) -> Iterator[str]:
        for data in self._events_in(received):
            yield self._answer.take(data)

    def _events_in(self, received: bytes | None) -> Iterator[str]:
        if received is None:
            yield from self._decoder.close() if self._decoder else self._whole_document()
        elif self._decoder:
            yield from self._decoder.feed(received)
        else:
            yield from self._begin(received)

    def _begin(self, received: bytes) -> Iterator[str]:
        """Tell an event stream from a single document by its first character, since the headers may name either."""
        self._document += received
        beginning = self._document.lstrip(b"\xef\xbb\xbf \t\r\n")
        if beginning[:1] in {b"{", b"["}:
            if len(self._document) > LONGEST_DOCUMENT:
                raise ValueError("a document without an end")
        elif beginning[:1] == b"<":
            raise ValueError("a page in place of an answer")
        elif beginning:
            self._decoder = EventDecoder()
            yield from self._decoder.feed(self._document)

    def _check_kind(self) -> None:
        """Raises `ValueError` if all that came was a message of an intermediary, or an answer of another kind. Its text
        stays out of the log, since it may be a reply.
        """
        answer, said = self._answer, _as_text(self._document)
        is_understood = answer.is_of_a_model or answer.error or answer.aside or answer.has_unreadable
        if said and not is_understood and not (self._decoder and EVENT_LINE.match(said)):
            kind = self._response.headers.get("content-type", "something")
            raise ValueError(f"no chat completion, but {kind}")

    def _whole_document(self) -> Iterator[str]:
        if text := _as_text(self._document):
            yield text
            self._answer.is_declared_over = not self._answer.has_unreadable


class Completions:
    """Replaces `AsyncOpenAI.chat.completions` under ChatOpenAI: sends the same request, returns an `AnswerStream`."""

    def __init__(self, client: AsyncOpenAI) -> None:
        self._client = client

    async def create(
        self,
        *,
        answer: Answer,
        extra_headers: Mapping[str, str | Omit],
        extra_body: Mapping[str, object],
        **body: object,
    ) -> AnswerStream:
        stream = await self._client.post(
            "/chat/completions",
            cast_to=object,
            body=body,
            options={
                "headers": extra_headers,
                "extra_json": extra_body,
                "follow_redirects": False,  # the conversation goes to the address in the settings and nowhere else
            },
            stream=True,
            stream_cls=_raw_stream(),
        )
        return AnswerStream(answer, stream.response)


@cache
def _raw_stream() -> type[AsyncStream[object]]:
    """A stream class for the package, which builds the stream itself; only the response in it is used."""
    from openai import AsyncStream

    class RawStream(AsyncStream[object]): ...

    return RawStream


def _as_text(document: bytes) -> str:
    return document.decode("utf-8-sig", errors="replace").strip()


def _chunk(text: str) -> dict[str, Any]:
    return {"choices": [{"index": 0, "delta": {"content": text}}]}


def _errors_of_a_connection() -> tuple[type[Exception], ...]:
    from httpx2 import HTTPError, StreamError

    return HTTPError, StreamError, OSError

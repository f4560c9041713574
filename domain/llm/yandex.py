"""OpenAI-compatible client (adapter): YandexGPT, or any server with the same API, through ChatOpenAI.

The only place that knows langchain. It is imported late because it costs most of a second and 40 MB; `warm` does it
ahead of time, in a thread. Peculiarities of the provider (November 2026) and how they are handled:
- models are addressed as `gpt://<folder>/<model>`, temperature goes from 0 to 1, `stream_options` is not understood;
- the chunk with `content_filter` holds a complete replacement text, not one more piece; some models send the same text
  as an ordinary reply;
- YandexGPT puts the finish reason on its last text and counts no tokens; other models send both after the text;
- a stream may end cleanly in mid-sentence: only a finish reason makes a reply complete;
- requests are stored by the provider unless a header says no.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast
from uuid import uuid4

from domain.llm.chunks import Completions
from domain.llm.faults import CutOff, EmptyReply, Misconfigured, translate
from domain.llm.port import Ending, Outcome, Prompt
from domain.text import SurrogateJoiner, without_controls

if TYPE_CHECKING:
    from langchain_core.messages import AIMessageChunk
    from langchain_openai import ChatOpenAI

REFUSALS = (
    "я не могу обсуждать эту тему. давайте поговорим о чем-нибудь еще",
    "в интернете есть много сайтов с информацией на эту тему",
)
"""How the content filter's own messages begin (Yandex, 2024 to 2026), lower case and without «ё»."""
LONGEST_REFUSAL = 200  # characters; a longer reply may legitimately begin so and then continue
LONGEST_REPLY = 16_000  # characters: a longer reply is a runaway model, and nobody reads on
CONNECT_PATIENCE = 5.0  # seconds
READ_PATIENCE = 60.0  # seconds; a fallback for domain/llm/deadlines.py, which is stricter
AFTERWORD_PATIENCE = 1.0  # seconds to wait for token counts after the text is complete
KEYLESS = "none"  # local servers require no key, but the client insists on one


class ChatModel:
    """A model behind an OpenAI-compatible API.

    `model` may omit the folder (`yandexgpt-lite/latest`) or be complete (`gpt://…`, or any name of another server).
    `max_retries` counts retries before the first chunk; a reply that has begun is never requested again.
    """

    is_demo = False

    def __init__(
        self,
        *,
        base_url: str,
        api_key: str,
        model: str,
        folder_id: str = "",
        temperature: float = 0.6,
        max_reply_tokens: int = 1000,
        max_retries: int = 2,
    ) -> None:
        self._base_url = base_url
        self._api_key = api_key
        self._folder_id = folder_id
        self._temperature = temperature
        self._max_reply_tokens = max_reply_tokens
        self._max_retries = max_retries
        self._address = self._address_of(model)
        self.name = _without_folder(model)
        self._client: ChatOpenAI | None = None
        self._warming = threading.Lock()

    def _address_of(self, model: str) -> str:
        """The model's name as the provider requires it: YandexGPT's include the folder."""
        return f"gpt://{self._folder_id}/{model}" if self._folder_id and not model.startswith("gpt://") else model

    def check_address(self) -> None:
        """Raises `Misconfigured` when the address cannot be one."""
        from httpx2 import URL, InvalidURL

        try:
            URL(self._base_url)
        except InvalidURL as error:
            raise Misconfigured from error

    def warm(self) -> None:
        """Import the library and create the client: slow the first time, so not on the event loop's thread.

        Raises `Misconfigured` if the URL is not valid.
        """
        from httpx2 import InvalidURL

        with self._warming:
            if self._client is None:
                try:
                    self._client = self._build_client()
                except InvalidURL as error:
                    raise Misconfigured from error

    async def reply(self, prompt: Prompt) -> AsyncGenerator[str | Ending]:
        tally = _Tally()
        if self._client is None:
            await asyncio.to_thread(self.warm)
        try:
            async with aclosing(self._ask(prompt)) as chunks:
                async for chunk in chunks:
                    if piece := tally.take(chunk):
                        yield piece
                    if tally.finish:
                        break
                if not tally.overlong:
                    await _afterword(chunks, tally)
        except _foreign_errors() as error:
            raise translate(error, began=tally.length > 0) from error
        yield tally.ending()

    def _ask(self, prompt: Prompt) -> AsyncGenerator[AIMessageChunk]:
        from openai import Omit

        temperature = self._temperature if prompt.temperature is None else prompt.temperature
        longest = min(prompt.longest or self._max_reply_tokens, self._max_reply_tokens)
        # OPENAI_ORG_ID and OPENAI_PROJECT_ID in the environment belong to another account.
        headers: dict[str, str | Omit] = {"x-client-request-id": str(uuid4()), "OpenAI-Organization": Omit()}
        if not self._folder_id:
            headers["OpenAI-Project"] = Omit()
        stream = cast("ChatOpenAI", self._client).astream(
            [(message.role.value, message.text) for message in prompt.messages],
            model=self._address_of(prompt.model) if prompt.model else self._address,
            temperature=min(1.0, max(0.0, temperature)),
            extra_body={"max_tokens": longest},  # as an argument it would be sent under a newer name
            extra_headers=headers,
        )
        return cast("AsyncGenerator[AIMessageChunk]", stream)

    def _build_client(self) -> ChatOpenAI:
        from httpx2 import Timeout
        from langchain_openai import ChatOpenAI
        from pydantic import SecretStr

        class Client(ChatOpenAI):
            """ChatOpenAI drops a chunk without `delta`, and with it a finish reason it may contain."""

            def _convert_chunk_to_generation_chunk(self, chunk: dict[str, Any], *args: Any) -> Any:
                for choice in chunk.get("choices") or ():
                    choice["delta"] = choice.get("delta") or {}
                return super()._convert_chunk_to_generation_chunk(chunk, *args)

        headers = {"x-data-logging-enabled": "false"}
        if self._folder_id:
            headers["OpenAI-Project"] = self._folder_id
        client = Client(
            base_url=self._base_url,
            api_key=SecretStr(self._api_key or KEYLESS),
            model=self._address,
            default_headers=headers,
            max_retries=self._max_retries,
            timeout=Timeout(READ_PATIENCE, connect=CONNECT_PATIENCE),
            stream_chunk_timeout=None,
            stream_usage=False,
            use_responses_api=False,
            output_version="v0",
            openai_proxy=None,
        )
        client.async_client = Completions(client.root_async_client)
        return client


@dataclass
class _Tally:
    """What the chunks so far have revealed about the reply."""

    rejoined: SurrogateJoiner = field(default_factory=SurrogateJoiner)
    length: int = 0
    beginning: str = ""
    finish: str = ""
    overlong: bool = False
    replacement: str = ""
    tokens_in: int | None = None
    tokens_out: int | None = None

    def take(self, chunk: AIMessageChunk) -> str:
        """Record what a chunk says about the ending; returns its text, up to the maximum length."""
        if usage := chunk.usage_metadata:
            self.tokens_in, self.tokens_out = usage["input_tokens"], usage["output_tokens"]
        text = without_controls(self.rejoined.feed(str(chunk.text)))
        finish = str(chunk.response_metadata.get("finish_reason") or "").lower()
        self.finish = self.finish or finish
        if finish == "content_filter":
            self.replacement = text
            return ""
        piece = text[: LONGEST_REPLY - self.length]
        self.length += len(piece)
        if len(self.beginning) < LONGEST_REFUSAL:
            self.beginning += piece
        if len(piece) < len(text):
            self.finish, self.overlong = "length", True
        return piece

    def ending(self) -> Ending:
        """How it ended; raises `EmptyReply` or `CutOff` if it did not end properly."""
        if self.finish == "content_filter":
            outcome = Outcome.FILTERED
        elif self.finish == "stop" and self._is_refusal():
            outcome, self.replacement = Outcome.FILTERED, self.beginning
        elif not self.length:
            raise EmptyReply
        elif not self.finish:
            raise CutOff
        else:
            outcome = Outcome.LENGTH if self.finish == "length" else Outcome.DONE
        return Ending(outcome, self.replacement, self.tokens_in, self.tokens_out)

    def _is_refusal(self) -> bool:
        said = self.beginning.strip().lower().replace("ё", "е")
        return self.length <= LONGEST_REFUSAL and said.startswith(REFUSALS)


async def _afterword(chunks: AsyncIterator[AIMessageChunk], tally: _Tally) -> None:
    """Read on for the token counts; the reply is complete without them, so errors here are ignored."""
    with suppress(*_foreign_errors()):
        async with asyncio.timeout(AFTERWORD_PATIENCE):
            async for chunk in chunks:
                tally.take(chunk)


def _foreign_errors() -> tuple[type[Exception], ...]:
    """Every exception of the library: its own errors, and those caused by a response of the wrong shape."""
    from openai import OpenAIError

    return OpenAIError, OSError, ValueError, LookupError, TypeError, AttributeError


def _without_folder(model: str) -> str:
    return model.removeprefix("gpt://").partition("/")[2] if model.startswith("gpt://") else model

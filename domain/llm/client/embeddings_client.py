"""Embeddings of an OpenAI-compatible server (adapter): one request per text, with vectors as plain numbers.

YandexGPT has two models, one for the texts that are searched and one for the questions; other servers have one for
both. A server without embeddings is noticed once and then left alone until the next start.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING

from domain.llm.client.connections import build_http_client
from domain.llm.client.errors import foreign_errors, refusal_in
from domain.llm.client.request import headers_for
from domain.llm.embeddings import Embedding
from domain.llm.token_estimates import tokens_of

if TYPE_CHECKING:
    from openai import AsyncOpenAI
    from openai.types import CreateEmbeddingResponse

log = logging.getLogger(__name__)

TEXT_PATIENCE, QUESTION_PATIENCE = 20.0, 0.7
"""Timeouts in seconds. A reply waits for the embedding of a question."""
KEYLESS = "none"
LONGEST, SHORTEST = 1_500, 400
"""Characters of a text: the maximum sent at first, and the length up to which it is not shortened any further. Small
models read no more than 512 tokens and refuse longer texts, so those are halved until they are accepted; one of the
second length must have been refused for another reason.
"""
NOT_THERE = {
    *(HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND),
    *(HTTPStatus.METHOD_NOT_ALLOWED, HTTPStatus.NOT_IMPLEMENTED),
    *(HTTPStatus.MOVED_PERMANENTLY, HTTPStatus.FOUND, HTTPStatus.TEMPORARY_REDIRECT, HTTPStatus.PERMANENT_REDIRECT),
}
"""Statuses that any request would get."""
NOT_LIKED = {HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY}
"""Statuses that may be due to the text; a request with a plain word shows whether they are."""
A_PLAIN_WORD = "слово"


class EmbeddingsClient:
    """`texts` and `questions` are the models for each."""

    def __init__(
        self,
        *,
        base_url: str,
        api_key: str,
        texts: str,
        questions: str,
        folder_id: str = "",
        extra_headers: Mapping[str, str] | None = None,
    ) -> None:
        self.name = texts
        self._base_url = base_url
        self._api_key = api_key
        self._folder_id = folder_id
        self._question_name = questions
        self._extra_headers = extra_headers or {}
        self._is_there = True
        self._has_answered = False
        self._longest = LONGEST
        self._client: AsyncOpenAI | None = None
        self._building = threading.Lock()

    async def of_text(self, text: str) -> Embedding | None:
        return await self._embedding(self.name, text, TEXT_PATIENCE)

    async def of_question(self, text: str) -> Embedding | None:
        return await self._embedding(self._question_name, text, QUESTION_PATIENCE)

    def _address_of(self, model: str) -> str:
        return f"emb://{self._folder_id}/{model}" if self._folder_id and not model.startswith("emb://") else model

    async def _embedding(self, model: str, text: str, within: float) -> Embedding | None:
        if not self._is_there:
            return None
        read = text[: self._longest]
        try:
            async with asyncio.timeout(within):
                answer = await self._ask(model, read)
            vector = [float(number) for number in answer.data[0].embedding] if answer.data else []
        except foreign_errors() as error:  # includes timeouts
            if self._is_shortened(read, error):
                return await self._embedding(model, text, within)
            return await self._without_vector(model, error, within)
        self._has_answered = self._has_answered or bool(vector)
        return Embedding(vector, model, _tokens_of(answer, read))

    async def _ask(self, model: str, text: str) -> CreateEmbeddingResponse:
        client = self._client if self._client is not None else await asyncio.to_thread(self._built)
        return await client.embeddings.create(
            model=self._address_of(model),
            input=text,
            encoding_format="float",
            extra_headers=headers_for(self._folder_id),
        )

    def _is_shortened(self, text: str, error: Exception) -> bool:
        """Whether a text that was refused for its length can be sent shorter; from now on, all texts are. llama.cpp
        reports that as a fault of its own (500), so the text would be sent again and again and block the others.
        """
        refusal = refusal_in(error)
        if len(text) <= SHORTEST or not (refusal and refusal.is_overflow):
            return False
        self._longest = min(self._longest, len(text) // 2)
        return True

    async def _without_vector(self, model: str, error: Exception, within: float) -> Embedding | None:
        """Interpret an error of the server. A refused text gets an empty vector. None: the server has no embeddings, or
        has none just now.
        """
        refusal = refusal_in(error)
        status = refusal.status if refusal else None
        if status in NOT_LIKED and (self._has_answered or await self._answers(model, within)):
            log.info("A text is refused an embedding (status %s)", status)
            return Embedding((), model, 0)
        if status not in NOT_THERE | NOT_LIKED:
            log.info("No embedding just now: %s", type(error).__name__)
        elif self._is_there:
            self._is_there = False
            log.warning(
                "The server has no embeddings by %s (status %s): memory goes by words until the next start.",
                model.rpartition("/")[2] if self._folder_id else model,
                status,
            )
        return None

    async def _answers(self, model: str, within: float) -> bool:
        """Whether the server has a vector for a plain word."""
        try:
            async with asyncio.timeout(within):
                self._has_answered = bool((await self._ask(model, A_PLAIN_WORD)).data)
        except foreign_errors():
            return False
        return self._has_answered

    def _built(self) -> AsyncOpenAI:
        with self._building:
            if self._client is None:
                self._client = self._build()
            return self._client

    def _build(self) -> AsyncOpenAI:
        from httpx2 import Timeout
        from openai import AsyncOpenAI

        headers = {"x-data-logging-enabled": "false", **self._extra_headers}
        if self._folder_id:
            headers["OpenAI-Project"] = self._folder_id
        return AsyncOpenAI(
            base_url=self._base_url,
            api_key=self._api_key or KEYLESS,
            default_headers=headers,
            max_retries=0,
            timeout=TEXT_PATIENCE,
            http_client=build_http_client(Timeout(TEXT_PATIENCE)),  # unlike the package's own, it follows no redirects
        )


def _tokens_of(answer: CreateEmbeddingResponse, text: str) -> int:
    """The server's token count, else an estimate."""
    counted = getattr(getattr(answer, "usage", None), "total_tokens", None)
    return counted if isinstance(counted, int) and counted > 0 else tokens_of(text)

"""Embeddings of an OpenAI-compatible server (adapter): one request a text, with numbers written as numbers.

YandexGPT has two models, one for what is searched and one for what is asked; other servers have one for both. A server
that has none is noticed once and then left alone until the next start.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING

from domain.llm.client.errors import foreign_errors, refusal_in
from domain.llm.client.request import headers_for

if TYPE_CHECKING:
    from openai import AsyncOpenAI

log = logging.getLogger(__name__)

TEXT_PATIENCE, QUESTION_PATIENCE = 20.0, 0.7
"""Seconds. A question stands in the way of a reply."""
KEYLESS = "none"
LONGEST = 1_500
"""Characters: small models read no more than 512 tokens, and refuse what is longer."""
NOT_THERE = {
    *(HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND),
    *(HTTPStatus.METHOD_NOT_ALLOWED, HTTPStatus.NOT_IMPLEMENTED),
}
"""Statuses that every request will get."""
NOT_LIKED = {HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY}
"""Statuses that may be about the text, if others got a vector."""


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
        self._texts = self._address_of(texts)
        self._questions = self._address_of(questions)
        self._extra_headers = extra_headers or {}
        self._is_there = True
        self._has_answered = False
        self._client: AsyncOpenAI | None = None
        self._building = threading.Lock()

    async def of_text(self, text: str) -> list[float] | None:
        return await self._ask(self._texts, text, TEXT_PATIENCE)

    async def of_question(self, text: str) -> list[float] | None:
        return await self._ask(self._questions, text, QUESTION_PATIENCE)

    def _address_of(self, model: str) -> str:
        return f"emb://{self._folder_id}/{model}" if self._folder_id and not model.startswith("emb://") else model

    async def _ask(self, model: str, text: str, within: float) -> list[float] | None:
        if not self._is_there:
            return None
        client = self._client if self._client is not None else await asyncio.to_thread(self._built)
        try:
            async with asyncio.timeout(within):
                answer = await client.embeddings.create(
                    model=model,
                    input=text[:LONGEST],
                    encoding_format="float",
                    extra_headers=headers_for(self._folder_id),
                )
            vector = [float(number) for number in answer.data[0].embedding]
        except foreign_errors() as error:  # a timeout is one, too
            self._note(model, error)
            return None
        self._has_answered = self._has_answered or bool(vector)
        return vector or None

    def _note(self, model: str, error: Exception) -> None:
        refusal = refusal_in(error)
        status = refusal.status if refusal else None
        if status not in NOT_THERE and (status not in NOT_LIKED or self._has_answered):
            log.info("No embedding just now: %s", type(error).__name__)
        elif self._is_there:
            self._is_there = False
            log.warning(
                "The server has no embeddings by %s (status %s): memory goes by words until the next start.",
                model.rpartition("/")[2] if self._folder_id else model,
                status,
            )

    def _built(self) -> AsyncOpenAI:
        with self._building:
            if self._client is None:
                self._client = self._build()
            return self._client

    def _build(self) -> AsyncOpenAI:
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
        )

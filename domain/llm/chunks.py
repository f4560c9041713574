"""Stream chunks: a streamed reply's chunks passed on as plain dictionaries, for speed.

The openai package builds a tree of models from each chunk, and ChatOpenAI turns them back into dictionaries: together a
third of the CPU of a reply. Dictionaries pass through ChatOpenAI unchanged.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from openai import AsyncOpenAI, AsyncStream, Omit


class Completions:
    """Replaces `AsyncOpenAI.chat.completions` under ChatOpenAI: the same request, plainer chunks."""

    def __init__(self, client: AsyncOpenAI) -> None:
        self._client = client

    async def create(
        self, *, extra_headers: Mapping[str, str | Omit], extra_body: Mapping[str, object], **body: object
    ) -> AsyncStream[object]:
        from openai import AsyncStream

        return await self._client.post(
            "/chat/completions",
            cast_to=object,
            body=body,
            options={"headers": extra_headers, "extra_json": extra_body},
            stream=True,
            stream_cls=AsyncStream[object],
        )

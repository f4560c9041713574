"""Background jobs (interface): they start and close with the server (ui/serving/lifespan.py)."""

from __future__ import annotations

from typing import Protocol


class BackgroundJob(Protocol):
    """A background job: it works beside the requests for as long as the server runs."""

    async def start(self) -> None: ...

    async def close(self) -> None: ...

"""Client disconnects: clients that left before their request was complete."""

from __future__ import annotations

from fastapi import Request, Response


async def nobody_waits(_request: Request, _error: Exception) -> Response:
    """Nothing is broken here, and nobody reads the response."""
    return Response(status_code=400)

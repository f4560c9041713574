"""Authentication before parsing: FastAPI parses the body before all else; these routes authenticate first."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute


def authenticate_first(ask: Callable[[Request], Awaitable[None]]) -> type[APIRoute]:
    """For `APIRouter(route_class=…)`: `ask` refuses by raising, and may store what it found in `request.state`."""

    class AskingFirst(APIRoute):
        def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
            handle = super().get_route_handler()

            async def asked(request: Request) -> Response:
                await ask(request)
                return await handle(request)

            return asked

    return AskingFirst

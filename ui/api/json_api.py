"""JSON API as the site mounts it: an ASGI application that is built at the first request of a program."""

import asyncio
from typing import Any

from fastapi import FastAPI
from starlette.types import Receive, Scope, Send

from ui.app import App
from ui.loading import loading_for_good
from ui.request.http import PREFIX


class JsonApi:
    """Built late: its routes and schemas take a tenth of a start, and on many servers no program ever calls it."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._built: FastAPI | None = None
        self._building = asyncio.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        api = await self.built()
        await api(scope, receive, send)

    async def built(self) -> FastAPI:
        """Build it in a thread: the first caller waits for a fifth of a second, but nobody who looks at pages does."""
        async with self._building:
            if self._built is None:
                with loading_for_good():
                    self._built = await asyncio.to_thread(self.build)
            return self._built

    def build(self) -> FastAPI:
        from ui.api.application import application  # with every schema: this is the cost put off

        return application(self._app)

    async def description(self) -> dict[str, Any]:
        """The OpenAPI description, with the paths as clients write them."""
        api = await self.built()
        described = await asyncio.to_thread(api.openapi)  # the first time takes a fifth of a second
        return described | {"paths": {PREFIX + path: told for path, told in described["paths"].items()}}

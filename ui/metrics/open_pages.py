"""Open pages: the number with a socket now, and the number of reconnects after a cut."""

from __future__ import annotations

from collections.abc import Mapping

from nicegui import Client
from nicegui import app as nicegui_app


class OpenPages:
    def __init__(self) -> None:
        self._joined: set[str] = set()
        self._reconnects = 0
        nicegui_app.on_connect(self._on_connect)
        nicegui_app.on_delete(self._on_delete)

    async def figures(self) -> Mapping[str, float]:
        pages = sum(client.has_socket_connection for client in Client.instances.values())
        return {"pages_open": pages, "socket_reconnects": self._reconnects}

    def _on_connect(self, client: Client) -> None:
        self._reconnects += client.id in self._joined
        self._joined.add(client.id)

    def _on_delete(self, client: Client) -> None:
        self._joined.discard(client.id)

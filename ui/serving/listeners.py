"""Listening sockets: where HOST and PORT say, by both families where HOST means everybody by both."""

from __future__ import annotations

import socket

from domain.settings import Settings

EVERYBODY = "::"


def listeners_for(settings: Settings) -> list[socket.socket] | None:
    """One for each family where HOST means everybody by both, since asyncio would listen by IPv6 alone; else uvicorn
    makes its own.
    """
    if settings.host != EVERYBODY:
        return None
    listeners = []
    for family, host in ((socket.AF_INET6, EVERYBODY), (socket.AF_INET, "0.0.0.0")):  # noqa: S104 - as HOST asks
        listener = socket.socket(family)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        listener.bind((host, settings.port))
        listeners.append(listener)
    return listeners

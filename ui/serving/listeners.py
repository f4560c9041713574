"""Listening sockets at HOST and PORT, of both address families if HOST means everybody by both."""

from __future__ import annotations

import errno
import socket

from domain.settings.settings import Settings

EVERYBODY = "::"
BACKLOG = 2048  # as uvicorn has it
LACKING = (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT)
"""Error codes for an IPv6 address on a machine without IPv6; "localhost" may have one beside its IPv4 address."""


def listeners_for(settings: Settings) -> list[socket.socket]:
    """One for each address of HOST, before anything is printed: `OSError` if one is taken, or if there is none. They
    listen at once, since on Linux two sockets may be bound to one port until one of them does.
    """
    listeners: list[socket.socket] = []
    lacking: OSError | None = None
    for family, address in _addresses(settings.host, settings.port):
        try:
            listeners.append(_listening(family, address))
        except OSError as error:
            if error.errno not in LACKING:
                _close(listeners)
                raise
            lacking = error
    if lacking and not listeners:
        raise lacking
    return listeners


def _addresses(host: str, port: int) -> list[tuple[int, tuple[object, ...]]]:
    hosts = (EVERYBODY, "0.0.0.0") if host == EVERYBODY else (host,)  # noqa: S104 - as HOST asks
    try:
        found = [each for name in hosts for each in socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)]
    except UnicodeError as error:
        raise OSError(errno.EINVAL, "This cannot be the name of a machine") from error
    return list(dict.fromkeys((family, address) for family, _, _, _, address in found))


def _listening(family: int, address: tuple[object, ...]) -> socket.socket:
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # after a restart old connections linger
        if family == socket.AF_INET6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        listener.bind(address)
        listener.listen(BACKLOG)
    except OSError:
        listener.close()
        raise
    return listener


def _close(listeners: list[socket.socket]) -> None:
    for each in listeners:
        each.close()

"""Ports for servers that are told their port before they start."""

from __future__ import annotations

import socket
import sys

_held: list[socket.socket] = []


def free_port() -> int:
    """A port of 127.0.0.1 where nobody listens, and which nobody else is given while this process runs.

    It stays bound here, without listening. Otherwise another worker that binds to any free port or connects to anything
    could take it before its server starts, or while that is restarted. The server, which asks for it by number, gets it
    all the same, since both set SO_REUSEADDR; until then connections are refused. That is so on Linux; on macOS the
    server would not get it, so it is released.
    """
    holder = socket.socket()
    holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    holder.bind(("127.0.0.1", 0))
    port = int(holder.getsockname()[1])
    if sys.platform == "linux":
        _held.append(holder)
    else:
        holder.close()
    return port

"""Connections to the model's server: kept between the turns of a talk, and probed while it is silent.

Between two messages of a person lies more than the five seconds that the libraries keep a connection for; each turn
would begin with a new one, which is two or three round trips under TLS before anything is asked.
"""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING
from urllib.request import getproxies

if TYPE_CHECKING:
    from httpx2 import AsyncClient, Timeout

KEPT_FOR = 55.0
"""Seconds without a request. Servers and balancers close idle ones after a minute or more; of one that was closed
earlier we know, and do not use it.
"""
MOST, MOST_IDLE = 1000, 100  # as in the openai package
PROBES = (
    (socket.SOL_SOCKET, "SO_KEEPALIVE", 1),
    (socket.IPPROTO_TCP, "TCP_KEEPIDLE", 60),  # seconds
    (socket.IPPROTO_TCP, "TCP_KEEPINTVL", 10),  # seconds
    (socket.IPPROTO_TCP, "TCP_KEEPCNT", 3),
    (socket.IPPROTO_TCP, "TCP_USER_TIMEOUT", 120_000),  # milliseconds
)
"""Socket options, by the names that a system may lack: a server that reads a long prompt says nothing for minutes, and
what lies between forgets silent connections.
"""


def build_http_client(timeout: Timeout) -> AsyncClient:
    """The client for ChatOpenAI, through the proxies of the environment if there are any: those exclude our own
    transport, and with it the probes.
    """
    from httpx2 import AsyncClient, AsyncHTTPTransport, Limits

    limits = Limits(max_connections=MOST, max_keepalive_connections=MOST_IDLE, keepalive_expiry=KEPT_FOR)
    if getproxies():
        return AsyncClient(timeout=timeout, limits=limits)
    options = [(level, getattr(socket, name), value) for level, name, value in PROBES if hasattr(socket, name)]
    return AsyncClient(timeout=timeout, transport=AsyncHTTPTransport(limits=limits, socket_options=options))

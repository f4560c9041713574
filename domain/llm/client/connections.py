"""Connections to the model's server: kept between the turns of a talk, and probed while the server is silent.

Between two messages of a person, more time passes than the five seconds for which the libraries keep a connection. Each
turn would open a new one, which takes two or three round trips under TLS before anything is asked.
"""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING
from urllib.request import getproxies

if TYPE_CHECKING:
    from httpx2 import AsyncClient, Timeout

KEPT_FOR = 55.0
"""Seconds for which an idle connection is kept. Servers and balancers close idle ones after a minute or more; one that
they close earlier is noticed and not used.
"""
MOST, MOST_IDLE = 1000, 100  # as in the openai package
PROBES = (
    (socket.SOL_SOCKET, "SO_KEEPALIVE", 1),
    (socket.IPPROTO_TCP, "TCP_KEEPIDLE", 60),  # seconds
    (socket.IPPROTO_TCP, "TCP_KEEPINTVL", 10),  # seconds
    (socket.IPPROTO_TCP, "TCP_KEEPCNT", 3),
    (socket.IPPROTO_TCP, "TCP_USER_TIMEOUT", 120_000),  # milliseconds
)
"""Socket options for keepalive probes, by name since a system may lack some: a server that reads a long prompt says
nothing for minutes, and whatever lies between forgets silent connections.
"""


def build_http_client(timeout: Timeout) -> AsyncClient:
    """The HTTP client for the model's server. With proxies in the environment, it goes through them and has no probes,
    since they exclude a transport of our own.
    """
    from httpx2 import AsyncClient, AsyncHTTPTransport, Limits

    limits = Limits(max_connections=MOST, max_keepalive_connections=MOST_IDLE, keepalive_expiry=KEPT_FOR)
    if getproxies():
        return AsyncClient(timeout=timeout, limits=limits)
    options = [(level, getattr(socket, name), value) for level, name, value in PROBES if hasattr(socket, name)]
    return AsyncClient(timeout=timeout, transport=AsyncHTTPTransport(limits=limits, socket_options=options))

"""Web origins: scheme, host and port of an address, written as browsers write them in the header `Origin`."""

from __future__ import annotations

from ipaddress import IPv6Address
from urllib.parse import urlsplit

import idna

DEFAULT_PORTS = {"http": 80, "https": 443}


def origin_of(address: str) -> str:
    """The origin of an address (RFC 6454, 6.2): in lower case, the domain in its ASCII form, without a default port.

    Raises `ValueError` if the address has none.
    """
    parts = urlsplit(address)
    host = parts.hostname
    if parts.scheme not in DEFAULT_PORTS or not host:
        raise ValueError("not a web address")
    if ":" in host:
        host = f"[{IPv6Address(host).compressed}]"
    elif not host.isascii():
        host = idna.encode(host, uts46=True).decode()
    port = "" if parts.port in {None, DEFAULT_PORTS[parts.scheme]} else f":{parts.port}"
    return f"{parts.scheme}://{host}{port}"

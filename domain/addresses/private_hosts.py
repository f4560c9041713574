"""Private hosts: this machine and its own network, which no proxy on the way to the net should be asked for."""

from __future__ import annotations

from ipaddress import ip_address

LOCAL_DOMAINS = (".localhost", ".local", ".lan", ".internal", ".home.arpa")
"""Top-level domains that only a local network resolves (RFC 6761, 6762, 8375; ICANN reserves `internal`)."""


def is_private(host: str) -> bool:
    """Whether the address, or by its form the name, is one that the net does not know."""
    try:
        return not ip_address(host).is_global
    except ValueError:
        name = host.lower().rstrip(".")
        return "." not in name or name.endswith(LOCAL_DOMAINS)

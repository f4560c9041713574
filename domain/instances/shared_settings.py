"""Shared settings: those that must be the same in all instances over one database, and fingerprints to compare them.

A fingerprint tells whoever reads the database nothing: its key is the secret, which has 32 bytes or more.
"""

from __future__ import annotations

import hmac

from domain.secret import signing_secret
from domain.settings.settings import Settings
from storage.wire.select import is_broker

FINGERPRINT = 16  # hexadecimal digits


def fingerprints(settings: Settings) -> dict[str, str]:
    """By the setting's name, the most telling first: with another secret all others differ, too."""
    shared = {
        "JWT_SECRET": "",  # the key itself
        # Tokens name it, links and cookies follow it. Where it is not set, each takes its own HOST and PORT.
        "PUBLIC_URL": settings.address,
        # Machines may reach one server by different addresses, but it must be of one kind.
        "BUS_URL": "broker" if is_broker(settings.bus_url) else "database",
        "PICTURES_URL": settings.pictures_url,
    }
    return {name: _fingerprint(signing_secret(settings), name, value) for name, value in shared.items()}


def _fingerprint(secret: str, name: str, value: str) -> str:
    told = f"the same in all instances\0{name}\0{value}".encode()
    return hmac.new(secret.encode(), told, "sha256").hexdigest()[:FINGERPRINT]

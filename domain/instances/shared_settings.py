"""Shared settings: those that all instances on one database must share, and fingerprints to compare them.

A fingerprint reveals nothing to whoever reads the database: its key is the secret, which has 32 bytes or more.
"""

from __future__ import annotations

import hmac

from domain.secret import signing_secret
from domain.settings.settings import Settings
from storage.wire.select import is_broker

FINGERPRINT = 16  # hexadecimal digits


def fingerprints(settings: Settings) -> dict[str, str]:
    """Fingerprints by the setting's name, the most telling first: if the secret differs, all others do, too."""
    shared = {
        "JWT_SECRET": "",  # it is the key of the fingerprint
        # It is in tokens, and links and cookies depend on it. If it is not set, each instance uses its HOST and PORT.
        "PUBLIC_URL": settings.address,
        # Machines may reach the same server by different addresses, so only its kind is compared.
        "BUS_URL": "broker" if is_broker(settings.bus_url) else "database",
        "PICTURES_URL": settings.pictures_url,
    }
    return {name: _fingerprint(signing_secret(settings), name, value) for name, value in shared.items()}


def _fingerprint(secret: str, name: str, value: str) -> str:
    told = f"the same in all instances\0{name}\0{value}".encode()
    return hmac.new(secret.encode(), told, "sha256").hexdigest()[:FINGERPRINT]

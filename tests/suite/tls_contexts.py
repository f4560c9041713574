"""TLS contexts kept from one HTTP client to the next.

Each client reads all the world's certificates before its first request: 23 ms, though most of those here ask a server
on loopback without TLS. The clients of the product and of its libraries are spared it as well.
"""

from __future__ import annotations

import os
import ssl
from functools import cache
from typing import Any

import httpx
import pytest

PLACES = ("SSL_CERT_FILE", "SSL_CERT_DIR")


def keep(patch: pytest.MonkeyPatch) -> None:
    make = httpx.create_ssl_context

    @cache
    def usual(trust_env: bool, *_places: str | None) -> ssl.SSLContext:
        return make(trust_env=trust_env)

    def kept(verify: Any = True, cert: Any = None, trust_env: bool = True) -> ssl.SSLContext:
        if verify is True and cert is None:
            return usual(trust_env, *map(os.environ.get, PLACES))
        return make(verify=verify, cert=cert, trust_env=trust_env)

    patch.setattr("httpx._transports.default.create_ssl_context", kept)

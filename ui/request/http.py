"""HTTP: addresses, response headers and parameters that several routes share."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query

from storage.columns import LARGEST_ID

SomeId = Annotated[int | None, Query(ge=1, le=LARGEST_ID)]

PREFIX = "/api"
API = f"{PREFIX}/"
"""Prefix of the JSON API, which other sites may be allowed to use (CORS_ORIGINS): it takes tokens, not cookies."""
SOCKET = "/_nicegui_ws"
SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
NOT_KEPT = {"Cache-Control": "no-store"}
FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable"}
"""Headers for addresses that change with the content."""
SCRIPTS = "/scripts/"
"""Prefix of the script bundles, whose names contain a hash of the content, so that browsers may keep them for good."""

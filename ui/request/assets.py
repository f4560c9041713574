"""Static files: our own pictures and sheets; an address with a hash of the content may be cached forever."""

from __future__ import annotations

import hashlib
from functools import cache
from os import PathLike, stat_result
from pathlib import Path

from fastapi import Response
from fastapi.staticfiles import StaticFiles
from starlette.types import Scope

from ui.request.http import FOR_EVER

MOUNTED = "/assets"
ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "assets"
FOR_AN_HOUR = {"Cache-Control": "public, max-age=3600"}


@cache
def asset(path: str) -> str:
    """The address of a file in the folder of assets, with the hash of its content."""
    version = hashlib.sha256((FOLDER / path).read_bytes()).hexdigest()[:12]
    return f"{MOUNTED}/{path}?v={version}"


class Assets(StaticFiles):
    """Cached for good under an address made by `asset`, for an hour under one without a hash."""

    def file_response(
        self, full_path: str | PathLike[str], stat_result: stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        response = super().file_response(full_path, stat_result, scope, status_code)
        is_versioned = scope["query_string"].startswith(b"v=")
        response.headers.update(FOR_EVER if is_versioned else FOR_AN_HOUR)
        return response

"""Picture responses, wherever the picture lies: whole, a part of it (Range), or nothing new (If-None-Match)."""

from __future__ import annotations

import re
from email.utils import format_datetime

from fastapi import Request, Response

from storage.files import StoredFile

FOREVER = {"Cache-Control": "private, max-age=31536000, immutable"}
"""Headers of pictures, which never change under their names. Private: a shared cache would not check who may see them.
"""
ONE_RANGE = re.compile(r"bytes=(\d*)-(\d*)")
"""Range header with a single range. Nobody needs several parts of a picture: then it is sent whole, as HTTP allows."""
NOT_MODIFIED, PARTIAL, UNSATISFIABLE = 304, 206, 416


def tag_of(token: str, size: str) -> str:
    """The ETag of a picture, whose name stands for its content."""
    return f'"{token}-{size}"'


def not_modified(request: Request, tag: str) -> Response | None:
    """A 304 if the browser has it already. Permissions have been checked before: a cache gives none."""
    known = [each.strip().removeprefix("W/") for each in request.headers.get("if-none-match", "").split(",")]
    return Response(status_code=NOT_MODIFIED, headers={**FOREVER, "ETag": tag}) if tag in known else None


def picture_response(request: Request, stored: StoredFile, tag: str) -> Response:
    modified = format_datetime(stored.modified_at, usegmt=True)
    headers = {**FOREVER, "ETag": tag, "Last-Modified": modified, "Accept-Ranges": "bytes"}
    size = len(stored.data)
    asked = ONE_RANGE.fullmatch(request.headers.get("range", ""))
    if asked is None or not any(asked.groups()) or request.headers.get("if-range", tag) not in {tag, modified}:
        return Response(stored.data, media_type="image/webp", headers=headers)
    part = _part(asked[1], asked[2], size)
    if not part:
        return Response(status_code=UNSATISFIABLE, headers={"Content-Range": f"bytes */{size}"})
    headers["Content-Range"] = f"bytes {part.start}-{part.stop - 1}/{size}"
    return Response(stored.data[part.start : part.stop], PARTIAL, headers, "image/webp")


def _part(first: str, last: str, size: int) -> range:
    """The range of `2-5`, `2-` (to the end) or `-5` (the last five bytes)."""
    if not first:
        return range(max(0, size - int(last)), size)
    return range(int(first), min(int(last) + 1, size) if last else size)

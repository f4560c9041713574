"""Picture responses, wherever the picture lies: whole, a part of it (Range), or nothing new (If-None-Match)."""

from __future__ import annotations

import re
from email.utils import format_datetime

from fastapi import Request, Response

from storage.files import StoredFile

FOREVER = {"Cache-Control": "private, max-age=31536000, immutable"}
"""A photo never changes under its name. Private, since a shared cache would not check who may see it."""
ONE_RANGE = re.compile(r"bytes=(\d*)-(\d*)")
"""Several parts in one answer are what no picture needs: then it is sent whole, as HTTP allows."""
NOT_MODIFIED, PARTIAL, UNSATISFIABLE = 304, 206, 416


def tag_of(token: str, size: str) -> str:
    """Its name stands for its content."""
    return f'"{token}-{size}"'


def not_modified(request: Request, tag: str) -> Response | None:
    """If the browser has it already. Whoever asks has been checked before: a cache gives no permission."""
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
    """`2-5`, `2-` to the end, `-5` the last five bytes."""
    if not first:
        return range(max(0, size - int(last)), size)
    return range(int(first), min(int(last) + 1, size) if last else size)

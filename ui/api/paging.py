"""Cursor pagination of API lists: the body stays a plain array, the next cursor is a header."""

from fastapi import Response

from ui.api.errors import Documented

NEXT = "X-Next-Cursor"
PAGED: Documented = {
    200: {
        "headers": {
            NEXT: {"description": "`cursor` of the next page; missing at the end.", "schema": {"type": "string"}}
        }
    }
}


def set_next_cursor(response: Response, ids: list[int], limit: int) -> None:
    """Set the header after a full page. That may be the last one, too; then the next is empty."""
    if len(ids) == limit:
        response.headers[NEXT] = str(ids[-1])

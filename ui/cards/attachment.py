"""Names of downloads: Russian ones too, whatever the browser or the program that fetches knows of them."""

from __future__ import annotations

from urllib.parse import quote


def attachment(name: str) -> str:
    """A Content-Disposition (RFC 6266) for a file of this name; a plain one stands by for whom only ASCII is known."""
    suffix = name.rpartition(".")[2]
    return f"attachment; filename=\"beseda.{suffix}\"; filename*=UTF-8''{quote(name, safe='')}"

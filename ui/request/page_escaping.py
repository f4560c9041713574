"""Page escaping: a page's contents are JSON within HTML, in which five signs have to be escaped.

NiceGUI looks each letter up in a table: 1.4 ms of CPU for 24,000 letters if some are not ASCII, a tenth of a page. Here
the signs are replaced one after the other, which takes a twentieth of that.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

from nicegui import client, json


def escape_at_once() -> None:
    """NiceGUI has no setting for it, so the JSON of its pages is a text that escapes itself."""
    client.json = SimpleNamespace(dumps=_dumps, loads=json.loads)  # type: ignore[assignment,attr-defined]  # a module there


class PageText(str):
    """JSON as a page has it."""

    __slots__ = ()

    def translate(self, table: Mapping[int, str], /) -> str:  # type: ignore[override]  # as NiceGUI calls it
        escaped = str(self)
        for sign, stand_in in sorted(table.items(), key=lambda pair: pair[0] != ord("&")):  # it begins the others
            escaped = escaped.replace(chr(sign), stand_in)
        return escaped


def _dumps(value: Any) -> PageText:
    return PageText(json.dumps(value))

"""Overview (components): stat tiles, the heat map, the auto-refresh switch."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import ClassVar, TypedDict

from nicegui import ui

from ui.socket.shapes import Takes


class Tile(TypedDict):
    """`change` is «+12 %», `before` the old value; `tone` "good", "bad" or ""; `href` leads to the list behind it."""

    label: str
    value: str
    change: str
    before: str
    tone: str
    href: str


class Tiles(ui.element, component="tiles.js"):
    def __init__(self, tiles: Sequence[Tile]) -> None:
        super().__init__()
        self.show(tiles)

    def show(self, tiles: Sequence[Tile]) -> None:
        self._props["tiles"] = list(tiles)
        self.update()


class HeatMap(ui.element, component="heat_map.js"):
    """`heat` is a row of 24 counts for each of `days`."""

    def __init__(self, caption: str, days: Sequence[str], heat: Sequence[Sequence[int]]) -> None:
        super().__init__()
        self._props["caption"] = caption
        self._props["days"] = list(days)
        self.show(heat)

    def show(self, heat: Sequence[Sequence[int]]) -> None:
        self._props["heat"] = [list(row) for row in heat]
        self.update()


class AutoRefresh(ui.element, component="auto_refresh.js"):
    """Calls `beat` every few seconds while it is switched on and the page is visible."""

    TAKES: ClassVar[Takes] = {"beat": None}

    def __init__(self, label: str, beat: Callable[[], Awaitable[None]], *, seconds: int = 10) -> None:
        super().__init__()
        self._props["label"] = label
        self._props["every"] = seconds * 1000
        self.on("beat", beat)

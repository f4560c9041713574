"""Action button: performs the action of a window or a form."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from nicegui import ui


class ActionButton(ui.button):
    """Acts once: a second click while the action runs, or while its window closes, is ignored. People double-click,
    and a window takes a moment to close.
    """

    def __init__(self, words: str, do: Callable[[], Awaitable[None]], window: ui.dialog | None = None) -> None:
        super().__init__(words, on_click=self._do_once)
        self._do = do
        self._window = window
        self._is_doing = False

    async def _do_once(self) -> None:
        if self._is_doing or (self._window is not None and not self._window.value):
            return
        self._is_doing = True
        try:
            with self.client:  # notices belong to the page, since the window may have been closed meanwhile
                await self._do()
        finally:
            self._is_doing = False

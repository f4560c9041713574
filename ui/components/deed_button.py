"""Action button: it does what a window or a form is for."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from nicegui import ui


class DeedButton(ui.button):
    """Does it once: a second click while it is being done, or while the window that is done with goes, is no other
    deed. People double-click, and a window takes a moment to go.
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
            with self.client:  # what is said then is said on the page: the window may have gone meanwhile
                await self._do()
        finally:
            self._is_doing = False
